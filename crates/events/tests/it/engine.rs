use std::sync::Arc;
use std::time::Duration;

use covergen_events::{
    Config, ConsumerSpec, Deliveries, Delivery, EventLog, Record, Subject, open,
};
use futures::StreamExt;
use uuid::Uuid;

/// An open log with whatever must outlive it.
pub(crate) struct Engine {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) config: Config,
    _folder: Option<Folder>,
}

/// A folder for an embedded log, removed at the end. The log's writer may
/// still be closing its files then, so one try is not enough.
pub(crate) struct Folder(std::path::PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap().keep())
    }

    pub(crate) fn url(&self) -> String {
        format!("embedded://{}/events.sqlite", self.0.display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for _ in 0..100 {
            let _ = std::fs::remove_dir_all(&self.0);
            if !self.0.exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

pub(crate) async fn embedded() -> Engine {
    let folder = Folder::new();
    start(Config::from_url(folder.url()), Some(folder)).await
}

pub(crate) async fn jetstream() -> Engine {
    let scope = covergen_testkit::nats().await;
    let mut config = Config::from_url(scope.url());
    config.namespace = scope.namespace().to_owned();
    start(config, None).await
}

async fn start(mut config: Config, folder: Option<Folder>) -> Engine {
    // Streams of many tests share one server, which reserves what they ask.
    config.max_stream_bytes = 64 * 1024 * 1024;
    let log = open(&config).await.unwrap();
    connected(log.as_ref()).await;
    log.declare_stream("cover").await.unwrap();
    Engine {
        log,
        config,
        _folder: folder,
    }
}

impl Engine {
    /// Closes the log and opens it again, as a new process would.
    pub(crate) async fn reopen(&mut self) {
        self.log.close().await.unwrap();
        self.log = open(&self.config).await.unwrap();
        connected(self.log.as_ref()).await;
    }
}

/// Waits until the engine answers.
pub(crate) async fn connected(log: &dyn EventLog) {
    eventually("the log answers", async || log.ping().await.is_ok()).await;
}

/// Polls a real engine until something holds.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what}: not within 20 s");
}

pub(crate) fn record(n: u32) -> Record {
    let subject = Subject::new("cover", "CoverGenerated", &format!("cov_{n}")).unwrap();
    Record::new(Uuid::now_v7(), subject, format!("payload {n}")).with_header("n", n.to_string())
}

pub(crate) fn records(count: u32) -> Vec<Record> {
    (0..count).map(record).collect()
}

/// A consumer that retries at once.
pub(crate) fn spec(durable: &str) -> ConsumerSpec {
    ConsumerSpec {
        backoff: vec![Duration::ZERO],
        ..ConsumerSpec::new("cover", durable)
    }
}

/// The next delivery, which must come.
pub(crate) async fn next(deliveries: &mut Deliveries) -> Delivery {
    tokio::time::timeout(Duration::from_secs(20), deliveries.next())
        .await
        .expect("a delivery within 20 s")
        .expect("the stream goes on")
}

/// Asserts that nothing is ready to be delivered.
pub(crate) async fn assert_idle(deliveries: &mut Deliveries) {
    let more = tokio::time::timeout(Duration::from_millis(300), deliveries.next()).await;
    assert!(more.is_err(), "unexpected {more:?}");
}

/// Makes each behaviour a test on both engines.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::engine::embedded().await).await;
            })+
        }
        mod jetstream {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::engine::jetstream().await).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;
