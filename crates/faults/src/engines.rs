//! PostgreSQL, NATS and Redis of one run, killed and started again on the same
//! port and the same data. Nobody else uses them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use covergen_testkit::engines::StartError;
use covergen_testkit::{Nats, Postgres, Redis, Server};

use crate::checker::Databases;

/// One of the engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL, with durable commits.
    Postgres,
    /// NATS with JetStream, syncing before each acknowledgement.
    Nats,
    /// Redis, which keeps nothing on disk.
    Redis,
}

/// The engines of one run; they end when this is dropped.
#[derive(Debug)]
pub struct Engines {
    // None only while one is being started again.
    postgres: Option<Server>,
    nats: Option<Server>,
    redis: Option<Server>,
}

impl Engines {
    /// Starts all three. Their data lie in the system's temporary folder: where
    /// this is root, PostgreSQL runs as somebody who may not enter ours.
    ///
    /// # Errors
    /// One is not installed or does not start.
    pub async fn start() -> Result<Self> {
        let start = |start: fn(&Path) -> Result<Server, StartError>| {
            tokio::task::spawn_blocking(move || start(&std::env::temp_dir()))
        };
        let (postgres, nats, redis) = (
            start(Postgres::start_in),
            start(Nats::start_in),
            start(Redis::start_in),
        );
        // All are awaited before the first error is told, so that none is left
        // half started.
        let (postgres, nats, redis) = tokio::join!(postgres, nats, redis);
        Ok(Self {
            postgres: Some(postgres??),
            nats: Some(nats??),
            redis: Some(redis??),
        })
    }

    /// What the platform's processes are told about them.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DATABASE__URL", self.database_url()),
            ("EVENTS__URL", self.url(Engine::Nats)),
            ("CACHE__URL", self.url(Engine::Redis)),
        ]
    }

    /// Where one listens.
    #[must_use]
    pub fn url(&self, engine: Engine) -> String {
        self.server(engine).map_or_else(String::new, Server::url)
    }

    /// The services' databases, for the checker.
    #[must_use]
    pub fn databases(&self) -> Databases {
        Databases::at(&self.database_url())
    }

    /// The folder that one keeps its data in.
    #[must_use]
    pub fn folder(&self, engine: Engine) -> PathBuf {
        self.server(engine)
            .map_or_else(PathBuf::new, |server| server.folder().to_path_buf())
    }

    /// Ends one with `kill -9`.
    ///
    /// # Errors
    /// It is not there.
    pub async fn kill(&mut self, engine: Engine) -> Result<()> {
        let server = self.take(engine)?;
        let killed = tokio::task::spawn_blocking(move || {
            server.kill();
            server
        });
        *self.place(engine) = Some(killed.await?);
        Ok(())
    }

    /// Starts a killed one again on the same port and data.
    ///
    /// # Errors
    /// It is not there.
    pub async fn restart(&mut self, engine: Engine) -> Result<()> {
        let server = self.take(engine)?.restart().await;
        *self.place(engine) = Some(server);
        Ok(())
    }

    /// Stops one without closing its connections.
    ///
    /// # Errors
    /// It is not there.
    pub fn freeze(&self, engine: Engine) -> Result<()> {
        self.server(engine).context("no such engine")?.freeze();
        Ok(())
    }

    /// Lets a frozen one go on.
    ///
    /// # Errors
    /// It is not there.
    pub fn thaw(&self, engine: Engine) -> Result<()> {
        self.server(engine).context("no such engine")?.thaw();
        Ok(())
    }

    fn database_url(&self) -> String {
        let url = self.url(Engine::Postgres);
        let (server, _) = url.rsplit_once('/').unwrap_or((&url, ""));
        format!("{server}/covergen_{{service}}")
    }

    fn server(&self, engine: Engine) -> Option<&Server> {
        match engine {
            Engine::Postgres => self.postgres.as_ref(),
            Engine::Nats => self.nats.as_ref(),
            Engine::Redis => self.redis.as_ref(),
        }
    }

    fn place(&mut self, engine: Engine) -> &mut Option<Server> {
        match engine {
            Engine::Postgres => &mut self.postgres,
            Engine::Nats => &mut self.nats,
            Engine::Redis => &mut self.redis,
        }
    }

    fn take(&mut self, engine: Engine) -> Result<Server> {
        let server = self.place(engine).take();
        server.with_context(|| format!("{engine:?} is being started"))
    }
}
