use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A debug build on a machine with other work takes its time.
const READY_WITHIN: Duration = Duration::from_secs(90);
/// The drain, what it waits for, and some more.
const STOPPED_WITHIN: Duration = Duration::from_secs(40);
/// Bytes of a log that an error ends with.
const TOLD: usize = 2_000;

/// A process that runs. It ends with this, whatever happens.
pub(super) struct Process {
    child: Child,
    log: PathBuf,
    /// What it said when it was.
    pub(super) ready: Value,
}

impl Process {
    pub(super) async fn start(
        binary: &Path,
        arguments: &[&str],
        variables: &BTreeMap<String, String>,
        log: &Path,
    ) -> Result<Self> {
        let stderr = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = Command::new(binary)
            .args(arguments)
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", binary.display()))?;
        let stdout = child.stdout.take().context("stdout is piped")?;
        let log = log.to_path_buf();
        let ready = Value::Null;
        let mut process = Self { child, log, ready };
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(READY_WITHIN, lines.next_line()).await;
        let Ok(Ok(Some(line))) = line else {
            bail!("it is not ready: {}", process.told());
        };
        process.ready = serde_json::from_str(&line)?;
        ensure!(process.ready["ready"] == true, "it is not ready: {line}");
        ensure!(!process.has_ended()?, "it ended: {}", process.told());
        Ok(process)
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    pub(super) async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    pub(super) async fn stop(mut self) -> Result<()> {
        self.signal(Signal::TERM)?;
        let status = timeout(STOPPED_WITHIN, self.child.wait()).await;
        let status: ExitStatus = status.context("it does not stop")??;
        ensure!(status.success(), "it stopped with {status}");
        Ok(())
    }

    pub(super) async fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
        let status = timeout(within, self.child.wait()).await;
        Ok(status.with_context(|| format!("it has not ended: {}", self.told()))??)
    }

    pub(super) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    pub(super) fn signal(&self, signal: Signal) -> Result<()> {
        let id = self.child.id().context("it has ended")?;
        let id = Pid::from_raw(i32::try_from(id)?).context("no process id")?;
        Ok(rustix::process::kill_process(id, signal)?)
    }

    /// The end of its log.
    fn told(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let from = bytes.len().saturating_sub(TOLD);
        String::from_utf8_lossy(&bytes[from..]).into_owned()
    }
}
