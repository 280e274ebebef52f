//! The service as a process of its own.

use std::{net::SocketAddr, process::Stdio};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::echo::{self, Echo};

/// A replica: tells its address and serves until it is killed.
pub(crate) async fn serve() -> Result<()> {
    let address = echo::serve_mesh(Echo(|| Ok(()))).await?;
    println!("{address}");
    std::future::pending().await
}

/// One that was started, and ends with this value.
pub(crate) struct Replica {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Replica {
    pub(crate) async fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let command = command.arg("replica").kill_on_drop(true);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("its output is piped")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let address = line.context("it ended before it listened")?.parse()?;
        Ok(Self { child, address })
    }

    pub(crate) fn process(&self) -> Result<u32> {
        self.child.id().context("the replica ended")
    }

    pub(crate) async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}
