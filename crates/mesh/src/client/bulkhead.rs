//! One slow target cannot take up the whole process.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use http::Response;
use serde::Serialize;
use tokio::time::Instant;
use tonic::body::Body;

use super::{Call, Edge};
use crate::{
    DependencyPool,
    body::{BodyWatch, OnCut, watch},
    config::Policy,
    decisions::{DecisionKind, Decisions},
    hop::{Failure, Hop},
    room::{self, Room},
    status::overloaded,
};

/// The most a room may hold, whatever its bounds say.
const MAX_ROOM: u32 = 10_000_000;

/// When a shed caller may come back: long enough for a queue to move, short
/// enough that nobody notices.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// The room there is towards one target. Clones share it.
#[derive(Clone)]
pub(crate) struct Rooms(Arc<Shared>);

struct Shared {
    calls: Arc<Room>,
    streams: Arc<Room>,
    /// Room shared with other targets that use the same dependency.
    pool: ArcSwapOption<DependencyPool>,
    bounds: Mutex<Bounds>,
}

struct Bounds {
    calls_each: u32,
    streams_each: u32,
    pending: u32,
    endpoints: u32,
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
    pub(crate) fn new(policy: &Policy, endpoints: usize) -> Self {
        let rooms = Self(Arc::new(Shared {
            calls: Arc::new(Room::new(0, 0)),
            streams: Arc::new(Room::new(0, 0)),
            pool: ArcSwapOption::empty(),
            bounds: Mutex::new(Bounds {
                calls_each: 0,
                streams_each: 0,
                pending: 0,
                endpoints: count(endpoints),
            }),
        }));
        rooms.change(policy, None);
        rooms
    }

    /// Other bounds from now on.
    pub(crate) fn change(&self, policy: &Policy, pool: Option<DependencyPool>) {
        self.0.pool.store(pool.map(Arc::new));
        self.resize(|bounds| {
            bounds.calls_each = policy.in_flight_per_endpoint;
            bounds.streams_each = policy.streams_per_endpoint;
            bounds.pending = policy.pending;
        });
    }

    /// Endpoints came or went. Without any, calls wait for the first as they
    /// would for one.
    pub(crate) fn set_endpoints(&self, endpoints: usize) {
        self.resize(|bounds| bounds.endpoints = count(endpoints));
    }

    fn resize(&self, change: impl FnOnce(&mut Bounds)) {
        let mut bounds = self.0.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut bounds);
        let times = |each: u32| each.saturating_mul(bounds.endpoints).min(MAX_ROOM);
        self.0
            .calls
            .resize(times(bounds.calls_each), bounds.pending);
        self.0
            .streams
            .resize(times(bounds.streams_each), bounds.pending);
    }

    pub(crate) fn snapshot(&self) -> BulkheadSnapshot {
        BulkheadSnapshot {
            calls: self.0.calls.taken(),
            streams: self.0.streams.taken(),
            pending: self.0.calls.waiting() + self.0.streams.waiting(),
        }
    }
}

fn count(endpoints: usize) -> u32 {
    u32::try_from(endpoints).unwrap_or(u32::MAX).max(1)
}

/// Bounds what is in flight towards a target, and what waits to be.
pub(crate) struct Bulkhead<H> {
    edge: Edge,
    rooms: Rooms,
    decisions: Decisions,
    inner: H,
}

impl<H> Bulkhead<H> {
    pub(crate) fn new(edge: Edge, rooms: Rooms, decisions: Decisions, inner: H) -> Self {
        Self {
            edge,
            rooms,
            decisions,
            inner,
        }
    }

    fn shed(&self) -> Failure {
        metrics::counter!("mesh_client_shed_total",
            "source" => self.edge.source.to_string(), "target" => self.edge.target.to_string())
        .increment(1);
        let message = format!("too many calls to {} are in flight", self.edge.target);
        self.decisions
            .note(&self.edge.target, DecisionKind::Shed, message.clone());
        Failure::refused(overloaded(&message, RETRY_AFTER))
    }
}

impl<H: Hop<Call, Answer = Response<Body>, Failure = Failure>> Hop<Call> for Bulkhead<H> {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, mut call: Call) -> Result<Response<Body>, Failure> {
        let is_unary = call.method.is_unary();
        let shared = &self.rooms.0;
        let room = if is_unary {
            &shared.calls
        } else {
            &shared.streams
        };
        let held = match room.enter_at_once() {
            Some(held) => held,
            None => {
                let held = room.enter().await.ok_or_else(|| self.shed())?;
                call.at = Instant::now();
                held
            }
        };
        let pooled = match shared.pool.load_full() {
            Some(pool) => {
                let held = pool.hold().await.map_err(Failure::refused)?;
                call.at = Instant::now();
                Some(held)
            }
            None => None,
        };
        let response = self.inner.call(call).await?;
        if is_unary {
            // The answer is here whole, so the place is free again.
            return Ok(response);
        }
        let held = Places {
            _room: held,
            _pool: pooled,
        };
        Ok(response.map(|body| watch(body, held, OnCut::Trailers)))
    }
}

/// Keeps a stream's places until the stream is over.
struct Places {
    _room: room::Held,
    _pool: Option<room::Held>,
}

impl BodyWatch for Places {}
