use std::path::{Path, PathBuf};

use anyhow::Context as _;
use covergen_chassis::Config;

/// Where a process keeps its data and takes its configuration from.
#[derive(clap::Args, Clone)]
pub(crate) struct Place {
    /// Folder that everything is kept in.
    #[arg(
        long,
        value_name = "DIR",
        default_value = "covergen-data",
        env = "COVERGEN_DATA"
    )]
    pub(crate) data: PathBuf,
    /// Configuration file, over the built-in defaults and under the environment.
    #[arg(long, value_name = "FILE", env = "COVERGEN_CONFIG", global = true)]
    pub(crate) config: Vec<PathBuf>,
}

impl Place {
    /// The embedded shape in the data folder, changed by files and environment.
    pub(crate) fn load(&self) -> anyhow::Result<Config> {
        let data = self.folder()?;
        Ok(Config::load(
            Config::embedded(&data),
            &self.config,
            std::env::vars(),
        )?)
    }

    /// The data folder, made where absent.
    pub(crate) fn folder(&self) -> anyhow::Result<PathBuf> {
        let data = absolute(&self.data)?;
        std::fs::create_dir_all(&data)
            .with_context(|| format!("cannot make the data folder {}", data.display()))?;
        Ok(data)
    }

    /// As [`Place::load`], for a command that runs beside a platform on the
    /// same data. The platform's process owns the embedded event log; events of
    /// the command wait in the outbox until it, or its next start, sends them.
    pub(crate) fn load_beside(&self) -> anyhow::Result<Config> {
        let mut config = self.load()?;
        if config.events.url.starts_with("embedded:") {
            let unused = std::env::temp_dir().join(format!("covergen-{}", std::process::id()));
            config.events.url = format!("embedded://{}/events.sqlite", unused.display());
        }
        Ok(config)
    }
}

fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("{} is not a folder", path.display()))
}
