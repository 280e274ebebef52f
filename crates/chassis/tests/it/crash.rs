//! An event that ends its process is alone in the blame, though others are at
//! hand and under way when it does.

use std::collections::BTreeMap;
use std::env;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use covergen_chassis::{BoxError, Config, Context, Event, Host, Service, Subscription, Wiring};
use covergen_events::{EventLog, Record, Subject};
use covergen_ids::{Clock, SessionId, UserId, WorkspaceId};
use covergen_proto::auth::v1::SessionRevoked;
use covergen_proto::events::v1::Envelope;
use prost::{Message as _, Name as _};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::service::eventually;

/// What a handler takes that is not to blame.
const HANDLING: Duration = Duration::from_millis(300);

/// Attempts until an event is parked.
const ATTEMPTS: u32 = 5;

/// What a process of the test is told.
const FOLDER: &str = "COVERGEN_TEST_CRASH_FOLDER";
const URL: &str = "COVERGEN_TEST_CRASH_EVENTS";
const NAMESPACE: &str = "COVERGEN_TEST_CRASH_NAMESPACE";

fn config(folder: &Path, url: &str, namespace: &str) -> Config {
    let mut config = Config::load(Config::embedded(folder), &[], []).unwrap();
    url.clone_into(&mut config.events.url);
    namespace.clone_into(&mut config.events.namespace);
    config.events.max_stream_bytes = 16 * 1024 * 1024;
    config
}

/// One line for each attempt that began, or was done.
fn note(folder: &Path, what: &str, session: &str) {
    let file = folder.join(what);
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .unwrap();
    writeln!(file, "{session}").unwrap();
}

fn noted(folder: &Path, what: &str) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for line in std::fs::read_to_string(folder.join(what)).unwrap().lines() {
        *counts.entry(line.to_owned()).or_default() += 1;
    }
    counts
}

/// Takes its time over each event, and ends the process over one of them once
/// the others had time to begin.
fn listener(folder: PathBuf) -> Service {
    Service::new("listener", move |_: Context| async move {
        let subscription = Subscription::new("auth", "listener")
            .ack_wait(Duration::from_secs(1))
            .on(move |event: Event<SessionRevoked>| {
                let folder = folder.clone();
                async move {
                    let session = event.message.session_id;
                    note(&folder, "begun", &session);
                    let never = Notify::new();
                    let _ = tokio::time::timeout(HANDLING, never.notified()).await;
                    if event.message.method == "poison" {
                        std::process::abort();
                    }
                    note(&folder, "handled", &session);
                    Ok(())
                }
            });
        Ok::<_, BoxError>(Wiring::new().subscribe(subscription))
    })
}

async fn is_idle(events: &dyn EventLog) -> bool {
    let info = events.consumer_info("auth", "listener").await;
    info.is_ok_and(|info| (info.pending, info.in_flight) == (0, 0))
}

/// Not a test of its own: a process that handles what there is until it meets
/// the event that ends it, or until there is nothing more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_that_may_end() {
    let (Ok(folder), Ok(url), Ok(namespace)) =
        (env::var(FOLDER), env::var(URL), env::var(NAMESPACE))
    else {
        return;
    };
    let folder = PathBuf::from(folder);
    let host = Host::open(config(&folder, &url, &namespace), Clock::system())
        .await
        .unwrap();
    let hosted = host.start(vec![listener(folder)]).await.unwrap();
    let events = hosted.events();
    eventually("nothing is left", || async {
        is_idle(events.as_ref()).await
    })
    .await;
    std::process::exit(0);
}

/// Eight at once, of which one is the poison; each of an aggregate of its own.
fn records() -> (Vec<Record>, String) {
    let clock = Clock::system();
    let mut poison = String::new();
    let records = (0..8)
        .map(|n| {
            let (user, session) = (UserId::new(&clock), SessionId::new(&clock));
            let method = if n == 3 { "poison" } else { "logout" };
            if n == 3 {
                poison = session.to_string();
            }
            let event = SessionRevoked {
                user_id: user.to_string(),
                session_id: session.to_string(),
                method: method.to_owned(),
            };
            let id = Uuid::now_v7();
            let envelope = Envelope {
                id: id.to_string(),
                r#type: SessionRevoked::full_name(),
                aggregate: user.to_string(),
                aggregate_version: 1,
                workspace_id: WorkspaceId::SYSTEM.to_string(),
                data: event.encode_to_vec().into(),
                ..Envelope::default()
            };
            let subject = Subject::new("auth", "SessionRevoked", &user.to_string()).unwrap();
            Record::new(id, subject, envelope.encode_to_vec())
        })
        .collect();
    (records, poison)
}

async fn opened(config: &Config) -> Arc<dyn EventLog> {
    let log = covergen_events::open(&config.events).await.unwrap();
    eventually("the log answers", || async { log.ping().await.is_ok() }).await;
    log
}

/// Runs processes until one has nothing left to do; how many died.
fn deaths(folder: &Path, config: &Config) -> u32 {
    for deaths in 0.. {
        let status = Command::new(env::current_exe().unwrap())
            .args(["--exact", "crash::process_that_may_end"])
            .env(FOLDER, folder)
            .env(URL, &config.events.url)
            .env(NAMESPACE, &config.events.namespace)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        if status.success() {
            return deaths;
        }
        assert!(deaths <= ATTEMPTS, "it goes on killing");
    }
    unreachable!("it is parked at last")
}

async fn the_one_to_blame_is_parked_alone(folder: &Path, config: &Config) {
    let log = opened(config).await;
    log.declare_stream("auth").await.unwrap();
    let (records, poison) = records();
    let sessions = records.len();
    log.publish(records).await.unwrap();
    log.close().await.unwrap();

    assert_eq!(deaths(folder, config), ATTEMPTS);
    let mut begun = noted(folder, "begun");
    assert_eq!(begun.remove(&poison), Some(ATTEMPTS), "{begun:?}");
    // Those beside it the first time came once more, alone: no other process
    // ended over one of them.
    let handled = noted(folder, "handled");
    for (session, attempts) in &begun {
        let handled = handled.get(session).copied().unwrap_or_default();
        assert!(*attempts <= 1 + handled, "{begun:?}");
    }
    assert_eq!(handled.len(), sessions - 1);
    let log = opened(config).await;
    let letters = log.dead_letters("auth", 0, 100).await.unwrap();
    let [letter] = &letters[..] else {
        panic!("{letters:?}");
    };
    assert_eq!(letter.delivery_count, ATTEMPTS);
    assert!(letter.reason.contains("its process ended"), "{letter:?}");
    let envelope = Envelope::decode(letter.record.payload.clone()).unwrap();
    let event = SessionRevoked::decode(envelope.data).unwrap();
    assert_eq!(event.session_id, poison);
    log.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_jetstream_an_event_that_ends_its_process_is_parked_alone() {
    let nats = covergen_testkit::nats().await;
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), nats.url(), nats.namespace());
    the_one_to_blame_is_parked_alone(folder.path(), &config).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_embedded_log_an_event_that_ends_its_process_is_parked_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::load(Config::embedded(folder.path()), &[], []).unwrap();
    let (url, namespace) = (config.events.url, config.events.namespace);
    let config = self::config(folder.path(), &url, &namespace);
    the_one_to_blame_is_parked_alone(folder.path(), &config).await;
}
