//! `covergen up --processes`: every service and every BFF as a process of its
//! own on this machine, for developing against the distributed shape.
//!
//! PostgreSQL, NATS and Redis are those that somebody named, or private ones
//! that keep their data in the data folder. Each process has a certificate of
//! an authority in that folder, so what they say to each other is mTLS. A process that dies is started
//! again. On the way down BFFs end first, then services, then engines; should
//! this process die instead, the kernel ends its children (Linux).

mod announce;
mod child;
mod engines;
mod find;
mod plan;
mod ports;
mod tie;

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use covergen_chassis::{Config, Identity};
use covergen_ids::Clock;
use futures::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::options::Place;
use child::Child;
use engines::Addresses;
use plan::{Plan, Planned, Told};
use ports::Ports;

pub(crate) use tie::to_parent;

/// How long engines may take to be seen by everyone, once everyone runs.
const READY_LIMIT: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

// Named as those of `up`, which they stand among.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    /// Run every service and BFF as a process of its own, on PostgreSQL, NATS
    /// and Redis: private ones in the data folder, unless named.
    #[arg(long)]
    pub(crate) processes: bool,
    /// Processes of each service and each BFF.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        requires = "processes",
        value_parser = clap::value_parser!(u8).range(1..=8)
    )]
    replicas: u8,
    /// A running PostgreSQL: `postgres://user@host/covergen_{service}`.
    #[arg(long, value_name = "URL", requires = "processes")]
    postgres: Option<String>,
    /// A running NATS with JetStream: `nats://host:4222`.
    #[arg(long, value_name = "URL", requires = "processes")]
    nats: Option<String>,
    /// A running Redis: `redis://host:6379`.
    #[arg(long, value_name = "URL", requires = "processes")]
    redis: Option<String>,
}

/// Where the BFFs are to listen, where the command line says so.
pub(crate) struct Doors {
    pub(crate) web: Option<String>,
    pub(crate) mobile: Option<String>,
    pub(crate) partner: Option<String>,
}

pub(crate) async fn run(
    place: &Place,
    args: Args,
    doors: Doors,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let data = place.folder()?;
    let _alone = alone(&data)?;
    let base = plan::base(&data);
    let mut config = Config::load(base.clone(), &place.config, std::env::vars())?;
    for (given, place) in [
        (doors.web, &mut config.listen.web),
        (doors.mobile, &mut config.listen.mobile),
        (doors.partner, &mut config.listen.partner),
    ] {
        if let Some(given) = given {
            *place = given;
        }
    }
    // The base names no engines: what is named now comes from a file or the
    // environment, and the command line goes before both.
    let addresses = Addresses {
        postgres: args.postgres.unwrap_or_else(|| config.database.url.clone()),
        nats: args.nats.unwrap_or_else(|| config.events.url.clone()),
        redis: args.redis.unwrap_or_else(|| config.cache.url.clone()),
    };
    addresses.check()?;
    let certificates = data.join("certificates");
    let mut told = Told {
        addresses,
        files: Vec::new(),
        identities: plan::certify(&config, &certificates)?,
    };
    // Before anyone is started, so that all read the same keys.
    Identity::open(&config.identity, &Clock::system())?;

    let mut stop = pin!(covergen_chassis::stop_signal());
    let mut fleet = Fleet::default();
    let started = {
        let starting = async {
            let mut ports = Ports::default();
            let doors = plan::doors(&config, &mut ports)?;
            let private = engines::prepare(&mut told.addresses, &data, &mut ports).await?;
            let plan = Plan::new(args.replicas, &doors, &mut ports)?;
            told.files.push(plan::write_base(base, &data, &doors)?);
            told.files.extend(place.config.iter().cloned());
            ports.release();
            fleet.start_engines(private).await?;
            fleet.start(plan, &told).await
        };
        tokio::select! {
            started = starting => Some(started),
            () = &mut stop => None,
        }
    };
    if let Some(Ok(())) = started {
        announce::ready(&fleet, &told, &certificates, json);
        stop.await;
    }
    fleet.stop().await;
    started.transpose()?;
    Ok(ExitCode::SUCCESS)
}

/// Takes the data folder for this process until the file is dropped.
fn alone(data: &Path) -> anyhow::Result<File> {
    let path = data.join("processes.lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => bail!(
            "another `covergen up --processes` runs on {}: end it, or name another folder with \
             `--data`",
            data.display()
        ),
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Everything that was started.
#[derive(Default)]
struct Fleet {
    engines: Vec<Child>,
    services: Vec<(Planned, Child)>,
    bffs: Vec<(Planned, Child)>,
}

impl Fleet {
    async fn start_engines(&mut self, specs: Vec<child::Spec>) -> anyhow::Result<()> {
        self.engines.extend(specs.into_iter().map(Child::start));
        for engine in &mut self.engines {
            engine.ready().await?;
        }
        Ok(())
    }

    /// Services side by side, then BFFs, then waits until each says that it
    /// reaches what it needs.
    async fn start(&mut self, plan: Plan, told: &Told) -> anyhow::Result<()> {
        let start = |planned: Planned| -> anyhow::Result<(Planned, Child)> {
            let child = Child::start(planned.spec(told)?);
            Ok((planned, child))
        };
        for planned in plan.services {
            self.services.push(start(planned)?);
        }
        for (_, service) in &mut self.services {
            service.ready().await?;
        }
        for planned in plan.bffs {
            self.bffs.push(start(planned)?);
        }
        for (_, bff) in &mut self.bffs {
            bff.ready().await?;
        }
        for (planned, _) in self.services.iter().chain(&self.bffs) {
            eventually_answers(&planned.name, planned.admin).await?;
        }
        Ok(())
    }

    /// Those who are called outlive those who call.
    async fn stop(self) {
        let own = |group: Vec<(Planned, Child)>| group.into_iter().map(|(_, child)| child);
        join_all(own(self.bffs).map(Child::stop)).await;
        join_all(own(self.services).map(Child::stop)).await;
        join_all(self.engines.into_iter().map(Child::stop)).await;
    }
}

/// Waits until a process says on its admin address that it is ready.
async fn eventually_answers(name: &str, admin: SocketAddr) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY_LIMIT;
    loop {
        match ask(admin).await {
            Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => return Ok(()),
            Ok(answer) if Instant::now() > deadline => {
                let problems = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
                bail!("{name} is not ready: {}", problems.trim());
            }
            Err(error) if Instant::now() > deadline => {
                return Err(error).with_context(|| format!("{name} does not answer at {admin}"));
            }
            _ => sleep(LOOK_EVERY).await,
        }
    }
}

async fn ask(admin: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(admin).await?;
    let request =
        format!("GET /health/ready HTTP/1.1\r\nhost: {admin}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
