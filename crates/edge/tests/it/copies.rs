//! Copies of answers: kept in the cache, ended by events.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use covergen_bff::{AnswerCopies as _, Copies, Problem};
use covergen_cache::{Cache, Config};
use covergen_edge::{EdgeCopies, follow};
use covergen_events::{EventLog, Record, Subject};
use covergen_proto::events::v1::Envelope;
use prost::Message as _;
use tokio_util::sync::CancellationToken;

const PUBLISHED: &str = "covergen.template.v1.TemplatePublished";

/// What is kept until a template is published, and what no event ends.
static UNTIL_PUBLISHED: Copies = Copies {
    seconds: 3600,
    purge_on: &[PUBLISHED],
};
static FOR_AN_HOUR: Copies = Copies {
    seconds: 3600,
    purge_on: &[],
};

/// One BFF's copies, and how often it had to make an answer.
struct Bff {
    copies: EdgeCopies,
    made: AtomicU32,
}

impl Bff {
    fn new(cache: &Cache) -> Self {
        Self {
            copies: EdgeCopies::new(cache, covergen_bff_web::surface()),
            made: AtomicU32::new(0),
        }
    }

    /// As [`new`](Self::new), following the log.
    fn following(cache: &Cache, log: &Log) -> Self {
        let bff = Self::new(cache);
        let surface = covergen_bff_web::surface();
        let events = Arc::clone(&log.events);
        tokio::spawn(follow(
            bff.copies.clone(),
            surface,
            events,
            CancellationToken::new(),
        ));
        bff
    }

    async fn ask(&self, key: &str, copies: &Copies) -> Result<u32, Problem> {
        let load = Box::pin(async {
            let made = self.made.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(Bytes::copy_from_slice(&made.to_be_bytes()))
        });
        let answer = self.copies.answer(key, copies, load).await?;
        Ok(u32::from_be_bytes(answer[..].try_into().unwrap()))
    }

