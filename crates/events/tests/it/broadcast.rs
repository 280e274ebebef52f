use std::time::Duration;

use bytes::Bytes;
use covergen_events::Live;
use futures::StreamExt;

use crate::engine::{Engine, on_both_engines};

on_both_engines!(
    every_listener_of_the_topic_hears_and_no_other,
    a_broadcast_without_listeners_is_fine,
    nothing_is_kept_for_those_who_come_later,
);

async fn heard(live: &mut Live) -> Bytes {
    tokio::time::timeout(Duration::from_secs(20), live.next())
        .await
        .expect("a message within 20 s")
        .expect("the stream goes on")
}

async fn every_listener_of_the_topic_hears_and_no_other(engine: Engine) {
    let mut a = engine.log.listen("task.tsk_1").await.unwrap();
    let mut b = engine.log.listen("task.tsk_1").await.unwrap();
    let mut other = engine.log.listen("task.tsk_2").await.unwrap();
    for n in ["1", "2"] {
        let message = Bytes::from_static(n.as_bytes());
        engine.log.broadcast("task.tsk_1", message).await.unwrap();
    }
    for n in ["1", "2"] {
        assert_eq!(heard(&mut a).await, n);
        assert_eq!(heard(&mut b).await, n);
    }
    let last = Bytes::from_static(b"3");
    engine.log.broadcast("task.tsk_2", last).await.unwrap();
    assert_eq!(heard(&mut other).await, "3");
}

async fn a_broadcast_without_listeners_is_fine(engine: Engine) {
    let message = Bytes::from_static(b"x");
    engine.log.broadcast("nobody", message).await.unwrap();
    assert!(engine.log.broadcast("a.*", Bytes::new()).await.is_err());
    assert!(engine.log.listen(">").await.is_err());
}

async fn nothing_is_kept_for_those_who_come_later(engine: Engine) {
    let early = Bytes::from_static(b"early");
    engine.log.broadcast("task.a", early).await.unwrap();
    let mut live = engine.log.listen("task.a").await.unwrap();
    let late = Bytes::from_static(b"late");
    engine.log.broadcast("task.a", late).await.unwrap();
    assert_eq!(heard(&mut live).await, "late");
}
