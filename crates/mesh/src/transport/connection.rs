//! One HTTP/2 connection to one endpoint.
//!
//! Spoken through `h2` itself rather than a client above it: a call then needs
//! no task and no queue of its own (ADR 26).

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use h2::{
    PingPong,
    client::{Builder, SendRequest},
};
use http::{Request, Response};
use tokio::{
    net::TcpStream,
    sync::{Notify, Semaphore},
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};
use tonic::{Status, body::Body};

use super::{batch::Batched, exchange, failure::from_h2_error, names::Names};
use crate::{
    body::Content,
    config::{HostPort, Policy},
    hop::Failure,
    identity::ClientTls,
    network::{Connect, Io},
};

/// The largest header list accepted in an answer.
const MAX_HEADER_LIST_BYTES: u32 = 16 * 1024;
/// What a peer may send unread on one stream: enough for a fast network's round
/// trip. Times the streams there may be it bounds memory; the window of all
/// together is no smaller, or a few readers that stall would stop the answers
/// to everybody else's calls.
const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;
/// The largest window there can be (RFC 9113, section 6.9.1).
const MAX_WINDOW_BYTES: u32 = i32::MAX as u32;
/// Streams that were given up and are remembered while the peer has not heard
/// of it, and what it may send on them: deadlines and hedges leave many, and a
/// peer of ours is not an attacker.
const MAX_RESET_STREAMS: usize = 1024;
const DATA_FRAME_BUDGET: usize = 64 * 1024 * 1024;
/// What one stream may have waiting to be written before its body is asked
/// for more.
const SEND_BUFFER_BYTES: usize = 1024 * 1024;
/// Looks, within the interval of signs of life, whether calls wait in vain.
const LOOKS: u32 = 5;
/// Shortest time between two signs of life that are asked for on a doubt.
const PING_PAUSE: Duration = Duration::from_secs(1);
/// Streams until the peer has said how many it takes.
const FIRST_STREAMS: usize = 100;

/// How connections to a target are made and kept. What it says of one holds for
/// those that are made from then on, but for the calls at once.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionPolicy {
    connect_timeout: Duration,
    keepalive_interval: Duration,
    keepalive_timeout: Duration,
    /// Opens connections in place of the system's sockets.
    network: Option<Arc<dyn Connect>>,
    /// Calls at once on a connection: as many as there is room for towards one
    /// endpoint. More wait here, and those that are given up while they wait
    /// are never sent.
    streams: u32,
    tls: Option<ClientTls>,
}

impl ConnectionPolicy {
    pub(crate) fn new(
        policy: &Policy,
        tls: Option<ClientTls>,
        network: Option<Arc<dyn Connect>>,
    ) -> Self {
        Self {
            tls,
            network,
            streams: policy
                .in_flight_per_endpoint
                .saturating_add(policy.streams_per_endpoint),
            connect_timeout: policy.connect_timeout,
            keepalive_interval: policy.keepalive_interval,
            keepalive_timeout: policy.keepalive_timeout,
        }
    }

    /// Calls at once on a connection.
    pub(crate) fn streams(&self) -> u32 {
        self.streams
    }

    /// Whether connections are encrypted and both ends proven.
    pub(crate) fn is_secure(&self) -> bool {
        self.tls.is_some()
    }
}

/// There is no connection. Cloned to every call that waited for it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConnectError(Arc<str>);

/// A way to send calls over one connection. Clones share it.
#[derive(Clone)]
pub(crate) struct Sender {
    h2: SendRequest<Bytes>,
    streams: Arc<Semaphore>,
    /// How many places there are in all.
    size: Arc<Mutex<u32>>,
    closed: Arc<AtomicBool>,
    traffic: Arc<Traffic>,
    names: Arc<Names>,
}

/// There is no answer.
pub(crate) enum NotAnswered {
    /// The connection closed before it took the request, and here it is again.
    HandedBack(Box<Request<Content>>),
    /// It failed on its way.
    Failed(Failure),
}

impl NotAnswered {
    pub(crate) fn into_status(self) -> Status {
        match self {
            Self::HandedBack(_) => Status::unavailable("the connection closed"),
            Self::Failed(failure) => failure.status,
        }
    }
}

