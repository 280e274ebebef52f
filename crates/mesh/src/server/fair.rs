//! No principal takes up the whole server.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tonic::Status;

use super::{Answer, Inbound, Owners, ServerConfig};
use crate::{
    PrincipalKey,
    hop::Hop,
    room::{Held, Room},
    status::overloaded,
};

/// When a shed caller may come back.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// Bounds calls and streams in progress per principal, below the guard, which
/// says who it is. Calls over the bound wait in a short queue, since they are
/// admitted already and the deadline above bounds the wait; streams, which may
/// last for hours, do not.
pub(crate) struct Fair<H> {
    owners: Owners,
    principal: Option<PrincipalKey>,
    max: u32,
    max_pending: u32,
    rooms: Arc<Rooms>,
    inner: H,
}

/// Only of principals with something in progress, so that admission bounds
/// their number.
type Rooms = Mutex<HashMap<(u64, bool), (Arc<Room>, u32)>>;

impl<H> Fair<H> {
    pub(crate) fn new(
        owners: Owners,
        config: &ServerConfig,
        principal: Option<PrincipalKey>,
        inner: H,
    ) -> Self {
        Self {
            owners,
            principal,
            max: config.max_calls_per_principal,
            max_pending: config.max_pending_per_principal,
            rooms: Arc::default(),
            inner,
        }
    }

    fn shed(&self, path: &str) -> Status {
        let owner = self.owners.of(path).to_string();
        metrics::counter!("mesh_server_shed_total", "target" => owner).increment(1);
        overloaded("too many of your calls are in progress", RETRY_AFTER)
    }

    fn visit(&self, key: (u64, bool)) -> Visit {
        let max_pending = if key.1 { self.max_pending } else { 0 };
        let mut rooms = lock(&self.rooms);
        let (room, visits) = rooms
            .entry(key)
            .or_insert_with(|| (Arc::new(Room::new(self.max, max_pending)), 0));
        *visits += 1;
        Visit {
            key,
            room: Arc::clone(room),
            rooms: Arc::clone(&self.rooms),
        }
    }
}

/// Keeps a principal's room as long as anybody is in it or waits for it.
struct Visit {
    key: (u64, bool),
    room: Arc<Room>,
    rooms: Arc<Rooms>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut rooms = lock(&self.rooms);
        if let Some((_, visits)) = rooms.get_mut(&self.key) {
            *visits -= 1;
            if *visits == 0 {
                rooms.remove(&self.key);
            }
        }
    }
}

impl<H: Hop<Inbound, Answer = Answer, Failure = Status>> Hop<Inbound> for Fair<H> {
    type Answer = Answer;
    type Failure = Status;

    async fn call(&self, mut inbound: Inbound) -> Result<Answer, Status> {
        let caller = inbound.context.raw_caller();
        let Some(key) = self.principal.and_then(|key| key(caller)) else {
            return self.inner.call(inbound).await;
        };
        let visit = self.visit((key, inbound.is_unary()));
        let Some(held) = visit.room.enter().await else {
            return Err(self.shed(inbound.head.uri.path()));
        };
        let seat = Seat {
            _held: held,
            _visit: visit,
        };
        inbound.tail.seat = Some(Box::new(seat));
        self.inner.call(inbound).await
    }
}

/// Until the last byte is out. The place is given back before the room.
pub(crate) struct Seat {
    _held: Held,
    _visit: Visit,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
