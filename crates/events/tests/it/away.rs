//! A NATS server that is away keeps nobody waiting, and one that is back is
//! known to be.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use covergen_events::{Config, Error, EventLog, Position, open};
use covergen_testkit::Nats;

use crate::engine::{connected, next, record, records, spec};

/// Far longer than any of these tests may take: nothing here is shown by an
/// answer that was waited for in vain.
const TIMEOUT_MS: u64 = 600_000;

/// Longest wait for what must happen, on a busy machine.
const SOON: Duration = Duration::from_secs(20);

async fn at(url: String) -> Arc<dyn EventLog> {
    let mut config = Config::from_url(url);
    config.max_stream_bytes = 64 * 1024 * 1024;
    config.request_timeout_ms = TIMEOUT_MS;
    let log = open(&config).await.unwrap();
    connected(log.as_ref()).await;
    log.declare_stream("cover").await.unwrap();
    log
}

async fn down(log: &dyn EventLog) {
    crate::engine::eventually("the link is down", async || !log.link().is_up()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_of_a_server_that_is_away_is_refused_at_once() {
    let server = Nats::start().await;
    let log = at(server.url()).await;
    server.kill();
    down(log.as_ref()).await;
    let asked = async {
        [
            log.publish(records(1)).await.map(drop),
            log.broadcast("task.a", Bytes::from_static(b"x")).await,
            log.listen("task.a").await.map(drop),
            log.declare_stream("cover").await,
            log.declare_consumer(&spec("user")).await,
            log.consume(&spec("user")).await.map(drop),
            log.read("cover", Position::Beginning, 1).await.map(drop),
            log.tail("cover", Position::End).await.map(drop),
            log.stream_info("cover").await.map(drop),
            log.ping().await,
        ]
    };
    let answers = tokio::time::timeout(SOON, asked).await.unwrap();
    for answer in answers {
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_is_not_waited_for_over_a_connection_that_is_lost() {
    let server = Nats::start().await;
    let log = at(server.url()).await;
    // It takes what is sent and answers nothing.
    server.freeze();
    let publishing = tokio::spawn({
        let log = Arc::clone(&log);
        async move { log.publish(records(3)).await }
    });
    // Nor does it keep a broadcast.
    let broadcast = log.broadcast("task.a", Bytes::from_static(b"x"));
    tokio::time::timeout(SOON, broadcast)
        .await
        .unwrap()
        .unwrap();
    server.kill();
    let refused = tokio::time::timeout(SOON, publishing).await.unwrap();
    assert!(
        matches!(refused, Ok(Err(Error::Unavailable(_)))),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_back_is_told_of_and_consumers_go_on() {
    let server = Nats::start().await;
    let log = at(server.url()).await;
    let mut link = log.link();
    let mut deliveries = log.consume(&spec("user")).await.unwrap();
    log.publish(records(1)).await.unwrap();
    next(&mut deliveries).await.ack().await.unwrap();
    server.kill();
    down(log.as_ref()).await;
    // A consumer waits in vain meanwhile, as a process's does.
    let waiting = tokio::spawn(async move { next(&mut deliveries).await });
    let server = server.restart().await;
    tokio::time::timeout(SOON, link.renewed()).await.unwrap();
    assert!(link.is_up());
    connected(log.as_ref()).await;
    // Its acknowledgement may not have reached the disk before it was killed.
    let mut delivery = tokio::time::timeout(SOON, async {
        log.publish(vec![record(7)]).await.unwrap();
        waiting.await.unwrap()
    })
    .await
    .unwrap();
    if delivery.record().headers["n"] != "7" {
        delivery.ack().await.unwrap();
        let mut deliveries = log.consume(&spec("user")).await.unwrap();
        delivery = next(&mut deliveries).await;
    }
    assert_eq!(delivery.record().headers["n"], "7");
    // Told once: a link that has told of it waits for the next time.
    server.kill();
    down(log.as_ref()).await;
    let _server = server.restart().await;
    tokio::time::timeout(SOON, link.renewed()).await.unwrap();
}
