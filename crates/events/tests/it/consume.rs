use std::collections::HashSet;
use std::time::Duration;

use covergen_events::{ConsumerSpec, Position, Settled};
use futures::StreamExt;

use crate::engine::{
    Engine, assert_idle, eventually, next, on_both_engines, record, records, spec,
};

on_both_engines!(
    messages_come_in_order_and_an_acked_one_never_again,
    what_comes_later_is_delivered_without_asking_again,
    unacked_messages_come_again_after_a_restart,
    what_a_reader_never_took_comes_to_the_next_at_once,
    an_unsettled_message_comes_again_after_the_ack_wait,
    an_extended_message_does_not_come_again,
    a_failing_message_does_not_hold_up_the_next,
    the_given_delay_is_kept,
    one_in_flight_means_strict_order,
    a_full_flight_waits_for_an_ack,
    two_readers_of_one_consumer_share_the_work,
    consumers_do_not_disturb_each_other,
    a_new_consumer_can_begin_at_the_end,
    a_rewound_consumer_starts_over,
    a_consumer_that_is_set_back_keeps_its_settings,
    a_deleted_consumer_ends_and_begins_anew,
    declaring_with_other_settings_keeps_the_place,
);

async fn messages_come_in_order_and_an_acked_one_never_again(mut engine: Engine) {
    let sent = records(20);
    engine.log.publish(sent.clone()).await.unwrap();
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    for record in &sent {
        let delivery = next(&mut deliveries).await;
        assert_eq!(delivery.record(), record);
        assert_eq!(delivery.delivery_count, 1);
        delivery.ack().await.unwrap();
    }
    let info = engine.log.consumer_info("cover", "user").await.unwrap();
    assert_eq!((info.pending, info.in_flight), (0, 0));
    drop(deliveries);
    engine.reopen().await;
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    assert_idle(&mut deliveries).await;
}

async fn what_comes_later_is_delivered_without_asking_again(engine: Engine) {
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    for n in 0..5 {
        let one = record(n);
        engine.log.publish(vec![one.clone()]).await.unwrap();
        let delivery = next(&mut deliveries).await;
        assert_eq!(delivery.record(), &one);
        delivery.ack().await.unwrap();
    }
}

async fn unacked_messages_come_again_after_a_restart(mut engine: Engine) {
    let short = ConsumerSpec {
        ack_wait: Duration::from_millis(500),
        ..spec("user")
    };
    engine.log.publish(records(3)).await.unwrap();
    let mut deliveries = engine.log.consume(&short).await.unwrap();
    let acked = next(&mut deliveries).await;
    let lost = next(&mut deliveries).await;
    let lost_id = lost.record().id;
    acked.ack().await.unwrap();
    drop((lost, deliveries));
    engine.reopen().await;
    let mut deliveries = engine.log.consume(&short).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let delivery = next(&mut deliveries).await;
        seen.push((delivery.record().id, delivery.delivery_count));
        delivery.ack().await.unwrap();
    }
    assert!(seen.contains(&(lost_id, 2)), "{seen:?}");
    assert_idle(&mut deliveries).await;
}

/// Its ack wait is longer than a test waits for a message.
async fn what_a_reader_never_took_comes_to_the_next_at_once(engine: Engine) {
    let patient = ConsumerSpec {
        ack_wait: Duration::from_secs(300),
        prefetch: 5,
        ..spec("user")
    };
    let sent = records(5);
    engine.log.publish(sent.clone()).await.unwrap();
    let mut deliveries = engine.log.consume(&patient).await.unwrap();
    next(&mut deliveries).await.ack().await.unwrap();
    // The others were fetched with it.
    eventually("they are in flight", async || {
        let info = engine.log.consumer_info("cover", "user").await.unwrap();
        info.pending == 0
    })
    .await;
    drop(deliveries);
    let mut deliveries = engine.log.consume(&patient).await.unwrap();
    let mut seen = HashSet::new();
    for _ in 1..sent.len() {
        let delivery = next(&mut deliveries).await;
        seen.insert(delivery.record().id);
        delivery.ack().await.unwrap();
    }
    let expected: HashSet<_> = sent[1..].iter().map(|record| record.id).collect();
    assert_eq!(seen, expected);
    assert_idle(&mut deliveries).await;
}

