//! The platform as a process.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

/// A rate that nobody reaches, as configuration.
const MANY: &str = "[{limit = 1000000, per_seconds = 60}]";

/// A running platform, in the configuration it has from the start but for what
/// it is told. Ends with this process.
pub(crate) struct Platform {
    child: Child,
    id: u32,
    /// Address of the web BFF.
    pub(crate) web: String,
    /// From before the process was made until it said that it is ready.
    pub(crate) ready_ms: f64,
}

impl Platform {
    /// Starts it on a folder and free ports, with `settings` in its
    /// environment.
    pub(crate) async fn start(
        binary: &Path,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/fetched");
        let any = "127.0.0.1:0";
        let began = Instant::now();
        let mut command = Command::new(binary);
        command.arg("up").arg("--json").arg("--data").arg(folder);
        for listener in ["--web", "--mobile", "--partner", "--grpc", "--admin"] {
            command.args([listener, any]);
        }
        let mut child = command
            .env("COVERGEN__FONTS__DIR", fonts)
            .env("COVERGEN__TELEMETRY__LOG_FILTER", "error")
            .env("COVERGEN__BFF__RATES__AUTH__WINDOWS", MANY)
            .env("COVERGEN__BFF__RATES__DEFAULT__WINDOWS", MANY)
            .envs(settings.iter().copied())
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

    /// Processor time of each thread, in milliseconds.
    pub(crate) fn cpu_ms(&self) -> Result<HashMap<String, f64>> {
        let mut times = HashMap::new();
        for thread in fs::read_dir(format!("/proc/{}/task", self.id))? {
            let path = thread?.path();
            // A thread that ended meanwhile is not an error.
            if let Ok(text) = fs::read_to_string(path.join("schedstat")) {
                times.insert(path.display().to_string(), on_cpu_ms(&text)?);
            }
        }
        Ok(times)
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

/// The first member of a `schedstat`: nanoseconds on a processor.
pub(crate) fn on_cpu_ms(schedstat: &str) -> Result<f64> {
    let first = schedstat.split_whitespace().next();
    let nanoseconds: f64 = first.context("an empty schedstat")?.parse()?;
    Ok(nanoseconds / 1e6)
}
