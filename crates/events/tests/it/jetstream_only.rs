use std::sync::Arc;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::stream::{
    Config as StreamConfig, DiscardPolicy, RetentionPolicy, StorageType,
};
use covergen_events::{Config, Error, EventLog, Position, open};
use covergen_testkit::{Nats, Proxy, Server};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::engine::{connected, eventually, jetstream, next, record, records, spec};

async fn at(url: String) -> Arc<dyn EventLog> {
    let mut config = Config::from_url(url);
    config.max_stream_bytes = 64 * 1024 * 1024;
    config.request_timeout_ms = 2_000;
    open(&config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed_and_work_goes_on() {
    let server = Nats::start().await;
    let log = at(server.url()).await;
    connected(log.as_ref()).await;
    log.declare_stream("cover").await.unwrap();
    let mut deliveries = log.consume(&spec("user")).await.unwrap();
    let mut tail = log.tail("cover", Position::Beginning).await.unwrap();
    let sent = records(50);
    log.publish(sent.clone()).await.unwrap();
    next(&mut deliveries).await.ack().await.unwrap();

    server.kill();
    eventually("publishing is refused", async || {
        matches!(log.publish(records(1)).await, Err(Error::Unavailable(_)))
    })
    .await;
    let _server = server.restart().await;
    connected(log.as_ref()).await;

    let kept = log.read("cover", Position::Beginning, 1_000).await.unwrap();
    assert!(kept.len() >= 50);
    for (stored, record) in kept.iter().zip(&sent) {
        assert_eq!(&stored.record, record);
    }
    // The same streams go on: deliveries, tails, and what is published now.
    // A server that is killed may forget an ack it confirmed; never an event.
    let mut delivery = next(&mut deliveries).await;
    if delivery.record() == &sent[0] {
        delivery.ack().await.unwrap();
        delivery = next(&mut deliveries).await;
    }
    assert_eq!(delivery.record(), &sent[1]);
    let last = record(99);
    log.publish(vec![last.clone()]).await.unwrap();
    let mut seen = Vec::new();
    while seen.last() != Some(&last.id) {
        match futures::StreamExt::next(&mut tail).await.unwrap() {
            Ok(stored) => seen.push(stored.record.id),
            Err(error) => assert!(matches!(error, Error::Unavailable(_)), "{error:?}"),
        }
    }
    let mut expected: Vec<_> = kept.iter().map(|stored| stored.record.id).collect();
    expected.push(last.id);
    assert_eq!(seen, expected, "a tail neither skips nor repeats");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_sees_what_takes_the_place_of_a_lost_end() {
    let server = Nats::start().await;
    let log = at(server.url()).await;
    connected(log.as_ref()).await;
    log.declare_stream("cover").await.unwrap();
    let mut tail = log.tail("cover", Position::Beginning).await.unwrap();
    log.publish(records(5)).await.unwrap();
    for _ in 0..5 {
        futures::StreamExt::next(&mut tail).await.unwrap().unwrap();
    }
    server.kill();
    std::fs::remove_dir_all(server.folder().join("jetstream")).unwrap();
    let _server = server.restart().await;
    connected(log.as_ref()).await;
    log.declare_stream("cover").await.unwrap();
    // Fewer than were lost, so that their numbers are ones the tail has seen.
    let sent = records(2);
    log.publish(sent.clone()).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < sent.len() {
        match futures::StreamExt::next(&mut tail).await.unwrap() {
            Ok(stored) => seen.push(stored.record),
            Err(error) => assert!(
                matches!(error, Error::Unavailable(_) | Error::UnknownStream(_)),
                "{error:?}"
            ),
        }
    }
    assert_eq!(seen, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_can_be_opened_before_its_server_is_up() {
    let server = Nats::start().await;
    server.kill();
    let log = at(server.url()).await;
    assert!(matches!(
        log.declare_stream("cover").await,
        Err(Error::Unavailable(_))
    ));
    let _server = server.restart().await;
    connected(log.as_ref()).await;
    log.declare_stream("cover").await.unwrap();
    log.publish(records(1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_fails_calls_by_their_timeout() {
    let server = Nats::start().await;
    let log = at(server.url()).await;
    connected(log.as_ref()).await;
    log.declare_stream("cover").await.unwrap();
    server.freeze();
    let refused = log.publish(records(1)).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    server.thaw();
    eventually("publishing works again", async || {
        log.publish(records(1)).await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranded_connection_is_replaced_and_deliveries_go_on() {
    let server = Nats::start().await;
    let proxy = Proxy::before(server.url());
    let log = at(proxy.url(&server.url())).await;
    connected(log.as_ref()).await;
    log.declare_stream("cover").await.unwrap();
    let mut deliveries = log.consume(&spec("user")).await.unwrap();
    log.publish(records(1)).await.unwrap();
    next(&mut deliveries).await.ack().await.unwrap();
    proxy.strand();
    // It looks as if it were there, and nothing comes back.
    let refused = log.publish(vec![record(1)]).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    eventually("publishing works again", async || {
        log.publish(vec![record(2)]).await.is_ok()
    })
    .await;
    assert!(proxy.opened() > 1, "on another connection");
    // Deliveries go on by themselves; what was refused may have been stored.
    loop {
        let delivery = next(&mut deliveries).await;
        let n = delivery.record().headers["n"].clone();
        delivery.ack().await.unwrap();
        if n == "2" {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stream_refuses_instead_of_dropping() {
    let mut engine = jetstream().await;
    engine.config.max_stream_bytes = 300_000;
    engine.log = open(&engine.config).await.unwrap();
    connected(engine.log.as_ref()).await;
    engine.log.declare_stream("cover").await.unwrap();
    let mut stored = 0;
    let error = loop {
        let mut large = record(stored);
        large.payload = vec![7; 50_000].into();
        match engine.log.publish(vec![large]).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 100, "never full");
    };
    assert!(matches!(error, Error::Full(_)), "{error:?}");
    let info = engine.log.stream_info("cover").await.unwrap();
    assert_eq!(info.messages, u64::from(stored));
}

/// What is too large for the room that is left is refused; what comes after it
/// and is not, must not be stored before it.
#[tokio::test(flavor = "multi_thread")]
async fn an_almost_full_stream_takes_nothing_of_an_aggregate_out_of_its_order() {
    let mut engine = jetstream().await;
    engine.config.max_stream_bytes = 100_000;
    engine.log = open(&engine.config).await.unwrap();
    connected(engine.log.as_ref()).await;
    engine.log.declare_stream("cover").await.unwrap();
    let (other, mut first, then) = (record(1), record(2), record(2));
    first.payload = vec![7; 150_000].into();
    let batch = vec![other.clone(), first, then];
    for _ in 0..2 {
        let error = engine.log.publish(batch.clone()).await.unwrap_err();
        assert!(matches!(error, Error::Full(_)), "{error:?}");
        let kept = engine.log.read("cover", Position::Beginning, 9).await;
        let kept = kept.unwrap();
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!(kept[0].record, other);
    }
}

/// The one that is refused is named, so that the others need not wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_the_stream_can_never_take_is_named() {
    let engine = jetstream().await;
    let client = async_nats::connect(engine.config.url.as_str()).await;
    let context = async_nats::jetstream::new(client.unwrap());
    let name = format!("{}_cover", engine.config.namespace);
    let mut stream = context.get_stream(name).await.unwrap();
    let mut narrow = stream.info().await.unwrap().config.clone();
    narrow.max_message_size = 1_000;
    context.update_stream(narrow).await.unwrap();
    let mut large = record(2);
    large.payload = vec![7; 5_000].into();
    let batch = vec![record(1), large.clone()];
    match engine.log.publish(batch).await {
        Err(Error::Refused { id, .. }) => assert_eq!(id, large.id),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_promised_settings_is_told_apart() {
    let engine = jetstream().await;
    // Three replicas cannot be had on one server: an error, never a stream
    // that is less durable than asked.
    let mut config = engine.config.clone();
    config.replicas = 3;
    let log = open(&config).await.unwrap();
    connected(log.as_ref()).await;
    assert!(log.declare_stream("cover").await.is_err());
    assert!(log.declare_stream("user").await.is_err());
    assert!(matches!(
        log.stream_info("user").await,
        Err(Error::UnknownStream(_))
    ));
}

/// Speaks just enough of the protocol to be taken for an old server.
async fn old_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let info = br#"INFO {"server_id":"x","server_name":"x","version":"2.9.10","proto":1,"go":"x","host":"127.0.0.1","port":4222,"headers":true,"max_payload":1048576,"client_id":1}"#;
            write.write_all(info).await.unwrap();
            write.write_all(b"\r\n").await.unwrap();
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if line.starts_with("PING") {
                    write.write_all(b"PONG\r\n").await.unwrap();
                }
            }
        }
    });
    format!("nats://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_drops_settings_silently_is_refused() {
    let log = at(old_server().await).await;
    let mut refusal = None;
    eventually("the server is refused by its version", async || {
        refusal = log.declare_stream("cover").await.err();
        matches!(refusal, Some(Error::ServerTooOld { .. }))
    })
    .await;
    let text = refusal.unwrap().to_string();
    assert!(text.contains("2.9.10") && text.contains("2.10"), "{text}");
}

/// A log on a server of its own, and the server's own view of it.
async fn beside_the_server() -> (Server, Config, async_nats::jetstream::Context) {
    let server = Nats::start().await;
    let mut config = Config::from_url(server.url());
    config.max_stream_bytes = 64 * 1024 * 1024;
    let client = async_nats::connect(server.url()).await.unwrap();
    (server, config, async_nats::jetstream::new(client))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_differs_is_brought_up_to_date_where_it_can_be() {
    let (_server, config, context) = beside_the_server().await;
    context
        .create_stream(StreamConfig {
            name: "covergen_cover".to_owned(),
            subjects: vec!["covergen.cover.>".to_owned()],
            max_age: std::time::Duration::from_secs(60),
            max_messages: 10,
            ..StreamConfig::default()
        })
        .await
        .unwrap();
    let log = open(&config).await.unwrap();
    connected(log.as_ref()).await;
    log.check_stream("cover").await.unwrap();
    log.declare_stream("cover").await.unwrap();
    let kept = context.get_stream("covergen_cover").await.unwrap();
    let kept = &kept.cached_info().config;
    assert_eq!(kept.max_age, std::time::Duration::from_secs(30 * 86_400));
    assert_eq!(kept.max_messages, -1);
    assert_eq!(kept.discard, DiscardPolicy::New);
    log.publish(records(20)).await.unwrap();
    assert_eq!(log.stream_info("cover").await.unwrap().messages, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_cannot_become_what_it_must_is_refused_by_name() {
    let (_server, config, context) = beside_the_server().await;
    let log = open(&config).await.unwrap();
    connected(log.as_ref()).await;
    let wrong = [
        ("storage", StorageType::Memory, RetentionPolicy::Limits),
        ("retention", StorageType::File, RetentionPolicy::WorkQueue),
    ];
    for (what, storage, retention) in wrong {
        context
            .create_stream(StreamConfig {
                name: "covergen_cover".to_owned(),
                subjects: vec!["covergen.cover.>".to_owned()],
                storage,
                retention,
                ..StreamConfig::default()
            })
            .await
            .unwrap();
        for refused in [
            log.check_stream("cover").await,
            log.declare_stream("cover").await,
        ] {
            let told = refused.unwrap_err();
            assert!(matches!(told, Error::ConfigMismatch { .. }), "{told:?}");
            let told = told.to_string();
            assert!(
                told.contains(what) && told.contains("cannot be changed"),
                "{told}"
            );
        }
        context.delete_stream("covergen_cover").await.unwrap();
    }
    log.declare_stream("cover").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_differs_is_brought_up_to_date_or_refused() {
    let (_server, config, context) = beside_the_server().await;
    let log = open(&config).await.unwrap();
    connected(log.as_ref()).await;
    log.declare_stream("cover").await.unwrap();
    let stream = context.get_stream("covergen_cover").await.unwrap();
    let durable = |ack_policy, filter_subject: &str| pull::Config {
        durable_name: Some("user".to_owned()),
        ack_policy,
        filter_subject: filter_subject.to_owned(),
        ..pull::Config::default()
    };
    let narrow = durable(AckPolicy::Explicit, "covergen.cover.CoverDeleted.*");
    stream.create_consumer(narrow).await.unwrap();
    // One that would miss events is made to see them all.
    let mut deliveries = log.consume(&spec("user")).await.unwrap();
    log.publish(records(1)).await.unwrap();
    next(&mut deliveries).await.ack().await.unwrap();
    drop(deliveries);

    stream.delete_consumer("user").await.unwrap();
    stream
        .create_consumer(durable(AckPolicy::All, ""))
        .await
        .unwrap();
    let refused = log.declare_consumer(&spec("user")).await.unwrap_err();
    assert!(
        matches!(refused, Error::ConfigMismatch { .. }),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("ack_policy"), "{refused}");
}