    /// Asks until two answers in a row are one and the same.
    async fn eventually_keeps(&self, key: &str) -> u32 {
        for _ in 0..1_000 {
            let one = self.ask(key, &UNTIL_PUBLISHED).await.unwrap();
            if self.ask(key, &UNTIL_PUBLISHED).await.unwrap() == one {
                return one;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no copy is ever kept");
    }

    /// Asks until the answer is another than `known`.
    async fn eventually_makes_anew(&self, key: &str, known: u32) {
        for _ in 0..1_000 {
            if self.ask(key, &UNTIL_PUBLISHED).await.unwrap() != known {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the copy never ends");
    }
}

/// A real event log in a folder of its own.
struct Log {
    events: Arc<dyn EventLog>,
    _folder: tempfile::TempDir,
}

impl Log {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.sqlite");
        let config = covergen_events::Config::from_url(format!("embedded://{}", path.display()));
        let events = covergen_events::open(&config).await.unwrap();
        events.declare_stream("template").await.unwrap();
        Self {
            events,
            _folder: folder,
        }
    }

    async fn publish(&self, event: &str) {
        let envelope = Envelope {
            r#type: event.to_owned(),
            ..Envelope::default()
        };
        let name = event.rsplit('.').next().unwrap();
        let subject = Subject::new("template", name, "tpl_1").unwrap();
        let record = Record::new(uuid::Uuid::now_v7(), subject, envelope.encode_to_vec());
        self.events.publish(vec![record]).await.unwrap();
    }
}

pub(crate) async fn redis() -> Cache {
    let scope = covergen_testkit::redis().await;
    let mut config = Config::from_url(scope.url());
    config.prefix = scope.prefix().to_owned();
    config.command_timeout_ms = 5_000;
    let cache = Cache::open(&config).await.unwrap();
    eventually_connected(&cache).await;
    cache
}

async fn eventually_connected(cache: &Cache) {
    for _ in 0..1_000 {
        if cache.ping().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the cache never answers");
}

fn memory() -> Cache {
    Cache::memory(1 << 20, 1_000)
}

async fn a_copy_lives_until_its_event(cache: Cache) {
    let log = Log::open().await;
    let bff = Bff::following(&cache, &log);
    let kept = bff.eventually_keeps("list").await;
    let other = bff.ask("presets", &FOR_AN_HOUR).await.unwrap();
    log.publish("covergen.template.v1.TemplateDeleted").await;
    log.publish(PUBLISHED).await;
    bff.eventually_makes_anew("list", kept).await;
    assert_eq!(bff.ask("presets", &FOR_AN_HOUR).await.unwrap(), other);
    bff.eventually_keeps("list").await;
}

async fn an_answer_begun_before_the_event_is_not_kept_after_it(cache: Cache) {
    let log = Log::open().await;
    let bff = Bff::following(&cache, &log);
    bff.eventually_keeps("other").await;
    let stale = Box::pin(async {
        bff.copies.purge(&[PUBLISHED]).await.unwrap();
        Ok(Bytes::from_static(b"stale"))
    });
    let answer = bff.copies.answer("list", &UNTIL_PUBLISHED, stale).await;
    assert_eq!(&answer.unwrap()[..], b"stale");
    assert_eq!(
        bff.ask("list", &UNTIL_PUBLISHED).await.unwrap(),
        bff.made.load(Ordering::SeqCst)
    );
}

async fn nothing_is_kept_while_events_are_away_and_all_ends_when_they_are_back(cache: Cache) {
    let never = Bff::new(&cache);
    for times in 1..4 {
        assert_eq!(never.ask("list", &UNTIL_PUBLISHED).await.unwrap(), times);
    }
    let first = Log::open().await;
    let bff = Bff::following(&cache, &first);
    let kept = bff.eventually_keeps("list").await;
    first.events.close().await.unwrap();
    bff.eventually_makes_anew("list", kept).await;
    let second = Log::open().await;
    let again = Bff::following(&cache, &second);
    // Had the old copy survived, the first answer would be that.
    again.made.store(kept + 1_000, Ordering::SeqCst);
    assert!(again.eventually_keeps("list").await > kept + 1_000);
}

async fn replicas_share_copies_and_their_end(cache: Cache) {
    let log = Log::open().await;
    let (one, other) = (Bff::following(&cache, &log), Bff::following(&cache, &log));
    one.eventually_keeps("warm").await;
    other.eventually_keeps("warm").await;
    other.made.store(1_000, Ordering::SeqCst);
    let kept = one.ask("list", &UNTIL_PUBLISHED).await.unwrap();
    assert_eq!(other.ask("list", &UNTIL_PUBLISHED).await.unwrap(), kept);
    one.copies.purge(&[PUBLISHED]).await.unwrap();
    assert_eq!(other.ask("list", &UNTIL_PUBLISHED).await.unwrap(), 1_001);
}

/// Makes each behaviour a test on both engines.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::memory()).await;
            })+
        }
        mod on_redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::redis().await).await;
            })+
        }
    };
}

on_both_engines!(
    a_copy_lives_until_its_event,
    an_answer_begun_before_the_event_is_not_kept_after_it,
    nothing_is_kept_while_events_are_away_and_all_ends_when_they_are_back,
    replicas_share_copies_and_their_end,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_that_is_away_only_means_asking_each_time() {
    let mut config = Config::from_url("redis://127.0.0.1:1");
    config.command_timeout_ms = 50;
    let cache = Cache::open(&config).await.unwrap();
    let bff = Bff::new(&cache);
    for times in 1..3 {
        assert_eq!(bff.ask("list", &FOR_AN_HOUR).await.unwrap(), times);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_are_bounded() {
    let log = Log::open().await;
    let bff = Bff::following(&Cache::memory(1 << 16, 20), &log);
    bff.eventually_keeps("list").await;
    let before = bff.made.load(Ordering::SeqCst);
    for _ in 0..2 {
        for at in 0..100 {
            bff.ask(&format!("list-{at}"), &FOR_AN_HOUR).await.unwrap();
        }
    }
    let made = bff.made.load(Ordering::SeqCst) - before;
    assert!(made > 180, "{made} of 200 were made, so the rest was kept");
}
