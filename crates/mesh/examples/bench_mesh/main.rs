//! The mesh beside bare tonic: `bench_mesh [cost | kill | outage]`, as JSON objects, one a line;
//! `bench_mesh repeat tonic | light | mesh | inprocess` makes one kind of call over and over, for a profiler
//! that counts instructions.
//!
//! Processor time and latency of one unary call with and without the mesh's
//! layers, client and server in one thread, by turns; a call that stays in the
//! process beside one over loopback; what fails when one of four replicas is
//! killed, here and under tonic's own balancing; and how much more a target in
//! total outage is sent than it was asked.

mod cost;
mod echo;
mod kill;
mod outage;

use anyhow::{Result, bail};

/// As in the program that is shipped; tonic has it as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["replica"] => shared_runtime()?.block_on(kill::replica()),
        ["cost"] => single_runtime()?.block_on(cost::measure()),
        ["repeat", kind] => single_runtime()?.block_on(cost::repeat(kind)),
        ["kill"] => shared_runtime()?.block_on(kill::measure()),
        ["outage"] => shared_runtime()?.block_on(outage::measure()),
        [] => {
            single_runtime()?.block_on(cost::measure())?;
            let runtime = shared_runtime()?;
            runtime.block_on(kill::measure())?;
            runtime.block_on(outage::measure())
        }
        _ => bail!(
            "usage: bench_mesh [cost | kill | outage | repeat tonic | light | mesh | inprocess]"
        ),
    }
}

fn single_runtime() -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    Ok(builder.enable_all().build()?)
}

fn shared_runtime() -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.enable_all().build()?)
}
