//! A service in the process beside the same one in another process of this
//! machine: what separating them costs.

use anyhow::Result;
use covergen_mesh::Registry;

use crate::{
    echo::{self, Echo, say},
    replica::Replica,
    sample::Sample,
};

const ROUNDS: usize = 7;

/// Medians of rounds in which both take turns, on the runtime that is shipped.
/// What the other process spends counts, its wakings and idling included.
pub(crate) async fn measure() -> Result<()> {
    tokio::spawn(turns()).await?
}

async fn turns() -> Result<()> {
    let replica = Replica::start().await?;
    let process = replica.process()?;
    let registry = Registry::default();
    registry.insert("echo", echo::protected(Echo(|| Ok(()))));
    let local = echo::mesh(&[], registry)?.channel("echo");
    let remote = echo::mesh(&[replica.address], Registry::default())?.channel("echo");
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        here.push(Sample::take(&[process], || say(local.clone())).await?);
        there.push(Sample::take(&[process], || say(remote.clone())).await?);
    }
    println!("{}", Sample::line("service in this process", &here));
    println!("{}", Sample::line("service in another process", &there));
    Ok(())
}
