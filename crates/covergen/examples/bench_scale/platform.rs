//! The platform as a process, on databases of a server.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running platform. Ends with this process.
pub(crate) struct Platform {
    child: Child,
    id: u32,
    /// Address of the web BFF.
    pub(crate) web: String,
}

impl Platform {
    /// Starts it on free ports.
    pub(crate) async fn start(binary: &Path, folder: &Path, url: &str) -> Result<Self> {
        let any = "127.0.0.1:0";
        let mut command = Command::new(binary);
        command.arg("up").arg("--json").arg("--data").arg(folder);
        for listener in ["--web", "--mobile", "--partner", "--grpc", "--admin"] {
            command.args([listener, any]);
        }
        let mut child = command
            .env("COVERGEN__DATABASE__URL", url)
            .env("COVERGEN__TELEMETRY__LOG_FILTER", "error")
            .env("COVERGEN__SERVICES__NOTIFICATION__ALLOW_LOOPBACK", "true")
            // What hashing costs does not depend on rows, and would hide what does.
            .env("COVERGEN__SERVICES__AUTH__ARGON2_MEMORY_KIB", "64")
            .env("COVERGEN__SERVICES__AUTH__ARGON2_PASSES", "1")
            .env("COVERGEN__BFF__RATES__AUTH__WINDOWS", MANY)
            .env("COVERGEN__BFF__RATES__DEFAULT__WINDOWS", MANY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", binary.display()))?;
        let stdout = child.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(PATIENCE, lines.next_line()).await??;
        let line = line.context("it ended before it was ready")?;
        let ready: Value = serde_json::from_str(&line)?;
        let web = ready["web"].as_str().context("it tells no address")?;
        Ok(Self {
            id: child.id().context("it ended at once")?,
            web: web.to_owned(),
            child,
        })
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
        timeout(PATIENCE, self.child.wait()).await??;
        Ok(())
    }
}

/// A rate that nobody reaches.
const MANY: &str = "[{limit = 1000000, per_seconds = 60}]";

/// The first member of a `schedstat`: nanoseconds on a processor.
pub(crate) fn on_cpu_ms(schedstat: &str) -> Result<f64> {
    let first = schedstat.split_whitespace().next();
    let nanoseconds: f64 = first.context("an empty schedstat")?.parse()?;
    Ok(nanoseconds / 1e6)
}

/// Waits until everything that was set off has come to its end.
pub(crate) async fn settled(url: &str) -> Result<()> {
    for _ in 0..300 {
        let mut waiting = 0;
        for (service, sql) in [
            (
                "cover",
                "SELECT count(*) FROM outbox WHERE sent_at_ms IS NULL",
            ),
            (
                "user",
                "SELECT count(*) FROM outbox WHERE sent_at_ms IS NULL",
            ),
            (
                "notification",
                "SELECT count(*) FROM deliveries WHERE status = 'PENDING'",
            ),
            (
                "notification",
                "SELECT 1 - LEAST(count(*), 1) FROM deliveries",
            ),
            ("user", "SELECT 1 - LEAST(count(*), 1) FROM history"),
        ] {
            let database = Database::connect(url.replace("{service}", service)).await?;
            let statement = Statement::from_string(database.get_database_backend(), sql);
            let row = database
                .query_one_raw(statement)
                .await?
                .context("a count")?;
            waiting += row.try_get_by_index::<i64>(0)?;
            database.close().await?;
        }
        if waiting == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("work is left")
}
