//! A stream that vanishes under a service that runs is declared again by the
//! service itself, whether anybody reads it or not.

use std::sync::{Arc, OnceLock};

use covergen_chassis::{BoxError, Context, Harness, Service, Wiring};
use covergen_events::Position;
use covergen_ids::{Clock, TaskId, WorkspaceId};
use covergen_proto::task::v1::TaskStateChanged;
use covergen_store::{EventDraft, Store};
use covergen_testkit::Nats;

use crate::service::eventually;

/// A service that nobody listens to.
struct Alone {
    harness: Harness,
    store: Arc<OnceLock<Store>>,
}

impl Alone {
    async fn start(url: &str, namespace: &str) -> Self {
        let store = Arc::new(OnceLock::new());
        let taken = Arc::clone(&store);
        let service = Service::new("task", move |context: Context| async move {
            taken.set(context.store.clone()).ok();
            Ok::<_, BoxError>(Wiring::new())
        });
        let harness = Harness::start_with(vec![service], Clock::system(), |config| {
            config.events.url = url.to_owned();
            config.events.namespace = namespace.to_owned();
            config.events.max_stream_bytes = 16 * 1024 * 1024;
        })
        .await;
        Self { harness, store }
    }

    async fn emit(&self) {
        let id = TaskId::new(&Clock::system());
        let event = TaskStateChanged {
            task_id: id.to_string(),
            ..TaskStateChanged::default()
        };
        let tx = self.store.get().unwrap().begin().await.unwrap();
        let draft = EventDraft::new(&id, WorkspaceId::SYSTEM, &event);
        tx.emit(draft).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Waits until the log holds so many events.
    async fn holds(&self, count: usize) {
        let events = self.harness.hosted().events();
        eventually("the log holds the events", || async {
            let page = events.read("task", Position::Beginning, 10).await;
            page.is_ok_and(|page| page.len() == count)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_empty_is_given_the_stream_again() {
    let server = Nats::start().await;
    let alone = Alone::start(&server.url(), "covergen").await;
    alone.emit().await;
    alone.holds(1).await;
    server.kill();
    std::fs::remove_dir_all(server.folder().join("jetstream")).unwrap();
    let _server = server.restart().await;
    // Nothing is published: what it held is sent again because it is there.
    alone.holds(1).await;
    alone.harness.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_somebody_removed_is_declared_by_whoever_publishes() {
    let nats = covergen_testkit::nats().await;
    let alone = Alone::start(nats.url(), nats.namespace()).await;
    alone.emit().await;
    alone.holds(1).await;
    let client = async_nats::connect(nats.url()).await.unwrap();
    let name = format!("{}_task", nats.namespace());
    let context = async_nats::jetstream::new(client);
    context.delete_stream(name).await.unwrap();
    alone.emit().await;
    let events = alone.harness.hosted().events();
    eventually("the new event is in the log", || async {
        let info = events.stream_info("task").await;
        info.is_ok_and(|info| info.messages > 0)
    })
    .await;
    alone.harness.stop().await;
}
