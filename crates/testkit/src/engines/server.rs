use std::net::TcpListener;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{fmt, io, thread};

use super::StartError;
use super::folder;
use super::watchdog::Watchdog;

const START_DEADLINE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Another process may take a free port between our looking and the server's.
const PORT_ATTEMPTS: u32 = 5;
const PORTS: Range<u16> = 16_000..32_000;

/// How to run one kind of server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// The signal that ends it quickly and cleanly.
    pub(super) signal: &'static str,
    /// What its log says once it serves.
    pub(super) ready: &'static str,
    /// Makes the command for a folder and a port.
    pub(super) command: fn(&Path, u16) -> Result<Vec<String>, StartError>,
    /// Its address for a port.
    pub(super) url: fn(u16) -> String,
}

/// A running server on a port of its own, ended when dropped.
pub struct Server {
    kind: Kind,
    dir: PathBuf,
    port: u16,
    runs: u32,
    watchdogs: Vec<Watchdog>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("kind", &self.kind.name)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Starts a server in a new folder below `parent`; `prepare` fills the
    /// folder first.
    pub(super) fn start(
        kind: Kind,
        parent: &Path,
        prepare: &dyn Fn(&Path) -> Result<(), StartError>,
    ) -> Result<Self, StartError> {
        let mut last = None;
        for _ in 0..PORT_ATTEMPTS {
            let dir = folder::create(parent, kind.name)?;
            let prepared = prepare(&dir);
            if let Err(error) = prepared {
                let _ = std::fs::remove_dir_all(&dir);
                return Err(error);
            }
            let mut server = Self {
                kind,
                dir,
                port: free_port()?,
                runs: 0,
                watchdogs: Vec::new(),
            };
            match server.run() {
                Ok(()) => return Ok(server),
                Err(error @ StartError::Failed(_)) => last = Some(error),
                Err(error) => {
                    let _ = std::fs::remove_dir_all(&server.dir);
                    return Err(error);
                }
            }
        }
        Err(last.unwrap_or_else(|| StartError::Failed("no free port".to_owned())))
    }

    /// The server's address.
    #[must_use]
    pub fn url(&self) -> String {
        (self.kind.url)(self.port)
    }

    /// The port it listens on, on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder with everything it keeps; what it writes there while it runs
    /// is its own business.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.dir
    }

    /// What it has written into its log since it was last started.
    #[must_use]
    pub fn log(&self) -> String {
        self.watchdogs.last().map(Watchdog::log).unwrap_or_default()
    }

    /// Its process and that process's children, as the kernel numbers them.
    #[must_use]
    pub fn processes(&self) -> Vec<String> {
        let running = self.watchdogs.last();
        running.map(Watchdog::processes).unwrap_or_default()
    }

    /// Ends the server at once (`kill -9`), as a crash would.
    ///
    /// # Panics
    /// When the process does not end.
    pub fn kill(&self) {
        self.signal("KILL");
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.watchdogs.last().is_some_and(|w| !w.has_ended()) {
            assert!(Instant::now() < deadline, "{self:?} outlived kill -9");
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Stops the server without closing its connections, as a hung machine.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Starts a killed server again on the same port, with what it had on
    /// disk. Redis and the S3 stand-in keep nothing there.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn restart(self) -> Self {
        let (server, result) = tokio::task::spawn_blocking(move || {
            let mut server = self;
            let deadline = Instant::now() + START_DEADLINE;
            loop {
                // Its last children may still hold the port or the folder.
                match server.run() {
                    Err(StartError::Failed(_)) if Instant::now() < deadline => {
                        thread::sleep(LOOK_EVERY * 5);
                    }
                    other => return (server, other),
                }
            }
        })
        .await
        .expect("starting a server does not panic");
        if let Err(error) = result {
            panic!("{server:?} did not come back: {error}");
        }
        server
    }

    fn signal(&self, signal: &str) {
        if let Some(watchdog) = self.watchdogs.last() {
            let _ = Command::new("kill")
                .args(["-s", signal])
                .args(watchdog.processes())
                .stderr(std::process::Stdio::null())
                .status();
        }
    }

    fn run(&mut self) -> Result<(), StartError> {
        self.runs += 1;
        let command = (self.kind.command)(&self.dir, self.port)?;
        let stem = self.dir.join(format!("run-{}", self.runs));
        let watchdog = Watchdog::start(&self.dir, self.kind.signal, stem, &command)?;
        let deadline = Instant::now() + START_DEADLINE;
        let log = loop {
            let ended = watchdog.has_ended();
            let log = watchdog.log();
            if log.contains(self.kind.ready) && !ended {
                self.watchdogs.push(watchdog);
                return Ok(());
            }
            if ended || Instant::now() > deadline {
                break log;
            }
            thread::sleep(LOOK_EVERY);
        };
        // A failed run of a server that ran before must not take the folder
        // along; its watchdog is kept until the end.
        if self.runs > 1 {
            self.watchdogs.insert(0, watchdog);
        }
        let tail: Vec<&str> = log.lines().rev().take(15).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        Err(StartError::Failed(format!(
            "{} did not start: {}",
            command.join(" "),
            tail.join("\n")
        )))
    }
}

/// A port that nobody has now, from below those that the system gives to
/// outgoing connections: a client that keeps trying to reach a killed server
/// would one day get the server's own port, and keep it.
fn free_port() -> io::Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..PORTS.len() {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        // Processes begin in different places, so that they seldom collide.
        let at =
            (process::id().wrapping_mul(61).wrapping_add(n)) % u32::from(PORTS.end - PORTS.start);
        let port = PORTS.start + u16::try_from(at).unwrap_or_default();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::other("no free port"))
}