async fn an_unsettled_message_comes_again_after_the_ack_wait(engine: Engine) {
    let short = ConsumerSpec {
        ack_wait: Duration::from_millis(200),
        ..spec("user")
    };
    engine.log.publish(records(1)).await.unwrap();
    let mut deliveries = engine.log.consume(&short).await.unwrap();
    let first = next(&mut deliveries).await;
    let second = next(&mut deliveries).await;
    assert_eq!(second.record(), first.record());
    assert_eq!(second.delivery_count, 2);
    second.ack().await.unwrap();
    assert_idle(&mut deliveries).await;
}

async fn an_extended_message_does_not_come_again(engine: Engine) {
    let short = ConsumerSpec {
        ack_wait: Duration::from_secs(3),
        ..spec("user")
    };
    engine.log.publish(records(1)).await.unwrap();
    let mut deliveries = engine.log.consume(&short).await.unwrap();
    let delivery = next(&mut deliveries).await;
    // Together well past the ack wait, each step well within.
    for _ in 0..13 {
        assert_idle(&mut deliveries).await;
        delivery.extend().await.unwrap();
    }
    delivery.ack().await.unwrap();
    assert_idle(&mut deliveries).await;
}

async fn a_failing_message_does_not_hold_up_the_next(engine: Engine) {
    engine.log.publish(records(3)).await.unwrap();
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    let first = next(&mut deliveries).await;
    let failed = first.record().id;
    let an_hour = Some(Duration::from_secs(3_600));
    assert_eq!(first.nak(an_hour, "later").await.unwrap(), Settled::Retried);
    for _ in 0..2 {
        let other = next(&mut deliveries).await;
        assert_ne!(other.record().id, failed);
        other.ack().await.unwrap();
    }
    assert_idle(&mut deliveries).await;
}

async fn the_given_delay_is_kept(engine: Engine) {
    engine.log.publish(records(1)).await.unwrap();
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    let first = next(&mut deliveries).await;
    let id = first.record().id;
    first
        .nak(Some(Duration::from_millis(700)), "later")
        .await
        .unwrap();
    assert_idle(&mut deliveries).await;
    let again = next(&mut deliveries).await;
    assert_eq!((again.record().id, again.delivery_count), (id, 2));
    again.ack().await.unwrap();
}

async fn one_in_flight_means_strict_order(engine: Engine) {
    let strict = ConsumerSpec {
        max_in_flight: 1,
        ..spec("user")
    };
    let sent = records(5);
    engine.log.publish(sent.clone()).await.unwrap();
    let mut deliveries = engine.log.consume(&strict).await.unwrap();
    for record in &sent {
        for count in 1..=3 {
            let delivery = next(&mut deliveries).await;
            assert_eq!(delivery.record(), record);
            assert_eq!(delivery.delivery_count, count);
            if count < 3 {
                delivery.nak(None, "again").await.unwrap();
            } else {
                delivery.ack().await.unwrap();
            }
        }
    }
}

async fn a_full_flight_waits_for_an_ack(engine: Engine) {
    let two = ConsumerSpec {
        max_in_flight: 2,
        ..spec("user")
    };
    engine.log.publish(records(3)).await.unwrap();
    let mut deliveries = engine.log.consume(&two).await.unwrap();
    let first = next(&mut deliveries).await;
    let _second = next(&mut deliveries).await;
    assert_idle(&mut deliveries).await;
    first.ack().await.unwrap();
    assert_eq!(next(&mut deliveries).await.delivery_count, 1);
}

async fn two_readers_of_one_consumer_share_the_work(engine: Engine) {
    let many = ConsumerSpec {
        prefetch: 4,
        ..spec("user")
    };
    let (results, mut gathered) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..2 {
        let mut deliveries = engine.log.consume(&many).await.unwrap();
        let results = results.clone();
        tokio::spawn(async move {
            while let Some(delivery) = deliveries.next().await {
                let id = delivery.record().id;
                delivery.ack().await.unwrap();
                let _ = results.send(id);
            }
        });
    }
    engine.log.publish(records(200)).await.unwrap();
    let mut seen = HashSet::new();
    for _ in 0..200 {
        assert!(
            seen.insert(gathered.recv().await.unwrap()),
            "delivered twice"
        );
    }
    eventually("the consumer is done", async || {
        let info = engine.log.consumer_info("cover", "user").await.unwrap();
        (info.pending, info.in_flight) == (0, 0)
    })
    .await;
}

