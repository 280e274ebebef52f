//! The platform as processes: every service and BFF, some replicas of each, in
//! places of their own, told of each other by lists of addresses.

mod alone;
mod identity;
mod process;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::engines::Engines;
use crate::ports;
use crate::site::Site;
pub use alone::Alone;
pub use identity::Authority;
use process::Process;

/// Every service, in the order in which they are started.
pub const SERVICES: [&str; 9] = [
    "auth",
    "user",
    "template",
    "safety",
    "task",
    "media",
    "cover",
    "export",
    "notification",
];
/// The BFF that the workload speaks to.
pub const WEB: &str = "bff-web";

/// One process: what runs there, and which of its replicas it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replica {
    /// A service or a BFF.
    pub name: &'static str,
    /// 0, 1 …
    pub at: usize,
}

impl Replica {
    /// The first replica.
    #[must_use]
    pub const fn first(name: &'static str) -> Self {
        Self { name, at: 0 }
    }
}

impl fmt::Display for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.name, self.at)
    }
}

/// Where one replica listens.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// gRPC of a service, HTTP of a BFF.
    main: u16,
    admin: u16,
}

/// All processes, and what each is told. They end when this is dropped.
pub struct Fleet {
    binary: PathBuf,
    folder: PathBuf,
    /// Signs for all of them: they call each other by mTLS.
    authority: Authority,
    variables: BTreeMap<String, String>,
    /// What only some are told: over the others', in the order it was said.
    own: Vec<(Scope, String, String)>,
    places: BTreeMap<Replica, Place>,
    processes: BTreeMap<Replica, Process>,
}

/// Whom a variable is for.
enum Scope {
    All(&'static str),
    One(Replica),
}

impl Scope {
    fn holds(&self, replica: Replica) -> bool {
        match self {
            Self::All(name) => *name == replica.name,
            Self::One(one) => *one == replica,
        }
    }
}

impl Fleet {
    /// A fleet of so many replicas of everything, not started yet. Its logs and
    /// whatever it keeps beside the engines lie below `folder`.
    ///
    /// # Errors
    /// No ports are free, or the folder cannot be written to.
    pub fn new(binary: &Path, folder: &Path, engines: &Engines, replicas: usize) -> Result<Self> {
        std::fs::create_dir_all(folder.join("logs"))?;
        let mut places = BTreeMap::new();
        for name in SERVICES.into_iter().chain([WEB]) {
            for at in 0..replicas.max(1) {
                let (main, admin) = (ports::free()?, ports::free()?);
                places.insert(Replica { name, at }, Place { main, admin });
            }
        }
        let mut fleet = Self {
            binary: binary.to_path_buf(),
            folder: folder.to_path_buf(),
            authority: Authority::found(binary, &folder.join("identity"))?,
            variables: BTreeMap::new(),
            own: Vec::new(),
            places,
            processes: BTreeMap::new(),
        };
        for (key, value) in settings(folder) {
            fleet.set(key, value);
        }
        for (key, value) in engines.variables() {
            fleet.set(key, value);
        }
        for name in SERVICES {
            let address = fleet.addresses(name).join(",");
            fleet.set(&target(name), address);
        }
        Ok(fleet)
    }

    /// One more replica, which nobody is told of.
    ///
    /// # Errors
    /// No ports are free.
    pub fn add(&mut self, replica: Replica) -> Result<()> {
        let (main, admin) = (ports::free()?, ports::free()?);
        self.places.insert(replica, Place { main, admin });
        Ok(())
    }

    /// Whoever signs for the processes.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Tells every process something from its next start on; the key is that of
    /// the environment without `COVERGEN__`.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.variables
            .insert(format!("COVERGEN__{key}"), value.into());
    }

    /// Lets calls wait for long: what a machine with other work delays is none
    /// of a fault's doing, and what hangs on a connection to nobody still fails.
    pub fn be_patient(&mut self) {
        self.set("MESH__DEFAULTS__DEADLINE_MS", "9000");
        self.set("DATABASE__ACQUIRE_TIMEOUT_MS", "9000");
        self.set("CACHE__COMMAND_TIMEOUT_MS", "2000");
    }

