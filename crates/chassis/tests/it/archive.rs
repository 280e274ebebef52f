//! What is in the log comes to be in the archive, once and for good.

use std::sync::Arc;

use covergen_chassis::{ArchiveConfig, ArchiveError, Keeper, Shelf, lead_in_archiving};
use covergen_events::{Config, EventLog, Position, Reader, Record, Subject, open};
use covergen_ids::Clock;
use covergen_objects::{ObjectStore, PutMode};
use covergen_proto::events::v1::Envelope;
use covergen_store::{Store, StoreConfig};
use prost::Message as _;
use tempfile::TempDir;
use uuid::Uuid;

use crate::service::eventually;

pub(crate) const STREAM: &str = "cover";
pub(crate) const NOW_MS: i64 = i64::MAX;

/// A log and an object store.
pub(crate) struct Desk {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) objects: Arc<dyn ObjectStore>,
    config: Config,
    folder: TempDir,
}

impl Desk {
    pub(crate) async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("embedded://{}/events.sqlite", folder.path().display());
        Self::on(Config::from_url(url), folder).await
    }

    pub(crate) async fn jetstream() -> Self {
        let nats = covergen_testkit::nats().await;
        let mut config = Config::from_url(nats.url());
        config.namespace = nats.namespace().to_owned();
        config.max_stream_bytes = 16 * 1024 * 1024;
        Self::on(config, tempfile::tempdir().unwrap()).await
    }

    async fn on(config: Config, folder: TempDir) -> Self {
        let log = open(&config).await.unwrap();
        eventually("the log answers", || async { log.ping().await.is_ok() }).await;
        log.declare_stream(STREAM).await.unwrap();
        let url = format!("file://{}/objects", folder.path().display());
        let objects = covergen_objects::Config::from_url(url);
        Self {
            log,
            objects: covergen_objects::open(&objects).await.unwrap(),
            config,
            folder,
        }
    }

    pub(crate) fn shelf(&self) -> Shelf {
        Shelf::new(Arc::clone(&self.objects), STREAM)
    }

    /// Archives as a process does that has just started.
    pub(crate) fn keeper(&self, max_segment_events: usize) -> Keeper {
        let config = ArchiveConfig {
            max_segment_events,
            interval_ms: 60_000,
            ..ArchiveConfig::default()
        };
        Keeper::new(self.shelf(), Reader::of(Arc::clone(&self.log)), config)
    }

    /// Publishes versions of an aggregate.
    pub(crate) async fn publish(
        &self,
        aggregate: &str,
        versions: std::ops::RangeInclusive<u64>,
    ) -> Vec<Uuid> {
        let records: Vec<Record> = versions
            .map(|version| {
                let id = Uuid::now_v7();
                let envelope = Envelope {
                    id: id.to_string(),
                    aggregate: aggregate.to_owned(),
                    aggregate_version: version,
                    ..Envelope::default()
                };
                let subject = Subject::new(STREAM, "CoverGenerated", aggregate).unwrap();
                Record::new(id, subject, envelope.encode_to_vec())
            })
            .collect();
        let ids = records.iter().map(|record| record.id).collect();
        self.log.publish(records).await.unwrap();
        ids
    }

    pub(crate) async fn archived(&self) -> Vec<Uuid> {
        let mut ids = Vec::new();
        for name in self.shelf().segments(None).await.unwrap() {
            let archive = self.shelf().read(&name).await.unwrap();
            ids.extend(archive.events.iter().map(|event| event.record.id));
        }
        ids
    }
}

macro_rules! on_both_logs {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Desk::embedded().await).await;
            })+
        }
        mod jetstream {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Desk::jetstream().await).await;
            })+
        }
    };
}

on_both_logs!(
    every_event_is_archived_once_across_restarts,
    two_who_archive_the_same_store_it_once,
    two_who_believe_that_they_lead_do_no_harm,
    whoever_lost_the_lead_writes_nothing_more,
    a_young_event_waits_for_its_segment_to_fill,
    what_is_missing_or_changed_is_found,
    what_leaves_the_log_stays_in_the_archive,
);

