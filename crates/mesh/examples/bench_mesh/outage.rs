//! A target that fails every call.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use anyhow::Result;
use covergen_mesh::{Mesh, Registry};
use serde_json::json;
use tonic::Status;

use crate::echo::{self, Echo, say};

// Fewer attempts than the breaker can be told to bear.
const CALLS: u32 = 6_000;
const AT_ONCE: u32 = 20;

/// Retries that the budget allows whatever else happens, a second; a second of
/// them is there from the beginning.
const ALWAYS: f64 = 3.0;

static RECEIVED: AtomicU32 = AtomicU32::new(0);

fn fails() -> Result<(), Status> {
    RECEIVED.fetch_add(1, Ordering::Relaxed);
    Err(Status::unavailable("down"))
}

/// What it is sent for each call that is made: with everything at its default,
/// and with the breaker out of the way, where the retry budget alone bounds it,
/// to a share of the calls beside what it always allows.
pub(crate) async fn measure() -> Result<()> {
    let mut addresses = Vec::new();
    for _ in 0..3 {
        addresses.push(echo::serve_mesh(Echo(fails)).await?);
    }
    let mesh = echo::mesh(&addresses, Registry::default())?;
    let amplification = f64::from(sent(&mesh).await) / f64::from(CALLS);
    let without_breaker = r#"{"defaults": {
        "circuitBreaker": {"consecutiveFailures": 10000, "minimumRequests": 100000}}}"#;
    let mesh = echo::mesh(&addresses, Registry::default())?;
    mesh.apply(without_breaker)?;
    let began = Instant::now();
    let by_budget = f64::from(sent(&mesh).await);
    let by_budget = (by_budget - ALWAYS * (1.0 + began.elapsed().as_secs_f64())) / f64::from(CALLS);
    let line = json!({
        "case": "total outage",
        "amplification": amplification,
        "withoutBreaker": by_budget,
    });
    println!("{line}");
    Ok(())
}

async fn sent(mesh: &Mesh) -> u32 {
    RECEIVED.store(0, Ordering::Relaxed);
    for _ in 0..CALLS / AT_ONCE {
        let calls = (0..AT_ONCE).map(|_| say(mesh.channel("echo")));
        futures::future::join_all(calls).await;
    }
    RECEIVED.load(Ordering::Relaxed)
}
