//! The mesh beside bare tonic: `bench_mesh [cost | hop | kill | outage]`, as JSON objects, one a line;
//! `bench_mesh repeat tonic | light | mesh | inprocess` makes one kind of call over and over, for a profiler
//! that counts instructions.
//!
//! Processor time and latency of one unary call with and without the mesh's
//! layers, client and server in one thread, by turns; a call that stays in the
//! process beside one over loopback, and beside one to another process; what fails when one of four replicas is
//! killed, here and under tonic's own balancing; and how much more a target in
//! total outage is sent than it was asked.

mod cost;
mod echo;
mod hop;
mod kill;
mod outage;
mod replica;
mod sample;

use anyhow::{Result, bail};

/// As in the program that is shipped; tonic has it as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["replica"] => shared_runtime()?.block_on(replica::serve()),
        ["cost"] => single_runtime()?.block_on(cost::measure()),
        ["repeat", kind] => single_runtime()?.block_on(cost::repeat(kind)),
        ["hop"] => shared_runtime()?.block_on(hop::measure()),
        ["kill"] => shared_runtime()?.block_on(kill::measure()),
        ["outage"] => shared_runtime()?.block_on(outage::measure()),
        [] => {
            single_runtime()?.block_on(cost::measure())?;
            let runtime = shared_runtime()?;
            runtime.block_on(hop::measure())?;
            runtime.block_on(kill::measure())?;
            runtime.block_on(outage::measure())
        }
        _ => bail!(
            "usage: bench_mesh [cost | hop | kill | outage | repeat tonic | light | mesh | inprocess]"
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
