use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use covergen_events::{Config, ConsumerSpec, Error, Position, Reader, open};
use futures::StreamExt as _;

use crate::engine::{Folder, embedded, eventually, next, record, records, spec};

#[tokio::test(flavor = "multi_thread")]
async fn opening_one_file_twice_shares_one_log() {
    let engine = embedded().await;
    let other = open(&engine.config).await.unwrap();
    let mut deliveries = other.consume(&spec("user")).await.unwrap();
    engine.log.publish(records(1)).await.unwrap();
    next(&mut deliveries).await.ack().await.unwrap();
    engine.log.close().await.unwrap();
    assert!(matches!(other.ping().await, Err(Error::Closed)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_file_refuses_and_keeps_what_it_has() {
    let folder = Folder::new();
    let mut config = Config::from_url(folder.url());
    config.max_file_bytes = 1024 * 1024;
    let log = open(&config).await.unwrap();
    log.declare_stream("cover").await.unwrap();
    let mut stored = 0;
    let error = loop {
        let mut large = record(stored);
        large.payload = vec![7; 100_000].into();
        match log.publish(vec![large]).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 100, "never full");
    };
    assert!(matches!(error, Error::Full(_)), "{error:?}");
    let read = log.read("cover", Position::Beginning, 100).await.unwrap();
    assert_eq!(read.len(), usize::try_from(stored).unwrap());
    // Consumers still get what is there.
    let mut deliveries = log.consume(&spec("user")).await.unwrap();
    assert_eq!(next(&mut deliveries).await.record().headers["n"], "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_events_expire_and_young_ones_stay() {
    let mut engine = embedded().await;
    engine.log.publish(records(5)).await.unwrap();
    assert_eq!(engine.log.expire(&BTreeMap::new()).await.unwrap(), 0);
    engine.log.close().await.unwrap();
    engine.config.max_age_days = 0;
    engine.log = open(&engine.config).await.unwrap();
    // The age is judged in whole milliseconds.
    eventually("all five are a millisecond old", async || {
        engine.log.expire(&BTreeMap::new()).await.unwrap();
        engine.log.stream_info("cover").await.unwrap().messages == 0
    })
    .await;
    let again = engine.log.publish(vec![record(9)]).await.unwrap();
    let info = engine.log.stream_info("cover").await.unwrap();
    assert_eq!(info.last_sequence, again[0].sequence);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_outlives_its_expired_event_and_can_be_redriven() {
    let mut engine = embedded().await;
    let sent = records(1);
    engine.log.publish(sent.clone()).await.unwrap();
    let mut user = engine.log.consume(&spec("user")).await.unwrap();
    next(&mut user).await.park("boom").await.unwrap();
    drop(user);
    engine.log.close().await.unwrap();
    engine.config.max_age_days = 0;
    engine.log = open(&engine.config).await.unwrap();
    eventually("the event expires", async || {
        engine.log.expire(&BTreeMap::new()).await.unwrap() == 1
    })
    .await;
    let letter = engine
        .log
        .dead_letters("cover", 0, 1)
        .await
        .unwrap()
        .remove(0);
    let mut user = engine.log.consume(&spec("user")).await.unwrap();
    engine.log.redrive("cover", letter.sequence).await.unwrap();
    assert_eq!(next(&mut user).await.record(), &sent[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_archived_does_not_expire() {
    let mut engine = embedded().await;
    let sent = engine.log.publish(records(5)).await.unwrap();
    engine.log.close().await.unwrap();
    engine.config.max_age_days = 0;
    engine.log = open(&engine.config).await.unwrap();
    let archived = BTreeMap::from([("cover".to_owned(), sent[2].sequence)]);
    eventually("the three that are archived expire", async || {
        engine.log.expire(&archived).await.unwrap();
        engine.log.stream_info("cover").await.unwrap().messages == 2
    })
    .await;
    let none = BTreeMap::from([("cover".to_owned(), 0)]);
    assert_eq!(engine.log.expire(&none).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_what_the_owner_of_the_file_does_and_makes_no_file() {
    let engine = embedded().await;
    let reader = Reader::open(&engine.config).await.unwrap();
    let mut tail = reader.tail("cover", Position::End).await.unwrap();
    engine.log.publish(records(3)).await.unwrap();
    let read = reader.read("cover", Position::Beginning, 10).await.unwrap();
    assert_eq!(read.len(), 3);
    for stored in &read {
        assert_eq!(&tail.next().await.unwrap().unwrap(), stored);
    }
    assert_eq!(reader.stream_info("cover").await.unwrap().messages, 3);

    let folder = Folder::new();
    let absent = Config::from_url(folder.url());
    let refused = Reader::open(&absent).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn urls_that_name_no_engine_or_carry_secrets_are_refused() {
    for url in [
        "",
        "embedded://",
        "embedded:///",
        "embedded://host/x.sqlite",
        "kafka://localhost",
        "nats://user:secret@127.0.0.1:4222",
    ] {
        match open(&Config::from_url(url)).await {
            Err(Error::Config(text)) => assert!(!text.contains("secret"), "{text}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}

/// Not a test of its own: what the next test runs in a process that it kills.
/// Prints every id that was acknowledged, and takes messages it never settles.
#[tokio::test(flavor = "multi_thread")]
async fn publisher_to_be_killed() {
    let Ok(url) = env::var("COVERGEN_TEST_PUBLISH_TO") else {
        return;
    };
    let log = open(&Config::from_url(url)).await.unwrap();
    log.declare_stream("cover").await.unwrap();
    let mut deliveries = log.consume(&spec("user")).await.unwrap();
    for n in 0.. {
        let batch: Vec<_> = (0..10).map(|i| record(n * 10 + i)).collect();
        log.publish(batch.clone()).await.unwrap();
        drop(next(&mut deliveries).await);
        for record in batch {
            println!("acked={}", record.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let folder = Folder::new();
    let url = folder.url();
    let mut publisher = Command::new(env::current_exe().unwrap())
        .args(["--exact", "embedded_only::publisher_to_be_killed"])
        .arg("--nocapture")
        .env("COVERGEN_TEST_PUBLISH_TO", &url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(publisher.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| Some(line.split_once("acked=")?.1.to_owned()));
    let mut acknowledged: Vec<String> = lines.by_ref().take(200).collect();
    publisher.kill().unwrap();
    publisher.wait().unwrap();
    acknowledged.extend(lines.filter(|id| id.len() == 36));
    assert!(acknowledged.len() >= 200);

    let log = open(&Config::from_url(url)).await.unwrap();
    let mut kept = std::collections::HashSet::new();
    let mut from = Position::Beginning;
    loop {
        let page = log.read("cover", from, 1_000).await.unwrap();
        let Some(last) = page.last() else { break };
        from = Position::Sequence(last.sequence + 1);
        kept.extend(page.iter().map(|stored| stored.record.id.to_string()));
    }
    for id in &acknowledged {
        assert!(kept.contains(id), "{id} was acknowledged and is gone");
    }
    // What the dead process held comes again, counted.
    let spec = ConsumerSpec::new("cover", "user");
    let mut deliveries = log.consume(&spec).await.unwrap();
    let again = next(&mut deliveries).await;
    assert_eq!((again.delivery_count, again.stored.sequence), (2, 1));
}