async fn consumers_do_not_disturb_each_other(engine: Engine) {
    engine.log.publish(records(2)).await.unwrap();
    let mut a = engine.log.consume(&spec("a")).await.unwrap();
    let mut b = engine.log.consume(&spec("b")).await.unwrap();
    for _ in 0..2 {
        next(&mut a).await.ack().await.unwrap();
    }
    let held = next(&mut b).await;
    let info = engine.log.consumer_info("cover", "b").await.unwrap();
    assert_eq!(info.in_flight, 1);
    held.ack().await.unwrap();
    next(&mut b).await.ack().await.unwrap();
    assert_idle(&mut a).await;
    assert_idle(&mut b).await;
}

async fn a_new_consumer_can_begin_at_the_end(engine: Engine) {
    engine.log.publish(records(5)).await.unwrap();
    let late = ConsumerSpec {
        start: Position::End,
        ..spec("late")
    };
    let mut deliveries = engine.log.consume(&late).await.unwrap();
    let one = record(9);
    engine.log.publish(vec![one.clone()]).await.unwrap();
    assert_eq!(next(&mut deliveries).await.record(), &one);
}

async fn a_rewound_consumer_starts_over(engine: Engine) {
    let sent = records(4);
    let stored = engine.log.publish(sent.clone()).await.unwrap();
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    for _ in 0..3 {
        next(&mut deliveries).await.ack().await.unwrap();
    }
    let to = Position::Sequence(stored[1].sequence);
    engine.log.rewind(&spec("user"), to).await.unwrap();
    // Whatever the reader had fetched before may still come first.
    let mut seen = Vec::new();
    while seen.len() < 3 || seen[seen.len() - 3..] != [1, 2, 3] {
        let delivery = next(&mut deliveries).await;
        let n = sent.iter().position(|r| r == delivery.record()).unwrap();
        seen.push(n);
        assert!(seen.len() <= 4, "{seen:?}");
        let _ = delivery.ack().await;
    }
    assert_idle(&mut deliveries).await;
}

async fn a_consumer_that_is_set_back_keeps_its_settings(engine: Engine) {
    engine.log.publish(records(1)).await.unwrap();
    let own = ConsumerSpec {
        ack_wait: Duration::from_millis(300),
        ..spec("user")
    };
    let mut deliveries = engine.log.consume(&own).await.unwrap();
    next(&mut deliveries).await.ack().await.unwrap();
    // Whoever sets it back knows no more than its name.
    let other = ConsumerSpec::new("cover", "user");
    let to = Position::Beginning;
    engine.log.rewind(&other, to).await.unwrap();
    drop(next(&mut deliveries).await);
    let began = std::time::Instant::now();
    assert_eq!(next(&mut deliveries).await.delivery_count, 2);
    assert!(began.elapsed() < Duration::from_secs(10));
}

async fn a_deleted_consumer_ends_and_begins_anew(engine: Engine) {
    engine.log.publish(records(1)).await.unwrap();
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    next(&mut deliveries).await.ack().await.unwrap();
    assert!(engine.log.delete_consumer("cover", "user").await.unwrap());
    assert!(!engine.log.delete_consumer("cover", "user").await.unwrap());
    let end = tokio::time::timeout(Duration::from_secs(20), deliveries.next()).await;
    assert!(end.expect("the stream ends").is_none());
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    assert_eq!(next(&mut deliveries).await.delivery_count, 1);
}

async fn declaring_with_other_settings_keeps_the_place(engine: Engine) {
    engine.log.publish(records(3)).await.unwrap();
    let mut deliveries = engine.log.consume(&spec("user")).await.unwrap();
    next(&mut deliveries).await.ack().await.unwrap();
    drop(deliveries);
    let other = ConsumerSpec {
        max_in_flight: 1,
        ack_wait: Duration::from_secs(7),
        ..spec("user")
    };
    engine.log.declare_consumer(&other).await.unwrap();
    let mut deliveries = engine.log.consume(&other).await.unwrap();
    let second = next(&mut deliveries).await;
    assert_eq!(second.record().headers["n"], "1");
    assert_idle(&mut deliveries).await;
    second.ack().await.unwrap();
    assert_eq!(next(&mut deliveries).await.record().headers["n"], "2");
}
