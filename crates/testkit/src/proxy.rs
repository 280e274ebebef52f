//! A proxy before any TCP server that does to connections what networks do:
//! slows them, resets them, refuses them, or keeps them open and forwards
//! nothing. It is told while it runs.

mod connection;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self as blocking, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use connection::Connection;

/// Somebody else may hold the port for a moment after it was refused.
const REBIND: Duration = Duration::from_secs(10);

/// What the proxy does to every connection now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Weather {
    /// How much later everything arrives, each way.
    delay: Duration,
    /// Nothing is read or written.
    silent: bool,
    /// Connections of a lower number are silent for good.
    stranded_below: u64,
    /// Connections of a lower number are reset.
    reset_below: u64,
}

/// What happened so far.
#[derive(Debug, Default)]
struct Counts {
    opened: AtomicU64,
    open: AtomicUsize,
}

/// Tells the proxy's thread to do something, and is told when it is done.
struct Order {
    listen: bool,
    done: SyncSender<io::Result<()>>,
}

/// A proxy on a port of its own on 127.0.0.1. It runs on a thread of its own,
/// so that a busy test does not make it slow, and ends when dropped, with all
/// of its connections.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    weather: watch::Sender<Weather>,
    counts: Arc<Counts>,
    orders: Option<mpsc::UnboundedSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Stands before the server at an address such as `127.0.0.1:6379`, or at
    /// a URL such as [`crate::Server::url`] gives. The server need not be up.
    ///
    /// # Panics
    /// When the address is none, or the system gives no port.
    #[must_use]
    pub fn before(server: impl AsRef<str>) -> Self {
        let target = address(server.as_ref());
        let (weather, seen) = watch::channel(Weather::default());
        let counts = Arc::<Counts>::default();
        let (orders, ordered) = mpsc::unbounded_channel();
        let (told, port) = blocking::sync_channel(1);
        let shared = Arc::clone(&counts);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime needs nothing but memory and a few files");
            runtime.block_on(async move {
                let listener = bind(0).await.expect("there is a free port");
                let bound = listener.local_addr().expect("it is bound");
                told.send(bound.port()).expect("somebody waits for it");
                run(listener, target, seen, shared, ordered).await;
            });
        });
        Self {
            port: port.recv().expect("the thread says where it listens"),
            weather,
            counts,
            orders: Some(orders),
            thread: Some(thread),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// A server's URL with the proxy's address in place of the server's.
    ///
    /// # Panics
    /// When the URL bears no address.
    #[must_use]
    pub fn url(&self, server: &str) -> String {
        let (start, end) = authority(server);
        let address = self.address();
        format!("{}{address}{}", &server[..start], &server[end..])
    }

    /// From now on everything arrives so much later, each way: a call and its
    /// answer take twice as long.
    pub fn delay(&self, each_way: Duration) {
        self.weather.send_modify(|now| now.delay = each_way);
    }

    /// Keeps every connection open and forwards nothing, of new ones neither,
    /// as a host that hangs or a network that is cut. [`Proxy::heal`] lets
    /// what was held back go on.
    pub fn fall_silent(&self) {
        self.weather.send_modify(|now| now.silent = true);
    }

    /// Keeps the connections that are open now open, and forwards nothing on
    /// them ever again, as a firewall that has forgotten them. New ones work.
    pub fn strand(&self) {
        let next = self.counts.opened.load(Ordering::SeqCst);
        self.weather.send_modify(|now| now.stranded_below = next);
    }

    /// Resets the connections that are open now. New ones work.
    pub fn reset(&self) {
        let next = self.counts.opened.load(Ordering::SeqCst);
        self.weather.send_modify(|now| now.reset_below = next);
    }

    /// Resets the connections that are open now, and has the system refuse
    /// new ones, as when a server has died.
    ///
    /// # Panics
    /// Never, unless the proxy's thread has.
    pub fn refuse(&self) {
        self.turn_away();
        self.reset();
    }

    /// Has the system refuse new connections. Those that are open now work on.
    ///
    /// # Panics
    /// Never, unless the proxy's thread has.
    pub fn turn_away(&self) {
        self.order(false);
    }

    /// Forwards everything again, at once. Stranded connections stay so.
    ///
    /// # Panics
    /// When somebody has taken the port since [`Proxy::refuse`] or
    /// [`Proxy::turn_away`].
    pub fn heal(&self) {
        self.weather.send_modify(|now| {
            now.delay = Duration::ZERO;
            now.silent = false;
        });
        self.order(true);
    }

    /// Connections that were ever made to the proxy.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.counts.opened.load(Ordering::SeqCst)
    }

    /// Connections that are open now, stranded ones included.
    #[must_use]
    pub fn open(&self) -> usize {
        self.counts.open.load(Ordering::SeqCst)
    }

    fn order(&self, listen: bool) {
        let (done, wait) = blocking::sync_channel(1);
        let orders = self.orders.as_ref().expect("they end with the proxy");
        let sent = orders.send(Order { listen, done });
        let answered = sent.is_ok().then(|| wait.recv());
        match answered {
            Some(Ok(Ok(()))) => {}
            other => panic!("the proxy on port {} cannot go on: {other:?}", self.port),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            // A panic in it has been printed, and this must not be a second.
            let _ = thread.join();
        }
    }
}

/// Accepts connections, and stops and starts to listen when told, until the
/// proxy is dropped.
async fn run(
    listener: TcpListener,
    target: SocketAddr,
    weather: watch::Receiver<Weather>,
    counts: Arc<Counts>,
    mut orders: mpsc::UnboundedReceiver<Order>,
) {
    let port = listener.local_addr().map_or(0, |address| address.port());
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // An order comes before whoever connects at the same time.
            biased;
            order = orders.recv() => {
                let Some(Order { listen, done }) = order else { return };
                let outcome = match (listen, &listener) {
                    (true, None) => bind(port).await.map(|bound| listener = Some(bound)),
                    (true, Some(_)) => Ok(()),
                    (false, _) => {
                        listener = None;
                        Ok(())
                    }
                };
                let _ = done.send(outcome);
            }
            accepted = accept(listener.as_ref()) => {
                let Ok(client) = accepted else { continue };
                let number = counts.opened.fetch_add(1, Ordering::SeqCst);
                counts.open.fetch_add(1, Ordering::SeqCst);
                let connection = Connection::new(number, client, target, weather.clone());
                let counts = Arc::clone(&counts);
                connections.spawn(async move {
                    connection.run().await;
                    counts.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
            // Else what has ended would be kept until the end.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    let started = Instant::now();
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse && started.elapsed() < REBIND =>
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            bound => return bound,
        }
    }
}

/// The address in a URL, or the text itself.
fn address(server: &str) -> SocketAddr {
    let (start, end) = authority(server);
    let text = &server[start..end];
    text.parse()
        .unwrap_or_else(|error| panic!("{text:?} of {server:?} is no address: {error}"))
}

/// Where `host:port` begins and ends.
fn authority(server: &str) -> (usize, usize) {
    let start = server.find("://").map_or(0, |at| at + 3);
    let end = server[start..]
        .find(['/', '?'])
        .map_or(server.len(), |at| start + at);
    let user = server[start..end].rfind('@').map_or(0, |at| at + 1);
    (start + user, end)
}
