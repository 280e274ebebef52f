//! The platform as a process.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::bare::on_cpu_ms;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running platform, in the configuration it has from the start. Ends with
/// this process.
pub(crate) struct Platform {
    child: Child,
    id: u32,
    /// Address of the web BFF.
    pub(crate) web: String,
    /// From before the process was made until it said that it is ready.
    pub(crate) ready_ms: f64,
}

impl Platform {
    /// Starts it on an empty folder and free ports.
    pub(crate) async fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/fetched");
        let any = "127.0.0.1:0";
        let began = Instant::now();
        let mut child = Command::new(binary)
            .args([
                "up",
                "--json",
                "--web",
                any,
                "--mobile",
                any,
                "--partner",
                any,
                "--grpc",
                any,
                "--admin",
                any,
            ])
            .arg("--data")
            .arg(folder)
            .env("COVERGEN__FONTS__DIR", fonts)
            .env("COVERGEN__TELEMETRY__LOG_FILTER", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", binary.display()))?;
        let stdout = child.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(PATIENCE, lines.next_line()).await??;
        let ready_ms = began.elapsed().as_secs_f64() * 1e3;
        let line = line.context("it ended before it was ready")?;
        let ready: Value = serde_json::from_str(&line)?;
        let web = ready["web"].as_str().context("it tells no address")?;
        Ok(Self {
            id: child.id().context("it ended at once")?,
            web: web.to_owned(),
            ready_ms,
            child,
        })
    }

    /// Resident memory in megabytes of a million bytes.
    pub(crate) fn rss_mb(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let figure = line.and_then(|rest| rest.split_whitespace().next());
        let kibibytes: f64 = figure.context("no VmRSS")?.parse()?;
        Ok(kibibytes * 1024.0 / 1e6)
    }

    /// Processor time of all its threads, in milliseconds.
    pub(crate) fn cpu_ms(&self) -> Result<f64> {
        let mut sum = 0.0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.id))? {
            // A thread that ended meanwhile is not an error.
            if let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) {
                sum += on_cpu_ms(&text)?;
            }
        }
        Ok(sum)
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let told = Command::new("kill")
            .args(["-TERM", &self.id.to_string()])
            .status()
            .await?;
        ensure!(told.success(), "it cannot be told to stop");
        let status = timeout(PATIENCE, self.child.wait()).await??;
        ensure!(status.success(), "it failed when it stopped ({status})");
        Ok(())
    }
}