async fn every_event_is_archived_once_across_restarts(desk: Desk) {
    let mut sent = desk.publish("cov_1", 1..=25).await;
    let kept = desk.keeper(10).round(NOW_MS, false).await.unwrap();
    assert_eq!((kept.segments, kept.events), (3, 25));
    assert_eq!(desk.archived().await, sent);
    // As one that was killed behind its last segment, and starts again.
    let kept = desk.keeper(10).round(NOW_MS, false).await.unwrap();
    assert_eq!((kept.segments, kept.events), (0, 0));
    sent.extend(desk.publish("cov_1", 26..=30).await);
    let mut keeper = desk.keeper(10);
    keeper.round(NOW_MS, false).await.unwrap();
    sent.extend(desk.publish("cov_2", 1..=1).await);
    keeper.round(NOW_MS, false).await.unwrap();
    assert_eq!(desk.archived().await, sent);
    let found = desk.shelf().verify().await.unwrap();
    assert_eq!(found.problems, Vec::<String>::new());
    assert_eq!(
        (found.events, found.repeated, found.started_late),
        (31, 0, 0)
    );
}

async fn two_who_archive_the_same_store_it_once(desk: Desk) {
    let sent = desk.publish("cov_1", 1..=20).await;
    let (mut one, mut other) = (desk.keeper(8), desk.keeper(8));
    let (first, second) = tokio::join!(one.round(NOW_MS, true), other.round(NOW_MS, true));
    first.unwrap();
    second.unwrap();
    assert_eq!(desk.archived().await, sent);
}

/// Segments of different lengths, one beside the other and over each other.
async fn two_who_believe_that_they_lead_do_no_harm(desk: Desk) {
    let mut sent = desk.publish("cov_1", 1..=9).await;
    let (mut one, mut other) = (desk.keeper(4), desk.keeper(7));
    for versions in [10..=15, 16..=18, 19..=30] {
        let (first, second) = tokio::join!(one.round(NOW_MS, true), other.round(NOW_MS, true));
        first.unwrap();
        second.unwrap();
        sent.extend(desk.publish("cov_1", versions).await);
    }
    one.round(NOW_MS, true).await.unwrap();
    let found = desk.shelf().verify().await.unwrap();
    assert_eq!(found.problems, Vec::<String>::new());
    let mut archived = desk.archived().await;
    archived.sort_unstable();
    archived.dedup();
    sent.sort_unstable();
    assert_eq!(archived, sent);
}

async fn whoever_lost_the_lead_writes_nothing_more(desk: Desk) {
    let file = desk.folder.path().join("{service}.sqlite");
    let config = StoreConfig::from_url(format!("sqlite://{}", file.display()));
    let open = || Store::open(&config, STREAM, Clock::system());
    let (store, other) = (open().await.unwrap(), open().await.unwrap());
    store.migrate(vec![]).await.unwrap();
    let sent = desk.publish("cov_1", 1..=12).await;
    let mut keeper = desk.keeper(5);
    // Frozen for longer than its term, as far as it has got.
    let short = std::time::Duration::from_millis(1);
    let mut frozen = store.lead("archive", short).await.unwrap().unwrap();
    eventually("its term has ended", || async {
        lead_in_archiving(&other).await.unwrap().is_some()
    })
    .await;
    let stopped = keeper.round_under(&mut frozen, NOW_MS, true).await;
    assert!(
        matches!(stopped, Err(ArchiveError::Superseded)),
        "{stopped:?}"
    );
    assert!(desk.archived().await.is_empty());

    let mut lead = store.lead("another", short).await.unwrap().unwrap();
    keeper.round_under(&mut lead, NOW_MS, true).await.unwrap();
    assert_eq!(desk.archived().await, sent);
}