impl Sender {
    /// Whether the connection takes no more calls.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Takes so many calls at once from now on. Fewer only as far as places are
    /// free: the room towards the target is the bound that counts.
    pub(crate) fn resize(&self, streams: u32) {
        let mut size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        if streams > *size {
            self.streams.add_permits((streams - *size) as usize);
            *size = streams;
        } else {
            let gone = self.streams.forget_permits((*size - streams) as usize);
            *size -= u32::try_from(gone).unwrap_or(*size - streams);
        }
    }

    /// Sends a call and waits for the head of its response. Dropping the
    /// future, or later the response's body, resets the stream.
    pub(crate) async fn send(
        self,
        mut request: Request<Content>,
    ) -> Result<Response<Body>, NotAnswered> {
        // Nobody closes the semaphore, and the call's deadline bounds the wait.
        let place = Arc::clone(&self.streams).acquire_owned().await.ok();
        let waiting = Waiting::begin(&self.traffic);
        let outcome = match self.h2.ready().await {
            Ok(h2) => {
                self.names.introduce(request.headers_mut());
                exchange::send(h2, request, place).await.map_err(|error| {
                    if error.is_go_away() || error.is_io() {
                        self.closed.store(true, Ordering::Release);
                    }
                    NotAnswered::Failed(from_h2_error(&error))
                })
            }
            Err(_) => {
                self.closed.store(true, Ordering::Release);
                Err(NotAnswered::HandedBack(Box::new(request)))
            }
        };
        // There was an answer, or the connection says itself that it is over.
        waiting.answered();
        outcome
    }
}

/// What goes on over a connection, for whoever has to notice that nothing does.
#[derive(Default)]
struct Traffic {
    waiting: AtomicU32,
    answered: AtomicU64,
    given_up: Notify,
}

impl Traffic {
    /// Whether calls wait and none has been answered since the last look.
    fn stands_still(&self, seen: &mut u64) -> bool {
        let answered = self.answered.load(Ordering::Relaxed);
        let moved = std::mem::replace(seen, answered) != answered;
        !moved && self.waiting.load(Ordering::Relaxed) > 0
    }
}

/// A call that waits. Given up before it is answered, it raises a doubt: most
/// such calls have a slow peer, but on a connection that carries nothing any
/// more every one of them ends so.
struct Waiting<'a> {
    traffic: &'a Traffic,
    is_answered: bool,
}

impl<'a> Waiting<'a> {
    fn begin(traffic: &'a Traffic) -> Self {
        traffic.waiting.fetch_add(1, Ordering::Relaxed);
        Self {
            traffic,
            is_answered: false,
        }
    }

    fn answered(mut self) {
        self.is_answered = true;
        self.traffic.answered.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.traffic.waiting.fetch_sub(1, Ordering::Relaxed);
        if !self.is_answered {
            self.traffic.given_up.notify_one();
        }
    }
}

/// Connects, shakes hands, and leaves the connection running in a task that
/// ends with the last sender or with the connection, whichever is first.
pub(crate) async fn connect(
    place: &HostPort,
    policy: &ConnectionPolicy,
) -> Result<Sender, ConnectError> {
    let attempt = async {
        let fail = |error: io::Error| ConnectError::at(place, &error);
        if let Some(network) = &policy.network {
            let opened = network.connect(&place.host, place.port).await;
            return introduce(opened.map_err(fail)?, place, policy).await;
        }
        let stream = TcpStream::connect((place.host.as_str(), place.port))
            .await
            .map_err(fail)?;
        // Small messages must not wait for acknowledgements of earlier ones.
        stream.set_nodelay(true).map_err(fail)?;
        introduce(stream, place, policy).await
    };
    timeout(policy.connect_timeout, attempt)
        .await
        .map_err(|_| ConnectError::at(place, &"no answer in time"))?
}

/// Proves both ends, where that is wanted.
async fn introduce<IO: Io>(
    io: IO,
    place: &HostPort,
    policy: &ConnectionPolicy,
) -> Result<Sender, ConnectError> {
    let Some(tls) = &policy.tls else {
        return start(io, place, policy).await;
    };
    let proven = tls.connect(io).await;
    start(
        proven.map_err(|error| ConnectError::at(place, &error))?,
        place,
        policy,
    )
    .await
}

