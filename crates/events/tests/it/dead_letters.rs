use std::time::Duration;

use covergen_events::{ConsumerSpec, Deliveries, Error, Position, Settled};
use futures::StreamExt;

use crate::engine::{Engine, assert_idle, eventually, next, on_both_engines, records, spec};

on_both_engines!(
    a_poison_message_is_parked_after_its_deliveries_and_the_next_one_handled,
    a_message_nobody_settles_is_parked_too,
    a_hopeless_message_is_parked_at_once,
    a_redriven_letter_goes_to_its_own_consumer_only,
    a_discarded_letter_is_gone,
    letters_are_listed_in_pages,
    where_the_handler_counts_only_the_handler_parks,
);

/// Fails every delivery of the next message until it is parked.
async fn fail_until_parked(deliveries: &mut Deliveries) -> u32 {
    loop {
        let delivery = next(deliveries).await;
        let count = delivery.delivery_count;
        if delivery.nak(None, "boom\r\nbang").await.unwrap() == Settled::Parked {
            return count;
        }
    }
}

async fn a_poison_message_is_parked_after_its_deliveries_and_the_next_one_handled(engine: Engine) {
    let sent = records(2);
    engine.log.publish(sent.clone()).await.unwrap();
    let strict = ConsumerSpec {
        max_in_flight: 1,
        ..spec("user")
    };
    let mut deliveries = engine.log.consume(&strict).await.unwrap();
    assert_eq!(fail_until_parked(&mut deliveries).await, 5);
    let other = next(&mut deliveries).await;
    assert_eq!(other.record(), &sent[1]);
    other.ack().await.unwrap();
    let letters = engine.log.dead_letters("cover", 0, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!(letter.record, sent[0]);
    assert_eq!(letter.durable, "user");
    assert_eq!(letter.delivery_count, 5);
    assert_eq!(letter.reason, "boom  bang");
    assert_eq!(
        engine.log.stream_info("cover").await.unwrap().dead_letters,
        1
    );
    // The event itself stays where it is.
    let read = engine.log.read("cover", Position::Beginning, 10).await;
    assert_eq!(read.unwrap().len(), 2);
}

async fn a_message_nobody_settles_is_parked_too(engine: Engine) {
    let forgetful = ConsumerSpec {
        ack_wait: Duration::from_millis(100),
        max_deliver: 2,
        ..spec("user")
    };
    engine.log.publish(records(1)).await.unwrap();
    let mut deliveries = engine.log.consume(&forgetful).await.unwrap();
    for count in 1..=2 {
        let delivery = next(&mut deliveries).await;
        assert_eq!(delivery.delivery_count, count);
        drop(delivery);
    }
    let log = engine.log.clone();
    let reader = tokio::spawn(async move { deliveries.next().await.is_some() });
    eventually("the message is parked", async || {
        log.stream_info("cover").await.unwrap().dead_letters == 1
    })
    .await;
    let letters = log.dead_letters("cover", 0, 10).await.unwrap();
    assert_eq!(letters[0].delivery_count, 2);
    assert!(letters[0].reason.contains("ack wait"));
    assert!(!reader.is_finished(), "delivered a third time");
    reader.abort();
}

async fn a_hopeless_message_is_parked_at_once(engine: Engine) {
    engine.log.publish(records(1)).await.unwrap();
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    next(&mut deliveries)
        .await
        .park("cannot decode")
        .await
        .unwrap();
    assert_idle(&mut deliveries).await;
    let letters = engine.log.dead_letters("cover", 0, 10).await.unwrap();
    assert_eq!(letters[0].delivery_count, 1);
    assert_eq!(letters[0].reason, "cannot decode");
}

async fn a_redriven_letter_goes_to_its_own_consumer_only(engine: Engine) {
    let sent = records(1);
    engine.log.publish(sent.clone()).await.unwrap();
    let mut user = engine.log.consume(&spec("user")).await.unwrap();
    let mut other = engine.log.consume(&spec("other")).await.unwrap();
    next(&mut other).await.ack().await.unwrap();
    next(&mut user).await.park("boom").await.unwrap();
    let letter = engine
        .log
        .dead_letters("cover", 0, 10)
        .await
        .unwrap()
        .remove(0);
    engine.log.redrive("cover", letter.sequence).await.unwrap();
    let again = next(&mut user).await;
    assert_eq!(again.record(), &sent[0]);
    assert_eq!(again.delivery_count, 1);
    again.park("boom again").await.unwrap();
    assert_idle(&mut other).await;
    let letters = engine.log.dead_letters("cover", 0, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].reason, "boom again");
    assert_eq!(letters[0].record, sent[0]);
    // A second copy of the event is no news to those who read the stream.
    let read = engine.log.read("cover", Position::Beginning, 10).await;
    assert_eq!(read.unwrap().len(), 1);
    assert!(matches!(
        engine.log.redrive("cover", letter.sequence + 1_000).await,
        Err(Error::UnknownDeadLetter { .. })
    ));
}

async fn a_discarded_letter_is_gone(engine: Engine) {
    engine.log.publish(records(1)).await.unwrap();
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    next(&mut deliveries).await.park("boom").await.unwrap();
    let letter = engine
        .log
        .dead_letters("cover", 0, 10)
        .await
        .unwrap()
        .remove(0);
    engine.log.discard("cover", letter.sequence).await.unwrap();
    assert!(
        engine
            .log
            .dead_letters("cover", 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(matches!(
        engine.log.discard("cover", letter.sequence).await,
        Err(Error::UnknownDeadLetter { .. })
    ));
    assert_idle(&mut deliveries).await;
}

async fn letters_are_listed_in_pages(engine: Engine) {
    let sent = records(5);
    engine.log.publish(sent.clone()).await.unwrap();
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    for _ in 0..5 {
        next(&mut deliveries).await.park("boom").await.unwrap();
    }
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = engine.log.dead_letters("cover", after, 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = last.sequence;
        seen.extend(page.into_iter().map(|letter| letter.record));
    }
    assert_eq!(seen, sent);
}

async fn where_the_handler_counts_only_the_handler_parks(engine: Engine) {
    let counting = ConsumerSpec {
        ack_wait: Duration::from_millis(300),
        max_deliver: 2,
        handler_counts: true,
        ..spec("user")
    };
    engine.log.publish(records(1)).await.unwrap();
    let mut deliveries = engine.log.consume(&counting).await.unwrap();
    for _ in 0..3 {
        // Neither what nobody settles is parked, nor what is handed back.
        drop(next(&mut deliveries).await);
        let delivery = next(&mut deliveries).await;
        let settled = delivery.nak(None, "not begun").await.unwrap();
        assert_eq!(settled, Settled::Retried);
    }
    let mut delivery = next(&mut deliveries).await;
    assert!(delivery.delivery_count >= 7, "{delivery:?}");
    delivery.delivery_count = 2;
    delivery.park("boom").await.unwrap();
    let letters = engine.log.dead_letters("cover", 0, 10).await.unwrap();
    let told = (letters[0].delivery_count, letters[0].reason.as_str());
    assert_eq!((letters.len(), told), (1, (2, "boom")));
}