async fn a_young_event_waits_for_its_segment_to_fill(desk: Desk) {
    desk.publish("cov_1", 1..=5).await;
    let stored = desk.log.read(STREAM, Position::Beginning, 1).await.unwrap();
    let published_ms = stored[0].published_at.unix_timestamp_nanos() / 1_000_000;
    let now_ms = i64::try_from(published_ms).unwrap();
    let mut keeper = desk.keeper(4);
    // Four fill a segment, the fifth waits.
    let kept = keeper.round(now_ms, false).await.unwrap();
    assert_eq!((kept.segments, kept.events), (1, 4));
    let kept = keeper.round(now_ms + 59_000, false).await.unwrap();
    assert_eq!(kept.events, 0);
    let kept = keeper.round(now_ms + 61_000, false).await.unwrap();
    assert_eq!(kept.events, 1);
}

async fn what_is_missing_or_changed_is_found(desk: Desk) {
    desk.publish("cov_1", 1..=30).await;
    desk.keeper(10).round(NOW_MS, false).await.unwrap();
    let names = desk.shelf().segments(None).await.unwrap();
    let whole = desk.objects.get(&names[1].key, None).await.unwrap();
    let whole = whole.bytes().await.unwrap();

    desk.objects.delete(&names[1].key).await.unwrap();
    let found = desk.shelf().verify().await.unwrap();
    assert_eq!(found.problems.len(), 2, "{:?}", found.problems);
    assert!(found.problems[0].contains("the segment before it ends at"));
    assert!(found.problems[1].contains("version 11 is missing before 21"));

    let mut changed = whole.to_vec();
    changed[20] ^= 1;
    let put = |bytes: Vec<u8>| {
        let (objects, key) = (Arc::clone(&desk.objects), names[1].key.clone());
        async move {
            objects
                .put(&key, bytes.into(), "application/gzip", PutMode::Replace)
                .await
                .unwrap();
        }
    };
    put(changed).await;
    let refused = desk.shelf().read(&names[1]).await;
    assert!(matches!(refused, Err(ArchiveError::Broken(_))));
    let found = desk.shelf().verify().await.unwrap();
    assert!(found.problems[0].contains("hash"), "{:?}", found.problems);

    put(whole.to_vec()).await;
    assert!(desk.shelf().verify().await.unwrap().problems.is_empty());
}

/// The log is lost, and a new one counts from one again: none of its events is
/// taken for one that was archived.
async fn what_leaves_the_log_stays_in_the_archive(desk: Desk) {
    let mut sent = desk.publish("cov_1", 1..=12).await;
    let mut keeper = desk.keeper(5);
    keeper.round(NOW_MS, true).await.unwrap();
    desk.lose_the_log().await;
    sent.extend(desk.publish("cov_2", 1..=20).await);
    keeper.round(NOW_MS, true).await.unwrap();
    // And nothing is stored again, by this one or one that starts later.
    assert_eq!(keeper.round(NOW_MS, true).await.unwrap().events, 0);
    assert_eq!(desk.keeper(5).round(NOW_MS, true).await.unwrap().events, 0);
    let mut archived = desk.archived().await;
    archived.sort_unstable();
    sent.sort_unstable();
    assert_eq!(archived, sent);
    let found = desk.shelf().verify().await.unwrap();
    assert_eq!(found.problems, Vec::<String>::new());
}

impl Desk {
    pub(crate) async fn lose_the_log(&self) {
        if self.config.url.starts_with("nats:") {
            let client = async_nats::connect(&self.config.url).await.unwrap();
            let name = format!("{}_{STREAM}", self.config.namespace);
            let context = async_nats::jetstream::new(client);
            context.delete_stream(name).await.unwrap();
            self.log.declare_stream(STREAM).await.unwrap();
            return;
        }
        // The same on a file: its events are gone and numbers begin anew.
        for sql in [
            "DELETE FROM messages",
            "DELETE FROM sqlite_sequence WHERE name = 'messages'",
            "UPDATE streams SET last_sequence = 0",
        ] {
            self.change(sql).await;
        }
    }

    /// Changes the file of an embedded log behind its back.
    pub(crate) async fn change(&self, sql: &str) {
        let path = self.config.url.strip_prefix("embedded://").unwrap();
        let file = sea_orm::Database::connect(format!("sqlite://{path}"));
        let file = file.await.unwrap();
        let changed = sea_orm::ConnectionTrait::execute_unprepared(&file, sql);
        changed.await.unwrap();
    }
}
