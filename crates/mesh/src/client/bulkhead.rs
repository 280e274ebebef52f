//! One slow target cannot take up the whole process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use http::Response;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::body::Body;

use super::{Call, Edge};
use crate::{
    body::{BodyWatch, OnCut, watch},
    config::Policy,
    hop::{Failure, Hop},
    status::overloaded,
};

/// When a shed caller may come back: long enough for a queue to move, short
/// enough that nobody notices.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// The room there is towards one target.
#[derive(Clone)]
pub(crate) struct Rooms {
    calls: Arc<Room>,
    streams: Arc<Room>,
}

struct Room {
    permits: Arc<Semaphore>,
    size: u32,
    pending: AtomicU32,
    max_pending: u32,
}

/// The room towards a target as the admin page shows it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct BulkheadSnapshot {
    /// Unary calls in flight.
    pub calls: u32,
    /// Streams open.
    pub streams: u32,
    /// Calls and streams waiting for room.
    pub pending: u32,
}

impl Rooms {
    pub(crate) fn new(policy: &Policy, endpoints: u32) -> Self {
        let calls = policy.in_flight_per_endpoint.saturating_mul(endpoints);
        let streams = policy.streams_per_endpoint.saturating_mul(endpoints);
        Self {
            calls: Arc::new(Room::new(calls, policy.pending)),
            streams: Arc::new(Room::new(streams, policy.pending)),
        }
    }

    pub(crate) fn snapshot(&self) -> BulkheadSnapshot {
        BulkheadSnapshot {
            calls: self.calls.taken(),
            streams: self.streams.taken(),
            pending: self.calls.waiting() + self.streams.waiting(),
        }
    }
}

impl Room {
    fn new(size: u32, max_pending: u32) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(size as usize)),
            size,
            pending: AtomicU32::new(0),
            max_pending,
        }
    }

    fn taken(&self) -> u32 {
        let free = u32::try_from(self.permits.available_permits()).unwrap_or(u32::MAX);
        self.size.saturating_sub(free)
    }

    fn waiting(&self) -> u32 {
        self.pending.load(Ordering::Relaxed)
    }

    /// A place, at once or after waiting; `None` when too many wait already.
    async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Some(permit);
        }
        let _place = Place::take(&self.pending, self.max_pending)?;
        // Nobody closes the semaphore, and the deadline above bounds the wait.
        Arc::clone(&self.permits).acquire_owned().await.ok()
    }
}

/// A place in the queue, given back also when the waiting call is dropped.
struct Place<'a>(&'a AtomicU32);

impl<'a> Place<'a> {
    fn take(pending: &'a AtomicU32, max: u32) -> Option<Self> {
        let more = |waiting| (waiting < max).then_some(waiting + 1);
        pending
            .try_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .ok()?;
        Some(Self(pending))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Bounds what is in flight towards a target, and what waits to be.
pub(crate) struct Bulkhead<H> {
    edge: Edge,
    rooms: Rooms,
    inner: H,
}

impl<H> Bulkhead<H> {
    pub(crate) fn new(edge: Edge, rooms: Rooms, inner: H) -> Self {
        Self { edge, rooms, inner }
    }

    fn shed(&self) -> Failure {
        metrics::counter!("mesh_client_shed_total",
            "source" => self.edge.source.to_string(), "target" => self.edge.target.to_string())
        .increment(1);
        let message = format!("too many calls to {} are in flight", self.edge.target);
        Failure::refused(overloaded(&message, RETRY_AFTER))
    }
}

impl<H: Hop<Call, Failure = Failure>> Hop<Call> for Bulkhead<H> {
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
        let is_unary = call.method.is_unary();
        let room = if is_unary {
            &self.rooms.calls
        } else {
            &self.rooms.streams
        };
        let Some(permit) = room.enter().await else {
            return Err(self.shed());
        };
        let response = self.inner.call(call).await?;
        if is_unary {
            // The answer is here whole, so the place is free again.
            return Ok(response);
        }
        Ok(response.map(|body| watch(body, Held { _permit: permit }, OnCut::Trailers)))
    }
}

/// Keeps a stream's place until the stream is over.
struct Held {
    _permit: OwnedSemaphorePermit,
}

impl BodyWatch for Held {}
