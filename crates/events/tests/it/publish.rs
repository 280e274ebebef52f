use covergen_events::{Error, Position, Record, Subject};
use uuid::Uuid;

use crate::engine::{Engine, on_both_engines, record, records};

on_both_engines!(
    what_is_published_reads_back_as_it_was_and_in_order,
    the_same_id_is_stored_once,
    the_same_id_twice_in_one_call_is_stored_once,
    an_undeclared_stream_is_refused_and_nothing_else_is_stored,
    an_oversized_record_is_refused,
    a_closed_log_refuses,
    many_publishers_at_once_lose_nothing,
    declaring_again_changes_nothing,
);

async fn what_is_published_reads_back_as_it_was_and_in_order(engine: Engine) {
    let sent = records(300);
    let answers = engine.log.publish(sent.clone()).await.unwrap();
    assert!(answers.windows(2).all(|w| w[0].sequence < w[1].sequence));
    assert!(answers.iter().all(|answer| !answer.duplicate));
    let read = engine.log.read("cover", Position::Beginning, 1_000).await;
    let read = read.unwrap();
    let back: Vec<Record> = read.iter().map(|stored| stored.record.clone()).collect();
    assert_eq!(back, sent);
    let sequences: Vec<u64> = read.iter().map(|stored| stored.sequence).collect();
    let answered: Vec<u64> = answers.iter().map(|answer| answer.sequence).collect();
    assert_eq!(sequences, answered);
}

async fn the_same_id_is_stored_once(engine: Engine) {
    let one = record(1);
    let first = engine.log.publish(vec![one.clone()]).await.unwrap();
    let again = engine.log.publish(vec![one, record(2)]).await.unwrap();
    assert_eq!(again[0].sequence, first[0].sequence);
    assert!(again[0].duplicate && !again[1].duplicate);
    let info = engine.log.stream_info("cover").await.unwrap();
    assert_eq!(info.messages, 2);
    assert_eq!(info.last_sequence, again[1].sequence);
}

async fn the_same_id_twice_in_one_call_is_stored_once(engine: Engine) {
    let one = record(1);
    let answers = engine.log.publish(vec![one.clone(), one]).await.unwrap();
    assert_eq!(answers[0].sequence, answers[1].sequence);
    assert!(!answers[0].duplicate && answers[1].duplicate);
}

async fn an_undeclared_stream_is_refused_and_nothing_else_is_stored(engine: Engine) {
    let subject = Subject::new("nowhere", "E", "a").unwrap();
    let stray = Record::new(Uuid::now_v7(), subject, "x");
    let refused = engine.log.publish(vec![stray]).await;
    assert!(
        matches!(&refused, Err(Error::UnknownStream(s)) if s == "nowhere"),
        "{refused:?}"
    );
    assert!(matches!(
        engine.log.stream_info("nowhere").await,
        Err(Error::UnknownStream(_))
    ));
    assert!(matches!(
        engine.log.read("nowhere", Position::Beginning, 1).await,
        Err(Error::UnknownStream(_))
    ));
    // The refusal concerned that call alone.
    engine.log.publish(records(1)).await.unwrap();
}

async fn an_oversized_record_is_refused(engine: Engine) {
    let mut large = record(1);
    large.payload = vec![0; covergen_events::MAX_RECORD_BYTES + 1].into();
    let refused = engine.log.publish(vec![large.clone()]).await;
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
    // The largest that is allowed passes the server's own limits too.
    large.headers.clear();
    large.payload = vec![7; covergen_events::MAX_RECORD_BYTES].into();
    engine.log.publish(vec![large]).await.unwrap();
}

async fn a_closed_log_refuses(engine: Engine) {
    engine.log.close().await.unwrap();
    let refused = engine.log.publish(records(1)).await;
    assert!(matches!(refused, Err(Error::Closed)), "{refused:?}");
    assert!(engine.log.ping().await.is_err());
    engine.log.close().await.unwrap();
}

async fn many_publishers_at_once_lose_nothing(engine: Engine) {
    let mut publishers = Vec::new();
    for publisher in 0..20 {
        let log = engine.log.clone();
        publishers.push(tokio::spawn(async move {
            for n in 0..10 {
                log.publish(vec![record(publisher * 100 + n)])
                    .await
                    .unwrap();
            }
        }));
    }
    for publisher in publishers {
        publisher.await.unwrap();
    }
    let read = engine.log.read("cover", Position::Beginning, 1_000).await;
    let read = read.unwrap();
    assert_eq!(read.len(), 200);
    // Each publisher's own records stand in the order it sent them.
    for publisher in 0..20 {
        let own: Vec<String> = read
            .iter()
            .filter_map(|stored| stored.record.headers.get("n"))
            .filter(|n| n.parse::<u32>().unwrap() / 100 == publisher)
            .cloned()
            .collect();
        let sent: Vec<String> = (0..10).map(|n| (publisher * 100 + n).to_string()).collect();
        assert_eq!(own, sent);
    }
}

async fn declaring_again_changes_nothing(engine: Engine) {
    engine.log.publish(records(3)).await.unwrap();
    engine.log.declare_stream("cover").await.unwrap();
    assert_eq!(engine.log.stream_info("cover").await.unwrap().messages, 3);
    for bad in ["", "Cover", "a.b", "cover_dead", "*"] {
        assert!(matches!(
            engine.log.declare_stream(bad).await,
            Err(Error::InvalidName { .. })
        ));
    }
}
