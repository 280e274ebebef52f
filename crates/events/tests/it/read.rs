use std::time::Duration;

use covergen_events::{Position, Tail};
use futures::StreamExt;

use crate::engine::{Engine, on_both_engines, record, records};

on_both_engines!(
    reading_goes_on_page_by_page_to_the_end,
    reading_can_begin_at_a_time,
    a_tail_shows_what_was_and_what_comes,
    a_tail_from_the_end_shows_only_what_comes,
    every_tail_sees_every_event,
);

async fn following(tail: &mut Tail) -> String {
    let stored = tokio::time::timeout(Duration::from_secs(20), tail.next())
        .await
        .expect("an event within 20 s")
        .expect("the tail goes on")
        .unwrap();
    stored.record.headers["n"].clone()
}

async fn reading_goes_on_page_by_page_to_the_end(engine: Engine) {
    let sent = records(25);
    engine.log.publish(sent.clone()).await.unwrap();
    let (mut from, mut back) = (Position::Beginning, Vec::new());
    loop {
        let page = engine.log.read("cover", from, 10).await.unwrap();
        assert!(page.len() <= 10);
        let Some(last) = page.last() else { break };
        from = Position::Sequence(last.sequence + 1);
        back.extend(page.into_iter().map(|stored| stored.record));
    }
    assert_eq!(back, sent);
    let none = engine.log.read("cover", Position::End, 10).await.unwrap();
    assert!(none.is_empty());
}

async fn reading_can_begin_at_a_time(engine: Engine) {
    engine.log.publish(records(3)).await.unwrap();
    let before = engine.log.read("cover", Position::Beginning, 3).await;
    let mark = before.unwrap()[2].published_at + Duration::from_millis(2);
    // The log's clock must have moved past the mark.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let later = record(9);
    engine.log.publish(vec![later.clone()]).await.unwrap();
    let read = engine.log.read("cover", Position::Time(mark), 10).await;
    let read = read.unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].record, later);
}

async fn a_tail_shows_what_was_and_what_comes(engine: Engine) {
    engine.log.publish(records(300)).await.unwrap();
    let mut tail = engine.log.tail("cover", Position::Beginning).await.unwrap();
    for n in 0..300 {
        assert_eq!(following(&mut tail).await, n.to_string());
    }
    engine.log.publish(vec![record(300)]).await.unwrap();
    assert_eq!(following(&mut tail).await, "300");
    engine.log.close().await.unwrap();
    let end = tokio::time::timeout(Duration::from_secs(20), tail.next()).await;
    assert!(end.expect("the tail ends with the log").is_none());
}

async fn a_tail_from_the_end_shows_only_what_comes(engine: Engine) {
    engine.log.publish(records(3)).await.unwrap();
    let mut tail = engine.log.tail("cover", Position::End).await.unwrap();
    // Published before the first look, after the call.
    engine.log.publish(vec![record(7)]).await.unwrap();
    assert_eq!(following(&mut tail).await, "7");
}

async fn every_tail_sees_every_event(engine: Engine) {
    let mut a = engine.log.tail("cover", Position::Beginning).await.unwrap();
    let mut b = engine.log.tail("cover", Position::Beginning).await.unwrap();
    engine.log.publish(records(2)).await.unwrap();
    for n in ["0", "1"] {
        assert_eq!(following(&mut a).await, n);
        assert_eq!(following(&mut b).await, n);
    }
}