    /// Tells the replicas of one name something from their next starts on.
    pub fn set_for(&mut self, name: &'static str, key: &str, value: impl Into<String>) {
        let key = format!("COVERGEN__{key}");
        self.own.push((Scope::All(name), key, value.into()));
    }

    /// Tells one process something at its starts from now on, by the variable's
    /// full name.
    pub fn set_variable(&mut self, replica: Replica, key: &str, value: impl Into<String>) {
        self.own
            .push((Scope::One(replica), key.to_owned(), value.into()));
    }

    /// Takes back what was told to one process.
    pub fn unset_variable(&mut self, replica: Replica, key: &str) {
        self.own.retain(|(scope, known, _)| {
            known != key || !matches!(scope, Scope::One(one) if *one == replica)
        });
    }

    /// Lets the replicas of `from` reach `to` by other addresses, such as those
    /// of a proxy.
    pub fn route(&mut self, from: &'static str, to: &str, addresses: &[String]) {
        self.set_for(from, &target(to), addresses.join(","));
    }

    /// Where the replicas of a service listen, as `http://host:port`.
    #[must_use]
    pub fn addresses(&self, name: &str) -> Vec<String> {
        let own = |(replica, place): (&Replica, &Place)| {
            (replica.name == name).then(|| format!("http://127.0.0.1:{}", place.main))
        };
        self.places.iter().filter_map(own).collect()
    }

    /// Where one replica listens, as `http://host:port`.
    #[must_use]
    pub fn address(&self, replica: Replica) -> Option<String> {
        let place = self.places.get(&replica)?;
        Some(format!("http://127.0.0.1:{}", place.main))
    }

    /// Where a replica tells of its health.
    #[must_use]
    pub fn admin(&self, replica: Replica) -> Option<String> {
        let place = self.places.get(&replica)?;
        Some(format!("http://127.0.0.1:{}", place.admin))
    }

    /// Every replica there is, started or not.
    #[must_use]
    pub fn replicas(&self) -> Vec<Replica> {
        self.places.keys().copied().collect()
    }

    /// The web BFF behind a balancer.
    ///
    /// # Errors
    /// The client cannot be made.
    pub fn site(&self) -> Result<Site> {
        Site::open(self.addresses(WEB))
    }

    /// The folder that the services keep objects in.
    #[must_use]
    pub fn objects(&self) -> PathBuf {
        self.folder.join("objects")
    }

    /// The kernel's number of a process that runs.
    #[must_use]
    pub fn id(&self, replica: Replica) -> Option<u32> {
        self.processes.get(&replica)?.id()
    }

    /// Starts everything: services side by side, then the BFFs.
    ///
    /// # Errors
    /// One is not ready in time; the error ends with what it said.
    pub async fn start_all(&mut self) -> Result<()> {
        // Whoever comes first makes the keys that all of them use.
        let first = Replica::first(SERVICES[0]);
        self.start(first).await?;
        let others = self.replicas().into_iter().filter(|r| *r != first);
        let (edges, services): (Vec<_>, Vec<_>) = others.partition(|r| r.name == WEB);
        for some in [services, edges] {
            let starting = some.into_iter().map(|replica| self.begin(replica));
            let started = futures::future::join_all(starting).await;
            for process in started {
                let (replica, process) = process?;
                self.processes.insert(replica, process);
            }
        }
        Ok(())
    }

    /// Starts one and waits until it is ready.
    ///
    /// # Errors
    /// It is not ready in time; the error ends with what it said.
    pub async fn start(&mut self, replica: Replica) -> Result<()> {
        let (replica, process) = self.begin(replica).await?;
        self.processes.insert(replica, process);
        Ok(())
    }

    /// Ends one with `kill -9`.
    ///
    /// # Errors
    /// It does not run.
    pub async fn kill(&mut self, replica: Replica) -> Result<()> {
        self.take(replica)?.kill().await
    }

    /// Asks one to stop (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// It does not run, does not stop in time, or says that something went wrong.
    pub async fn stop(&mut self, replica: Replica) -> Result<()> {
        self.take(replica)?.stop().await
    }

    /// Waits until one has ended by itself, as it does at a fail point.
    ///
    /// # Errors
    /// It does not run, or does not end in time.
    pub async fn ended(&mut self, replica: Replica, within: std::time::Duration) -> Result<()> {
        let ended = self.running(replica)?.ended(within).await;
        ended.with_context(|| format!("{replica} goes on"))?;
        self.take(replica).map(drop)
    }

