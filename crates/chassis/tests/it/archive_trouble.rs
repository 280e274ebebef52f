//! What goes wrong around an archive: an object store that takes nothing, a
//! clock that ran ahead, a log that counts anew.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use covergen_chassis::{ArchiveConfig, Keeper, Shelf};
use covergen_events::{ConsumerSpec, Position, Reader};
use covergen_objects::{Error, Key, Meta, Object, ObjectStore, Page, PutMode};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use metrics::{
    Counter, Gauge, Histogram, Key as Series, KeyName, Metadata, Recorder, SharedString, Unit,
};

use crate::archive::{Desk, NOW_MS, STREAM};

type Result<T> = std::result::Result<T, Error>;

/// An object store that may take nothing, or not answer at all.
#[derive(Debug)]
struct Moody {
    inner: Arc<dyn ObjectStore>,
    takes: AtomicBool,
    answers: AtomicBool,
}

impl Moody {
    fn mood(&self, is_good: &AtomicBool) -> Result<()> {
        if is_good.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(Error::Unavailable("not today".to_owned()))
    }
}

#[async_trait]
impl ObjectStore for Moody {
    async fn put(&self, key: &Key, body: Bytes, kind: &str, mode: PutMode) -> Result<Meta> {
        self.mood(&self.takes)?;
        self.inner.put(key, body, kind, mode).await
    }

    async fn put_stream(
        &self,
        key: &Key,
        body: BoxStream<'static, std::io::Result<Bytes>>,
        kind: &str,
    ) -> Result<Meta> {
        self.mood(&self.takes)?;
        self.inner.put_stream(key, body, kind).await
    }

    async fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object> {
        self.mood(&self.answers)?;
        self.inner.get(key, range).await
    }

    async fn head(&self, key: &Key) -> Result<Meta> {
        self.mood(&self.answers)?;
        self.inner.head(key).await
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.mood(&self.takes)?;
        self.inner.delete(key).await
    }

    async fn list(&self, folder: &str, after: Option<&Key>, limit: usize) -> Result<Page> {
        self.mood(&self.answers)?;
        self.inner.list(folder, after, limit).await
    }

    async fn ping(&self) -> Result<()> {
        self.mood(&self.answers)
    }
}

/// What the alert reads.
#[derive(Default)]
struct LagGauge(Arc<AtomicU64>);

impl LagGauge {
    fn hours(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed)) / 3_600.0
    }
}

impl Recorder for LagGauge {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Series, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, series: &Series, _: &Metadata<'_>) -> Gauge {
        if series.name() == "event_archive_lag_seconds" {
            return Gauge::from_arc(Arc::clone(&self.0));
        }
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Series, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn the_lag_grows_for_as_long_as_the_object_store_takes_nothing() {
    let desk = Desk::embedded().await;
    let gauge = LagGauge::default();
    let _told = metrics::set_default_local_recorder(&gauge);
    let objects = Arc::new(Moody {
        inner: Arc::clone(&desk.objects),
        takes: AtomicBool::new(true),
        answers: AtomicBool::new(true),
    });
    let keeper = || {
        let shelf = Shelf::new(Arc::clone(&objects) as Arc<dyn ObjectStore>, STREAM);
        let log = Reader::of(Arc::clone(&desk.log));
        Keeper::new(shelf, log, ArchiveConfig::default())
    };
    desk.publish("cov_1", 1..=2).await;
    let mut first = keeper();
    first.round(NOW_MS, true).await.unwrap();
    assert_eq!(gauge.hours(), 0.0);

    objects.takes.store(false, Ordering::Relaxed);
    desk.publish("cov_1", 3..=5).await;
    let stored = desk.log.read(STREAM, Position::Sequence(3), 1).await;
    let since_ms = stored.unwrap()[0].published_at.unix_timestamp_nanos() / 1_000_000;
    let hours = |hours: i64| i64::try_from(since_ms).unwrap() + hours * 3_600_000;
    first.round(hours(1), false).await.unwrap_err();
    assert_eq!(gauge.hours(), 1.0);
    // It knows of them also when nothing can be looked at, and when it starts.
    objects.answers.store(false, Ordering::Relaxed);
    first.round(hours(30), false).await.unwrap_err();
    assert_eq!(gauge.hours(), 30.0);
    let mut second = keeper();
    second.round(hours(40), false).await.unwrap_err();
    assert!(gauge.hours() >= 40.0, "{}", gauge.hours());

    objects.answers.store(true, Ordering::Relaxed);
    second.round(hours(50), false).await.unwrap_err();
    assert_eq!(gauge.hours(), 50.0);
    objects.takes.store(true, Ordering::Relaxed);
    let kept = second.round(hours(51), false).await.unwrap();
    assert_eq!((kept.events, gauge.hours()), (3, 0.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_ran_ahead_leaves_the_archive_in_its_order() {
    let desk = Desk::embedded().await;
    let mut sent = desk.publish("cov_1", 1..=3).await;
    desk.change("UPDATE messages SET published_at = published_at + 3600000")
        .await;
    desk.keeper(10).round(NOW_MS, true).await.unwrap();
    for versions in [4..=6, 7..=9] {
        sent.extend(desk.publish("cov_1", versions).await);
        desk.keeper(10).round(NOW_MS, true).await.unwrap();
    }
    assert_eq!(desk.archived().await, sent);
    let found = desk.shelf().verify().await.unwrap();
    assert_eq!((found.problems, found.repeated), (Vec::<String>::new(), 0));
}

/// The log is lost, and where its last archived event stood a dead letter is
/// handed back: what came before that is not archived yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_copy_where_the_archive_ends_is_not_its_end() {
    let desk = Desk::jetstream().await;
    let mut sent = desk.publish("cov_1", 1..=3).await;
    let mut keeper = desk.keeper(10);
    keeper.round(NOW_MS, true).await.unwrap();
    desk.lose_the_log().await;
    sent.extend(desk.publish("cov_2", 1..=2).await);
    let spec = ConsumerSpec::new(STREAM, "listener");
    let mut deliveries = desk.log.consume(&spec).await.unwrap();
    let first = deliveries.next().await.unwrap();
    first.park("not now").await.unwrap();
    let letters = desk.log.dead_letters(STREAM, 0, 1).await.unwrap();
    desk.log.redrive(STREAM, letters[0].sequence).await.unwrap();
    sent.extend(desk.publish("cov_2", 3..=3).await);
    let stored = desk.log.read(STREAM, Position::Sequence(3), 1).await;
    assert_eq!(stored.unwrap()[0].sequence, 4, "the third is the copy");

    keeper.round(NOW_MS, true).await.unwrap();
    let mut archived = desk.archived().await;
    archived.sort_unstable();
    sent.sort_unstable();
    assert_eq!(archived, sent);
}
