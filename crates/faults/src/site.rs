//! The replicas of a BFF behind a balancer that does what balancers do: it asks
//! each for its readiness and sends every request to the next that is ready. It
//! sends nothing twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use reqwest::{Client, Method, RequestBuilder};
use tokio::task::JoinHandle;

/// Pause between two looks at a replica's readiness.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Longest wait for one such answer.
const LOOK_WITHIN: Duration = Duration::from_secs(2);
/// Connections rest for less than the ten seconds after which the BFF closes
/// one, as behind any balancer: or a request would meet the close.
const IDLE: Duration = Duration::from_secs(4);
/// Longest wait for an answer to a request.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// The replicas and their balancer.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    client: Client,
    replicas: Arc<Vec<Replica>>,
    next: AtomicUsize,
    looking: JoinHandle<()>,
}

struct Replica {
    base: String,
    ready: AtomicBool,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

impl Site {
    /// Begins to look at the replicas at these addresses.
    ///
    /// # Errors
    /// The client cannot be made.
    pub fn open(addresses: Vec<String>) -> Result<Self> {
        // Whoever is second finds the same provider installed.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .timeout(ANSWER_WITHIN)
            .pool_idle_timeout(IDLE)
            .build()?;
        let ready = |base| Replica {
            base,
            ready: AtomicBool::new(true),
        };
        let replicas = Arc::new(addresses.into_iter().map(ready).collect());
        let looking = tokio::spawn(look(Arc::clone(&replicas)));
        Ok(Self(Arc::new(Inner {
            client,
            replicas,
            next: AtomicUsize::new(0),
            looking,
        })))
    }

    /// A request to the next replica that is ready; to the next at all where
    /// none is.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let replicas = &self.0.replicas;
        let first = self.0.next.fetch_add(1, Ordering::Relaxed);
        let at = (first..first + replicas.len())
            .map(|at| at % replicas.len())
            .find(|at| replicas[*at].ready.load(Ordering::Relaxed))
            .unwrap_or(first % replicas.len());
        let url = format!("{}/api/v1{path}", replicas[at].base);
        self.0.client.request(method, url)
    }

    /// Replicas that are ready, as far as the balancer knows.
    #[must_use]
    pub fn ready(&self) -> usize {
        let is_ready = |replica: &&Replica| replica.ready.load(Ordering::Relaxed);
        self.0.replicas.iter().filter(is_ready).count()
    }
}

async fn look(replicas: Arc<Vec<Replica>>) {
    // A connection of its own each time: one that is kept would tell of a
    // replica that no longer takes new ones.
    let Ok(client) = Client::builder()
        .timeout(LOOK_WITHIN)
        .pool_max_idle_per_host(0)
        .build()
    else {
        return;
    };
    loop {
        let looks = replicas.iter().map(|replica| {
            let answer = client.get(format!("{}/health/ready", replica.base)).send();
            async {
                let is_ready = answer
                    .await
                    .is_ok_and(|answer| answer.status().is_success());
                replica.ready.store(is_ready, Ordering::Relaxed);
            }
        });
        futures::future::join_all(looks).await;
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