    /// Whether one that was started has ended meanwhile.
    ///
    /// # Errors
    /// It was not started.
    pub fn has_ended(&mut self, replica: Replica) -> Result<bool> {
        self.running(replica)?.has_ended()
    }

    /// Stops one where it stands (SIGSTOP); its connections stay open.
    ///
    /// # Errors
    /// It does not run.
    pub fn freeze(&mut self, replica: Replica) -> Result<()> {
        self.running(replica)?.signal(rustix::process::Signal::STOP)
    }

    /// Lets a frozen one go on.
    ///
    /// # Errors
    /// It does not run.
    pub fn thaw(&mut self, replica: Replica) -> Result<()> {
        self.running(replica)?.signal(rustix::process::Signal::CONT)
    }

    fn take(&mut self, replica: Replica) -> Result<Process> {
        let process = self.processes.remove(&replica);
        process.with_context(|| format!("{replica} does not run"))
    }

    fn running(&mut self, replica: Replica) -> Result<&mut Process> {
        let process = self.processes.get_mut(&replica);
        process.with_context(|| format!("{replica} does not run"))
    }

    async fn begin(&self, replica: Replica) -> Result<(Replica, Process)> {
        let place = self.places.get(&replica);
        let place = place.with_context(|| format!("there is no {replica}"))?;
        let mut variables = self.variables.clone();
        variables.extend(self.authority.variables(replica.name)?.clone());
        for (scope, key, value) in &self.own {
            if scope.holds(replica) {
                variables.insert(key.clone(), value.clone());
            }
        }
        let listen = if replica.name == WEB { "WEB" } else { "GRPC" };
        for (key, port) in [(listen, place.main), ("ADMIN", place.admin)] {
            let key = format!("COVERGEN__LISTEN__{key}");
            variables.insert(key, format!("127.0.0.1:{port}"));
        }
        let log = self.folder.join("logs").join(format!("{replica}.log"));
        let arguments = ["serve", replica.name, "--json"];
        let process = Process::start(&self.binary, &arguments, &variables, &log).await;
        let process = process.with_context(|| format!("{replica}"))?;
        Ok((replica, process))
    }
}

fn target(name: &str) -> String {
    format!("MESH__TARGETS__{}__ADDRESS", name.to_uppercase())
}

/// What every process is told, apart from addresses.
fn settings(folder: &Path) -> Vec<(&'static str, String)> {
    let path = |rest: &str| folder.join(rest).display().to_string();
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/fetched");
    // The workload is a few people who do what thousands would.
    let plenty = "[{limit = 1000000, per_seconds = 60}]".to_owned();
    vec![
        ("DATABASE__MAX_READ_CONNECTIONS", "2".to_owned()),
        ("DATABASE__MAX_WRITE_CONNECTIONS", "3".to_owned()),
        ("OBJECTS__URL", format!("file://{}", path("objects"))),
        ("MAIL__OUTBOX_DIR", path("outbox")),
        ("IDENTITY__ACCESS_KEYS_DIR", path("keys/access")),
        ("IDENTITY__INTERNAL_KEYS_DIR", path("keys/internal")),
        ("IDENTITY__CREATE_MISSING_KEYS", "true".to_owned()),
        ("FONTS__DIR", fonts.to_owned()),
        ("TELEMETRY__LOG_FILTER", "info".to_owned()),
        ("TELEMETRY__LOG_FORMAT", "text".to_owned()),
        // What is shown here does not depend on what a password costs.
        ("SERVICES__AUTH__ARGON2_MEMORY_KIB", "64".to_owned()),
        ("SERVICES__AUTH__ARGON2_PASSES", "1".to_owned()),
        (
            "SERVICES__AUTH__PUBLIC_URL",
            "http://127.0.0.1:8080".to_owned(),
        ),
        ("BFF__RATES__DEFAULT__WINDOWS", plenty.clone()),
        ("BFF__RATES__GENERATE__WINDOWS", plenty.clone()),
        ("BFF__RATES__AUTH__WINDOWS", plenty),
    ]
}
