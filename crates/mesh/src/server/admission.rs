//! Takes no more work than can be done.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use tonic::Status;

use super::{Answer, Inbound, Owners, ServerConfig};
use crate::{hop::Hop, status::overloaded};

/// When a shed caller may come back.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Bounds calls and streams in progress, each apart: watchers that stay for
/// minutes must not keep calls out. What finds no room is shed at once, since
/// waiting belongs to the caller, who knows how long it may.
pub(crate) struct Admission<H> {
    owners: Owners,
    calls: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    inner: H,
}

impl<H> Admission<H> {
    pub(crate) fn new(owners: Owners, config: &ServerConfig, inner: H) -> Self {
        Self {
            owners,
            calls: Arc::new(Semaphore::new(config.max_calls as usize)),
            streams: Arc::new(Semaphore::new(config.max_streams as usize)),
            inner,
        }
    }
}

impl<H: Hop<Inbound, Answer = Answer, Failure = Status>> Hop<Inbound> for Admission<H> {
    type Answer = Answer;
    type Failure = Status;

    async fn call(&self, mut inbound: Inbound) -> Result<Answer, Status> {
        let room = if inbound.is_unary() {
            &self.calls
        } else {
            &self.streams
        };
        let Ok(permit) = Arc::clone(room).try_acquire_owned() else {
            let owner = self.owners.of(inbound.head.uri.path()).to_string();
            metrics::counter!("mesh_server_shed_total", "target" => owner).increment(1);
            return Err(overloaded("the server is at its limit", RETRY_AFTER));
        };
        inbound.tail.permit = Some(permit);
        self.inner.call(inbound).await
    }
}
