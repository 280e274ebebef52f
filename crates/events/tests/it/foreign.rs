//! Whoever may publish to the server can put into a stream what is none of its
//! events; those behind it are read all the same.

use covergen_events::Position;
use futures::StreamExt as _;

use crate::engine::{jetstream, next, record, spec};

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_message_keeps_nobody_from_what_is_behind_it() {
    let engine = jetstream().await;
    let (log, space) = (&engine.log, &engine.config.namespace);
    let client = async_nats::connect(engine.config.url.as_str());
    let context = async_nats::jetstream::new(client.await.unwrap());
    let intrude = async |subject: String| {
        let sent = context.publish(subject, "hi".into()).await.unwrap();
        sent.await.unwrap();
    };
    let mut tail = log.tail("cover", Position::Beginning).await.unwrap();
    let mut deliveries = log.consume(&spec("user")).await.unwrap();
    let sent = [record(1), record(2)];
    log.publish(vec![sent[0].clone()]).await.unwrap();
    // One with a subject as ours have it, and one that is no event's at all.
    intrude(format!("{space}.cover.x.y")).await;
    intrude(format!("{space}.cover.x")).await;
    log.publish(vec![sent[1].clone()]).await.unwrap();

    for limit in [1, 2, 9] {
        let page = log.read("cover", Position::Beginning, limit).await;
        let page: Vec<_> = page.unwrap().into_iter().map(|one| one.record).collect();
        assert_eq!(page, sent[..limit.min(2)], "limit {limit}");
    }
    // The page of a reader that pages begins with what is foreign.
    let page = log.read("cover", Position::Sequence(2), 1).await.unwrap();
    assert_eq!(page[0].record, sent[1]);
    for expected in &sent {
        let followed = tail.next().await.unwrap().unwrap();
        assert_eq!(&followed.record, expected);
    }

    intrude(format!("{space}-dead.cover.x")).await;
    next(&mut deliveries).await.park("no").await.unwrap();
    let letters = log.dead_letters("cover", 0, 1).await.unwrap();
    assert_eq!(letters[0].record, sent[0]);
    let letter = letters[0].sequence;
    assert!(log.redrive("cover", letter - 1).await.is_err());
    log.redrive("cover", letter).await.unwrap();
    assert!(log.dead_letters("cover", 0, 9).await.unwrap().is_empty());
}
