//! One of four replicas is killed under load.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use bytes::Bytes;
use covergen_mesh::Registry;
use serde_json::json;
use tokio::time::sleep;
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};

use crate::{
    echo::{self, say, say_bare},
    replica::Replica,
};

const CALLERS: usize = 16;
const BEFORE: Duration = Duration::from_secs(1);
/// In which failures may still be those of the death itself.
const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(3);

/// Both on the same replicas, one after the other.
pub(crate) async fn measure() -> Result<()> {
    let fleet = start().await?;
    let addresses: Vec<_> = fleet.iter().map(|replica| replica.address).collect();
    let mesh = echo::mesh(&addresses, Registry::default())?;
    let channel = mesh.channel("echo");
    let ours = under_load(fleet, move || say(channel.clone())).await?;
    println!("{}", line("mesh, one of four killed", &ours));

    let fleet = start().await?;
    let endpoints = fleet
        .iter()
        .map(|replica| Endpoint::from_shared(format!("http://{}", replica.address)));
    let endpoints: Vec<_> = endpoints.collect::<Result<_, _>>()?;
    let channel = Channel::balance_list(endpoints.into_iter());
    let theirs = under_load(fleet, move || say_bare(channel.clone())).await?;
    println!("{}", line("tonic, one of four killed", &theirs));
    Ok(())
}

async fn start() -> Result<Vec<Replica>> {
    let mut fleet = Vec::new();
    for _ in 0..4 {
        fleet.push(Replica::start().await?);
    }
    Ok(fleet)
}

struct Outcome {
    calls: u32,
    failed_soon: u32,
    failed_later: u32,
}

fn line(case: &str, outcome: &Outcome) -> serde_json::Value {
    json!({
        "case": case,
        "calls": outcome.calls,
        "failed": outcome.failed_soon,
        "failedLater": outcome.failed_later,
    })
}

async fn under_load<F, Fut>(mut fleet: Vec<Replica>, call: F) -> Result<Outcome>
where
    F: Fn() -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<Bytes, Status>> + Send,
{
    let (stop, calls, failed) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
        Arc::new(AtomicU32::new(0)),
    );
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let call = call.clone();
            let (stop, calls, failed) =
                (Arc::clone(&stop), Arc::clone(&calls), Arc::clone(&failed));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    calls.fetch_add(1, Ordering::Relaxed);
                    if call().await.is_err() {
                        failed.fetch_add(1, Ordering::Relaxed);
                        // A refusal at once must not keep the thread.
                        tokio::task::yield_now().await;
                    }
                }
            })
        })
        .collect();
    sleep(BEFORE).await;
    failed.store(0, Ordering::Relaxed);
    calls.store(0, Ordering::Relaxed);
    fleet[0].kill().await?;
    sleep(SOON).await;
    let failed_soon = failed.swap(0, Ordering::Relaxed);
    sleep(LATER).await;
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await?;
    }
    Ok(Outcome {
        calls: calls.load(Ordering::Relaxed),
        failed_soon,
        failed_later: failed.load(Ordering::Relaxed),
    })
}
