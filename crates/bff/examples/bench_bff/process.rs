//! The processes that are measured, and what the kernel counts for them.

use std::fs;
use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// This program in one of its roles, on one core. Ends with this process.
pub(crate) struct Role {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Role {
    /// Starts it and waits until it tells its address.
    pub(crate) async fn start(core: &str, arguments: &[&str]) -> Result<Self> {
        let program = std::env::current_exe()?;
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", core]).arg(program);
        let command = command.args(arguments).kill_on_drop(true);
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().context("taskset cannot be started")?;
        let stdout = child.stdout.take().context("its output is piped")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let address = line.context("it ended before it listened")?.parse()?;
        Ok(Self { child, address })
    }

    /// Its id: taskset becomes the program that it starts.
    pub(crate) fn id(&self) -> Result<u32> {
        self.child.id().context("it has ended")
    }
}

/// Processor time of all threads of a process, in microseconds.
pub(crate) fn cpu_us(id: u32) -> Result<f64> {
    let mut sum = 0.0;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        // A thread that ended meanwhile is not an error.
        if let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) {
            let nanoseconds = text.split_whitespace().next().context("no schedstat")?;
            sum += nanoseconds.parse::<f64>()? / 1e3;
        }
    }
    Ok(sum)
}

/// Resident memory in megabytes of a million bytes.
pub(crate) fn rss_mb(id: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let figure = line.and_then(|rest| rest.split_whitespace().next());
    let kibibytes: f64 = figure.context("no VmRSS")?.parse()?;
    Ok(kibibytes * 1024.0 / 1e6)
}
