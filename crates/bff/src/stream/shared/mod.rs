//! Streams of a service that several callers watch at once.
//!
//! Whoever asks the same of a method that is `shared`, and may see the same,
//! watches one stream of the service: the first opens it, in a task of its own
//! that outlives its request, and it ends with the last who watches. Each
//! caller was let in by the gate like any other, and is asked about again
//! before every message.
//!
//! What is passed on are the bytes of the messages, so that callers by REST and
//! by gRPC-web share. A stream's messages are states: a few of the last are
//! kept; who comes late begins with the latest, and who is so slow that those
//! not yet seen are gone goes on with the latest. Nobody waits for anybody.
//!
//! Modules in reading order: `log` (what was said), `frames` and `pump` (from
//! the service into the log), `watcher` (from the log to one caller).

mod frames;
mod log;
mod pump;
mod watcher;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, HeaderValue};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tonic::Code;
use tracing::Instrument as _;

use crate::backend::Backend;
use crate::edge::{USER_TYPE, WORKSPACE};
use crate::gate::{Sight, Standing};
use crate::problem::Problem;

use frames::Framed;
use log::Log;
pub(crate) use log::{End, Next, trailers};
pub(crate) use watcher::Watcher;

/// Longest request, framed, by which a stream is shared: what is longer than
/// ids and positions are is kept by nobody.
pub(crate) const MOST_ASKED_BYTES: usize = 4 * 1024;

/// Who may watch one stream at the same time: tabs and devices of one person.
const MOST_WATCHERS: usize = 256;

/// What a caller asks of a service.
pub(crate) struct Ask {
    pub(crate) backend: Backend,
    /// Of the method.
    pub(crate) path: &'static str,
    /// The metadata of a call in the caller's name.
    pub(crate) headers: HeaderMap,
    /// The request, framed.
    pub(crate) message: Bytes,
    pub(crate) sight: Sight,
}

/// What must be the same for two callers to watch one stream. All that a
/// service may decide by is in it: a resume position stands in the message.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    path: &'static str,
    message: Bytes,
    scope: Arc<str>,
    headers: [Option<HeaderValue>; 3],
}

impl Ask {
    fn key(&self) -> Key {
        Key {
            path: self.path,
            message: self.message.clone(),
            scope: Arc::clone(&self.sight.scope),
            headers: [ACCEPT_LANGUAGE, WORKSPACE, USER_TYPE]
                .map(|name| self.headers.get(name).cloned()),
        }
    }
}

/// The streams that somebody watches. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Watches(Arc<Mutex<HashMap<Key, Weak<Stream>>>>);

/// One stream of a service, as long as somebody watches it.
struct Stream {
    key: Key,
    /// Whether the caller in whose name it was opened may go on.
    opener: Standing,
    log: watch::Receiver<Log>,
    pump: AbortHandle,
    watches: Watches,
}

impl Watches {
    /// Watches what is asked for, from the latest state on.
    ///
    /// # Errors
    /// As many as may watch the same already do.
    pub(crate) fn join(&self, mut ask: Ask) -> Result<Watcher, Problem> {
        let (stream, is_opener) = self.stream(&ask);
        if Arc::strong_count(&stream) > MOST_WATCHERS {
            return Err(too_many());
        }
        // One copy of what all of them ask.
        ask.message = stream.key.message.clone();
        Ok(Watcher::new(self.clone(), ask, stream, is_opener))
    }

    /// The stream that is asked for, and whether it was opened just now.
    fn stream(&self, ask: &Ask) -> (Arc<Stream>, bool) {
        let key = ask.key();
        // Given back with the lock open again: the last to let go of a stream
        // takes it out of the table.
        let (stream, _ended) = {
            let mut streams = self.streams();
            let known = streams.get(&key).and_then(Weak::upgrade);
            match known {
                Some(stream) if !stream.log.borrow().is_over() => return (stream, false),
                ended => {
                    let stream = self.open(ask, key.clone());
                    streams.insert(key, Arc::downgrade(&stream));
                    (stream, ended)
                }
            }
        };
        (stream, true)
    }

    fn open(&self, ask: &Ask, key: Key) -> Arc<Stream> {
        let (sender, log) = watch::channel(Log::default());
        let call = pump::call(ask);
        let pump = pump::run(ask.backend.clone(), call, sender);
        Arc::new(Stream {
            key,
            opener: Arc::clone(&ask.sight.standing),
            log,
            pump: tokio::spawn(pump.in_current_span()).abort_handle(),
            watches: self.clone(),
        })
    }

    fn streams(&self) -> MutexGuard<'_, HashMap<Key, Weak<Stream>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many() -> Problem {
    let detail = format!("No more than {MOST_WATCHERS} may watch the same at a time.");
    Problem::new(Code::ResourceExhausted, "TOO_MANY_WATCHERS", detail)
        .with_retry_after(Duration::from_secs(10))
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.pump.abort();
        let mut streams = self.watches.streams();
        // Another may stand in its place already.
        if streams
            .get(&self.key)
            .is_some_and(|stream| stream.strong_count() == 0)
        {
            streams.remove(&self.key);
        }
    }
}
