//! Covers a second with more and more workers on the renderer of this machine:
//! `bench_workers BINARY [COVERS]`, as JSON objects, one a line.
//!
//! Starts `BINARY up` on an empty folder with 1, 2 and 4 generations at once,
//! asks for all covers by REST before it waits for any, and divides the time
//! from the first request to the end of the last by their count. The pictures
//! are large, so that drawing is what the time goes to: more workers help up to
//! the cores, and beyond them must not hurt.
//!
//! One worker keeps more than one core busy, since what a cover needs beside
//! its drawing runs beside it. So the bound is not half of its time, but what
//! the processor time of its covers comes to when all cores share it.

#[path = "../shared/person.rs"]
#[allow(dead_code, reason = "others ask for previews")]
mod person;
#[path = "../shared/platform.rs"]
#[allow(dead_code, reason = "others measure its start, memory and processor")]
mod platform;

use std::env;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::json;

use person::{Asked, Person};
use platform::Platform;

/// Generations at once in the process.
const WORKERS: [u32; 3] = [1, 2, 4];
/// Covers before anything counts: connections open, fonts are read.
const WARM_UP: u32 = 3;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let usage = "usage: bench_workers BINARY [COVERS]";
    let binary = PathBuf::from(arguments.next().context(usage)?);
    let covers = match arguments.next() {
        Some(text) => text.to_str().context(usage)?.parse()?,
        None => 30,
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let cores = f64::from(u32::try_from(std::thread::available_parallelism()?.get())?);
            for workers in WORKERS {
                let cover = measure(&binary, workers, covers).await?;
                let line = json!({"bench": "workers", "case": format!("{workers} workers"),
                    "coverMs": cover.wall_ms, "cpuMs": cover.cpu_ms,
                    "coresBusy": cover.cpu_ms / cover.wall_ms});
                println!("{line}");
                if workers == 1 {
                    let peers = [
                        ("one worker", cover.wall_ms),
                        ("all cores busy", cover.cpu_ms / cores),
                    ];
                    for (peer, cover_ms) in peers {
                        let line = json!({"bench": "workers", "peer": peer, "coverMs": cover_ms,
                            "cpuMs": cover.cpu_ms});
                        println!("{line}");
                    }
                }
            }
            Ok(())
        })
}

/// What one of many covers took.
struct Cover {
    wall_ms: f64,
    /// Of the platform.
    cpu_ms: f64,
}

async fn measure(binary: &Path, workers: u32, covers: u32) -> Result<Cover> {
    let folder = tempfile::tempdir()?;
    let workers = workers.to_string();
    let setting = ("COVERGEN__SERVICES__COVER__CONCURRENT_TASKS", &*workers);
    let platform = Platform::start(binary, folder.path(), &[setting]).await?;
    let person = Person::register(&platform.web).await?;
    all(&person, 0..WARM_UP).await?;
    let before = platform.cpu_ms()?;
    let began = Instant::now();
    all(&person, WARM_UP..WARM_UP + covers).await?;
    let wall_ms = began.elapsed().as_secs_f64() * 1e3 / f64::from(covers);
    let spent = platform.cpu_ms()?.into_iter();
    let spent = spent.map(|(thread, after)| after - before.get(&thread).unwrap_or(&0.0));
    let cpu_ms = spent.sum::<f64>() / f64::from(covers);
    platform.stop().await?;
    Ok(Cover { wall_ms, cpu_ms })
}

/// Asks for all, then waits for all.
async fn all(person: &Person, rounds: std::ops::Range<u32>) -> Result<()> {
    let mut tasks = Vec::new();
    for round in rounds {
        let size = json!({"width": 2560, "height": 1440});
        tasks.push(person.generate(&Asked::new(round, size)).await?);
    }
    for task in tasks {
        person.finished(&task).await?;
    }
    Ok(())
}