/// Begins to speak HTTP/2.
async fn start<IO: Io>(
    io: IO,
    place: &HostPort,
    policy: &ConnectionPolicy,
) -> Result<Sender, ConnectError> {
    let (h2, mut connection) = builder(policy.streams)
        .handshake(Batched::new(io))
        .await
        .map_err(|error| ConnectError::at(place, &error))?;
    let closed = Arc::new(AtomicBool::new(false));
    let traffic = Arc::<Traffic>::default();
    let sender = Sender {
        h2,
        streams: Arc::new(Semaphore::new(policy.streams as usize)),
        size: Arc::new(Mutex::new(policy.streams)),
        closed: Arc::clone(&closed),
        traffic: Arc::clone(&traffic),
        names: Arc::default(),
    };
    let (place, policy) = (place.clone(), policy.clone());
    let ping = connection.ping_pong();
    tokio::spawn(async move {
        tokio::select! {
            biased;
            ended = connection => {
                if let Err(error) = ended {
                    tracing::debug!(%place, %error, "connection ended");
                }
            }
            () = until_silent(ping, &policy, &traffic) => {
                tracing::debug!(%place, "connection dropped: its peer is silent");
            }
        }
        closed.store(true, Ordering::Release);
    });
    Ok(sender)
}

fn builder(streams: u32) -> Builder {
    let window = STREAM_WINDOW_BYTES.saturating_mul(streams);
    let mut builder = Builder::new();
    builder
        .enable_push(false)
        .max_header_list_size(MAX_HEADER_LIST_BYTES)
        .initial_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(window.min(MAX_WINDOW_BYTES))
        .max_send_buffer_size(SEND_BUFFER_BYTES)
        .initial_max_send_streams(FIRST_STREAMS)
        .max_concurrent_reset_streams(MAX_RESET_STREAMS)
        .max_local_error_reset_streams(None)
        .data_frame_budget(DATA_FRAME_BUDGET);
    builder
}

/// Asks for a sign of life at every interval, idle or not, since a dead peer
/// must be noticed before a call is sent to it; and sooner where calls wait or
/// were given up, whose deadlines may be longer than anybody should wait for it.
/// Returns when one is missing.
async fn until_silent(ping: Option<PingPong>, policy: &ConnectionPolicy, traffic: &Traffic) {
    let Some(mut ping) = ping else {
        return std::future::pending().await;
    };
    let mut turns = interval(policy.keepalive_interval);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    turns.tick().await;
    let mut looks = interval(policy.keepalive_interval / LOOKS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let pause = PING_PAUSE.min(policy.keepalive_interval);
    let (mut asked, mut seen) = (Instant::now(), 0);
    loop {
        tokio::select! {
            _ = turns.tick() => {}
            _ = looks.tick() => {
                if !traffic.stands_still(&mut seen) {
                    continue;
                }
                turns.reset();
            }
            () = traffic.given_up.notified() => {
                // Peers count pings.
                sleep_until(asked + pause).await;
                turns.reset();
            }
        }
        asked = Instant::now();
        let answered = timeout(policy.keepalive_timeout, ping.ping(h2::Ping::opaque()));
        match answered.await {
            Ok(Ok(_)) => {}
            Err(_) => return,
            // The connection is ending, and its own future says why.
            Ok(Err(_)) => return std::future::pending().await,
        }
    }
}

impl ConnectError {
    fn at(place: &HostPort, problem: &dyn std::fmt::Display) -> Self {
        Self(Arc::from(format!("cannot connect to {place}: {problem}")))
    }

    /// The attempt's task did not finish, as when the runtime shuts down.
    pub(crate) fn interrupted(gone: &tokio::task::JoinError) -> Self {
        Self(Arc::from(format!("connecting was interrupted: {gone}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_stands_still_while_calls_wait_and_none_is_answered() {
        let traffic = Traffic::default();
        let mut seen = 0;
        assert!(!traffic.stands_still(&mut seen), "nobody waits");
        let (one, other) = (Waiting::begin(&traffic), Waiting::begin(&traffic));
        assert!(traffic.stands_still(&mut seen));
        one.answered();
        assert!(!traffic.stands_still(&mut seen), "something came");
        assert!(traffic.stands_still(&mut seen), "and nothing since");
        drop(other);
        assert!(!traffic.stands_still(&mut seen), "nobody waits");
    }

    #[tokio::test]
    async fn only_a_call_that_is_given_up_raises_a_doubt() {
        use futures::FutureExt;

        let traffic = Traffic::default();
        Waiting::begin(&traffic).answered();
        assert!(traffic.given_up.notified().now_or_never().is_none());
        drop(Waiting::begin(&traffic));
        assert!(traffic.given_up.notified().now_or_never().is_some());
    }
}
