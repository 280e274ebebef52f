//! Seeds of the simulation, and mistakes that it must find.

#![allow(clippy::unwrap_used)]

mod planted;
mod replay;
mod seeds;

use std::process::Command;

use serde_json::Value;

/// What `simulate` prints of one seed. Each has a process of its own: some
/// libraries keep what they draw for the whole of one, so that a seed's
/// history would depend on those before it.
struct Simulated {
    history: String,
    /// Completed, compensated, events, faults.
    seen: [u64; 4],
    /// What the checker found, and how to see it again.
    wrong: Option<String>,
}

fn simulated(seed: u64) -> Simulated {
    let output = Command::new(env!("CARGO_BIN_EXE_simulate"))
        .args(["--seeds", "1", "--history", "--json", "--from"])
        .arg(seed.to_string())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let told = printed.trim_end().lines().last().unwrap_or_default();
    let figures: Value = serde_json::from_str(told).unwrap();
    let seen = ["completed", "compensated", "events", "faults"];
    Simulated {
        history: printed.replace(told, ""),
        seen: seen.map(|figure| figures[figure].as_u64().unwrap()),
        wrong: (!output.status.success())
            .then(|| String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
