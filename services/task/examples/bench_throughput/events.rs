//! Outbox → relay → JetStream → inbox on either database, and a bare client's
//! publish and ack.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_nats::jetstream;
use covergen_chassis::{Applied, BoxError, Context, Event, Harness, Service, Subscription, Wiring};
use covergen_ids::{Clock, WorkspaceId};
use covergen_proto::cover::v1::CoverGenerated;
use covergen_store::{EventDraft, Store};
use prost::Message as _;
use serde_json::json;
use tokio::sync::OnceCell;

/// Aggregates the events are of, as many as there are covers in the making.
const AGGREGATES: usize = 1_000;
/// Events that one transaction emits.
const PER_TRANSACTION: usize = 10;
/// Callers that emit at the same time.
const EMITTERS: usize = 4;
/// Acknowledgements a bare client waits for at once.
const WINDOW: usize = 256;

fn event(at: usize) -> CoverGenerated {
    CoverGenerated {
        task_id: format!("tsk_{at:032}"),
        user_id: format!("usr_{at:032}"),
        cover_ids: vec![format!("cov_{at:032}")],
        asset_ids: vec![format!("ast_{at:032}")],
        template_id: "aurora".to_owned(),
        ..CoverGenerated::default()
    }
}

/// Prints what an event costs, all in all.
pub(super) async fn measure(count: usize) {
    let server = covergen_testkit::Nats::start().await;
    let database = covergen_testkit::Postgres::start().await;
    let address = database.url();
    let (address, _) = address.rsplit_once('/').unwrap();
    let bare_us = bare(&server.url(), count).await;
    for (case, url) in [
        ("events", format!("{address}/bench_{{service}}")),
        ("events, SQLite", String::new()),
    ] {
        let ours = Platform::start(&server.url(), &url).await;
        let events_us = ours.run(count).await;
        ours.harness.stop().await;
        println!(
            "{}",
            json!({"bench": "throughput", "case": case, "eventUs": events_us,
                "eventsPerSecond": 1e6 / events_us})
        );
    }
    println!(
        "{}",
        json!({"bench": "throughput", "peer": "async-nats", "eventUs": bare_us,
            "eventsPerSecond": 1e6 / bare_us})
    );
}

/// Publishes as fast as the server acknowledges; microseconds per event.
async fn bare(url: &str, count: usize) -> f64 {
    let client = async_nats::connect(url).await.unwrap();
    let context = jetstream::new(client);
    context
        .create_stream(jetstream::stream::Config {
            name: "bare".to_owned(),
            subjects: vec!["bare.>".to_owned()],
            ..jetstream::stream::Config::default()
        })
        .await
        .unwrap();
    // As large as an envelope is around it.
    let padding = vec![b'x'; 260];
    let began = Instant::now();
    let mut waiting = std::collections::VecDeque::with_capacity(WINDOW);
    for at in 0..count {
        let mut payload = event(at).encode_to_vec();
        payload.extend_from_slice(&padding);
        let subject = format!("bare.CoverGenerated.cov_{}", at % AGGREGATES);
        waiting.push_back(context.publish(subject, payload.into()).await.unwrap());
        if waiting.len() == WINDOW {
            waiting.pop_front().unwrap().await.unwrap();
        }
    }
    for ack in waiting {
        ack.await.unwrap();
    }
    per(began, count)
}

fn per(began: Instant, count: usize) -> f64 {
    #[allow(clippy::cast_precision_loss)] // Counts are small.
    let count = count as f64;
    began.elapsed().as_secs_f64() * 1e6 / count
}

/// A service that emits and one that hears.
struct Platform {
    harness: Harness,
    store: Store,
    heard: Arc<AtomicUsize>,
}

impl Platform {
    /// With an address of databases in which `{service}` stands for the
    /// service, or none for files.
    async fn start(url: &str, database: &str) -> Self {
        let heard = Arc::new(AtomicUsize::new(0));
        let kept: Arc<OnceCell<Store>> = Arc::default();
        let services = vec![emitter(&kept), listener(&heard)];
        let harness = Harness::start_with(services, Clock::system(), |config| {
            config.events.url = url.to_owned();
            // Both measure from an empty log on the same server.
            let (namespace, is_server) = match database {
                "" => ("files", false),
                _ => ("servers", true),
            };
            namespace.clone_into(&mut config.events.namespace);
            if is_server {
                database.clone_into(&mut config.database.url);
            }
            config.archive.enabled = false;
        })
        .await;
        let store = kept.get().unwrap().clone();
        let platform = Self {
            harness,
            store,
            heard,
        };
        platform.run(PER_TRANSACTION * 10).await;
        platform
    }

    /// Emits and waits until everything was heard; microseconds per event.
    async fn run(&self, count: usize) -> f64 {
        let each = count / (PER_TRANSACTION * EMITTERS);
        let count = each * PER_TRANSACTION * EMITTERS;
        let before = self.heard.load(Ordering::SeqCst);
        let began = Instant::now();
        futures::future::join_all((0..EMITTERS).map(|emitter| self.emit(emitter, each))).await;
        while self.heard.load(Ordering::SeqCst) < before + count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        per(began, count)
    }

    /// So many transactions of one caller, over aggregates of its own.
    async fn emit(&self, emitter: usize, transactions: usize) {
        for first in (0..transactions * PER_TRANSACTION).step_by(PER_TRANSACTION) {
            let tx = self.store.begin().await.unwrap();
            for at in first..first + PER_TRANSACTION {
                let aggregate = format!("cov_{}", (at * EMITTERS + emitter) % AGGREGATES);
                let draft = EventDraft::new(&aggregate, WorkspaceId::SYSTEM, &event(at));
                tx.emit(draft).await.unwrap();
            }
            tx.commit().await.unwrap();
        }
    }
}

fn emitter(kept: &Arc<OnceCell<Store>>) -> Service {
    let kept = Arc::clone(kept);
    Service::new("cover", move |context: Context| async move {
        kept.set(context.store.clone())?;
        Ok::<_, BoxError>(Wiring::new())
    })
}

fn listener(heard: &Arc<AtomicUsize>) -> Service {
    let heard = Arc::clone(heard);
    Service::new("listener", move |context: Context| async move {
        let subscription = Subscription::new("cover", "listener").once(
            &context.store,
            move |_tx, _event: Event<CoverGenerated>| {
                let heard = Arc::clone(&heard);
                Box::pin(async move {
                    Ok(Applied::then(async move {
                        heard.fetch_add(1, Ordering::SeqCst);
                    }))
                })
            },
        );
        Ok::<_, BoxError>(Wiring::new().subscribe(subscription))
    })
}
