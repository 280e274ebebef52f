use std::collections::HashSet;
use std::env;
use std::process::{Command, Stdio};
use std::time::Duration;

use covergen_events::{Config, ConsumerSpec, open};
use futures::StreamExt;

use crate::engine::{Engine, connected, on_both_engines, records};

on_both_engines!(a_message_that_kills_its_process_is_parked_alone);

fn short() -> ConsumerSpec {
    ConsumerSpec {
        ack_wait: Duration::from_millis(400),
        max_deliver: 3,
        ..ConsumerSpec::new("cover", "user")
    }
}

const POISON: &str = "3";

/// Not a test of its own: a process that handles messages until it meets the
/// poison, which ends it as a crash would; or until there is nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn handler_that_crashes() {
    let (Ok(url), Ok(namespace)) = (
        env::var("COVERGEN_TEST_HANDLE_FROM"),
        env::var("COVERGEN_TEST_NAMESPACE"),
    ) else {
        return;
    };
    let mut config = Config::from_url(url);
    config.namespace = namespace;
    let log = open(&config).await.unwrap();
    connected(log.as_ref()).await;
    let mut deliveries = log.consume(&short()).await.unwrap();
    loop {
        let wait = Duration::from_secs(1);
        let Ok(delivery) = tokio::time::timeout(wait, deliveries.next()).await else {
            let info = log.consumer_info("cover", "user").await.unwrap();
            if (info.pending, info.in_flight) == (0, 0) {
                break;
            }
            continue;
        };
        let delivery = delivery.unwrap();
        let n = delivery.record().headers["n"].clone();
        if n == POISON {
            std::process::abort();
        }
        delivery.ack().await.unwrap();
    }
    log.close().await.unwrap();
}

async fn a_message_that_kills_its_process_is_parked_alone(engine: Engine) {
    engine.log.publish(records(10)).await.unwrap();
    engine.log.close().await.unwrap();
    let mut crashes = 0;
    loop {
        let status = Command::new(env::current_exe().unwrap())
            .args(["--exact", "crash::handler_that_crashes"])
            .env("COVERGEN_TEST_HANDLE_FROM", &engine.config.url)
            .env("COVERGEN_TEST_NAMESPACE", &engine.config.namespace)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        if status.success() {
            break;
        }
        crashes += 1;
        assert!(crashes <= 3, "the poison goes on killing");
    }
    assert_eq!(crashes, 3);
    let log = open(&engine.config).await.unwrap();
    connected(log.as_ref()).await;
    let letters = log.dead_letters("cover", 0, 100).await.unwrap();
    let parked: HashSet<&str> = letters
        .iter()
        .map(|letter| letter.record.headers["n"].as_str())
        .collect();
    assert_eq!(parked, HashSet::from([POISON]));
    assert_eq!(letters[0].delivery_count, 3);
    let info = log.consumer_info("cover", "user").await.unwrap();
    assert_eq!((info.pending, info.in_flight), (0, 0));
}
