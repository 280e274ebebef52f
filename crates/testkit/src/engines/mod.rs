//! Starting real servers: shared ones for a test run, private ones for tests
//! that kill or freeze them.

mod find;
mod folder;
mod kinds;
mod server;
mod watchdog;

use std::path::Path;
use std::{fmt, io};

pub use find::install;
pub use kinds::{Moto, Nats, Postgres, Redis};
pub use server::Server;

/// The environment variable that names a running PostgreSQL server, as
/// `postgres://user@host:port/postgres`.
pub const POSTGRES_URL: &str = "COVERGEN_TEST_POSTGRES_URL";
/// The environment variable that names a running NATS server.
pub const NATS_URL: &str = "COVERGEN_TEST_NATS_URL";
/// The environment variable that names a running Redis server.
pub const REDIS_URL: &str = "COVERGEN_TEST_REDIS_URL";
/// The environment variable that names a running S3 endpoint.
pub const S3_URL: &str = "COVERGEN_TEST_S3_URL";

/// Why an engine could not be started.
#[derive(Debug)]
pub enum StartError {
    /// A program is not installed; the text says how to install it.
    Missing(String),
    /// A program ended or never became ready; the text ends with its log.
    Failed(String),
    /// The system refused something.
    Io(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(text) | Self::Failed(text) => f.write_str(text),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The four engines of a test run. They end when this is dropped, or when the
/// process ends.
#[derive(Debug)]
pub struct Engines {
    postgres: Server,
    nats: Server,
    redis: Server,
    moto: Server,
}

impl Engines {
    /// The variables that make every test process use these engines.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            (POSTGRES_URL, self.postgres.url()),
            (NATS_URL, self.nats.url()),
            (REDIS_URL, self.redis.url()),
            (S3_URL, self.moto.url()),
        ]
    }
}

/// Starts all four engines side by side, with their data below `dir`, which
/// is created if needed.
///
/// # Errors
/// The first engine that is missing or does not start; the others are ended.
pub async fn start_all(dir: &Path) -> Result<Engines, StartError> {
    std::fs::create_dir_all(dir)?;
    let dir = dir.canonicalize()?;
    let start = |kind: fn(&Path) -> Result<Server, StartError>| {
        let dir = dir.clone();
        tokio::task::spawn_blocking(move || kind(&dir))
    };
    let (postgres, nats) = (start(Postgres::start_in), start(Nats::start_in));
    let (redis, moto) = (start(Redis::start_in), start(Moto::start_in));
    // All are awaited before the first error is told, so that none is left
    // half started.
    let started = (postgres.await, nats.await, redis.await, moto.await);
    Ok(Engines {
        postgres: joined(started.0)?,
        nats: joined(started.1)?,
        redis: joined(started.2)?,
        moto: joined(started.3)?,
    })
}

fn joined(
    result: Result<Result<Server, StartError>, tokio::task::JoinError>,
) -> Result<Server, StartError> {
    result.map_err(|e| StartError::Failed(e.to_string()))?
}
