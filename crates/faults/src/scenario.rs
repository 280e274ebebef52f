//! The rows: each breaks something and says what it saw.

mod clock;
mod database;
mod disk;
mod events;
mod half_open;
mod nats;
mod planted;
mod poison;
mod random;
mod redis;
mod rolling;
mod rotation;
mod slow;
mod steps;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use covergen_events::EventLog;
use covergen_objects::ObjectStore;
use covergen_testkit::Proxy;
use futures::future::BoxFuture;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::checker::{self, Databases};
use crate::engines::{Engine, Engines};
use crate::fleet::{Fleet, WEB};
use crate::site::Site;
use crate::verdict::Verdict;
use crate::workload::Done;

/// How long everything may take to settle once nothing is broken any more.
pub const SETTLED_WITHIN: Duration = Duration::from_secs(30);

/// A row that can be run.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Name, to ask for it.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    run: fn(Bench) -> BoxFuture<'static, Result<Vec<Verdict>>>,
}

/// All rows.
pub const ALL: &[Scenario] = &[
    planted::SCENARIO,
    steps::SCENARIO,
    random::SCENARIO,
    nats::AWAY,
    nats::PARTITIONED,
    nats::REWOUND,
    database::SCENARIO,
    rolling::SCENARIO,
    rotation::SCENARIO,
    events::SCENARIO,
    redis::SCENARIO,
    slow::SCENARIO,
    half_open::SCENARIO,
    poison::SCENARIO,
    disk::SCENARIO,
    clock::SCENARIO,
];

impl Scenario {
    /// Runs it.
    ///
    /// # Errors
    /// It could not be carried out, which says nothing about the promise.
    pub async fn run(&self, bench: Bench) -> Result<Vec<Verdict>> {
        (self.run)(bench).await
    }
}

/// What a row is run with.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The platform's program.
    pub binary: PathBuf,
    /// A folder of the row's own.
    pub folder: PathBuf,
    /// The form that takes seconds instead of minutes.
    pub short: bool,
}

/// The platform, running.
pub struct World {
    /// PostgreSQL, NATS and Redis.
    pub engines: Engines,
    /// The platform's processes.
    pub fleet: Fleet,
    /// The web BFF behind a balancer.
    pub site: Site,
    folder: PathBuf,
    objects: Arc<dyn ObjectStore>,
    events: OnceCell<Arc<dyn EventLog>>,
}

impl World {
    /// Engines and the whole fleet, started.
    ///
    /// # Errors
    /// Something does not start.
    pub async fn start(bench: &Bench, replicas: usize) -> Result<Self> {
        Self::start_with(bench, replicas, |_| {}).await
    }

    /// The same, with a word to the fleet before it starts.
    ///
    /// # Errors
    /// Something does not start.
    pub async fn start_with(
        bench: &Bench,
        replicas: usize,
        tell: impl FnOnce(&mut Fleet),
    ) -> Result<Self> {
        let engines = Engines::start().await?;
        let mut fleet = Fleet::new(&bench.binary, &bench.folder, &engines, replicas)?;
        tell(&mut fleet);
        Self::of(bench, engines, fleet).await
    }

    /// Engines and a fleet that is now started on them.
    async fn of(bench: &Bench, engines: Engines, mut fleet: Fleet) -> Result<Self> {
        fleet.start_all().await?;
        let site = fleet.site()?;
        let url = format!("file://{}", fleet.objects().display());
        let objects = covergen_objects::open(&covergen_objects::Config::from_url(url)).await?;
        Ok(Self {
            engines,
            fleet,
            site,
            folder: bench.folder.clone(),
            objects,
            events: OnceCell::new(),
        })
    }

    /// The folder of this run.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The event log of the platform, as one more process of it.
    ///
    /// # Errors
    /// It cannot be opened, or is not connected in time.
    pub async fn events(&self) -> Result<Arc<dyn EventLog>> {
        let open = async || {
            let url = self.engines.url(Engine::Nats);
            covergen_events::open(&covergen_events::Config::from_url(url)).await
        };
        let events = self.events.get_or_try_init(open).await?;
        for _ in 0..100 {
            if events.ping().await.is_ok() {
                return Ok(Arc::clone(events));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        events.ping().await?;
        Ok(Arc::clone(events))
    }

    /// Everybody may have covers made in bulk, and as many as they like.
    ///
    /// # Errors
    /// The database's.
    pub async fn allow_everything(&self) -> Result<()> {
        let databases = self.engines.databases();
        let allow = "UPDATE tiers SET bulk = TRUE, covers_per_month = 10000";
        databases.change("user", allow).await
    }

    /// All that the checker looks at.
    async fn databases(&self) -> Result<Databases> {
        Ok(self.engines.databases().with_events(self.events().await?))
    }

    /// Waits until every replica of the BFF is ready in the balancer's eyes.
    ///
    /// # Errors
    /// One is not in time.
    pub async fn balanced(&self) -> Result<()> {
        for _ in 0..200 {
            if self.site.ready() == self.fleet.addresses(WEB).len() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("{} replicas of the BFF are ready", self.site.ready())
    }

    /// Waits until a query finds nothing in the database of a service.
    ///
    /// # Errors
    /// It finds something for too long.
    pub async fn until_none(&self, service: &str, sql: &str, within: Duration) -> Result<()> {
        let databases = self.engines.databases();
        let deadline = Instant::now() + within;
        loop {
            let rows = databases.rows(service, sql).await?.len();
            if rows == 0 {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < deadline, "{service}: {rows} of {sql}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What the checker finds once everything had time to settle.
    ///
    /// # Errors
    /// Something cannot be read.
    pub async fn problems(&self, done: &Done) -> Result<Vec<String>> {
        let databases = self.databases().await?;
        let objects = self.objects.as_ref();
        checker::problems_in_the_end(&databases, done.log(), objects, SETTLED_WITHIN).await
    }

    /// What the checker finds right now.
    ///
    /// # Errors
    /// Something cannot be read.
    pub async fn problems_now(&self, done: &Done) -> Result<Vec<String>> {
        let databases = self.databases().await?;
        checker::problems_of(&databases, done.log(), self.objects.as_ref()).await
    }
}

/// Puts a proxy between all of a fleet that is not started yet and an engine.
fn between(engines: &Engines, fleet: &mut Fleet, engine: Engine) -> Proxy {
    let server = engines.url(engine);
    let proxy = Proxy::before(&server);
    for (key, url) in engines.variables() {
        // Engines are told apart by the host and port of their URLs.
        if authority(&url) == authority(&server) {
            fleet.set(key, proxy.url(&url));
        }
    }
    proxy
}

fn authority(url: &str) -> &str {
    let rest = url.split("://").nth(1).unwrap_or(url);
    rest.split('/').next().unwrap_or(rest)
}
