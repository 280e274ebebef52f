//! The generated BFF beside Envoy's gRPC-JSON transcoder, in processor time:
//! `bench_bff [ENVOY]`, as JSON objects, one a line.
//!
//! One tonic service answers both. The BFF and Envoy stand on the first core,
//! each in its process and idle while the other is asked; the service and this
//! program, which asks, stand on the second. Every answer is checked, and both
//! answer the REST requests with the same bytes. Without `ENVOY` ours is
//! measured alone.

mod backend;
mod cases;
mod fan;
mod host;
mod load;
mod process;

#[path = "../../tests/it/support/envoy.rs"]
mod envoy;

// Generated code is written for its compiler, not for its reader.
#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    missing_docs,
    non_snake_case,
    non_upper_case_globals,
    unreachable_pub,
    unused_imports,
    unused_mut
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/bench/bff.rs"));
}
#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    missing_docs,
    unreachable_pub
)]
mod scratch {
    include!(concat!(env!("OUT_DIR"), "/bench/scratch.rs"));
}

use std::ffi::OsString;
use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};

use cases::{Case, Speaks, cases};
use envoy::{Envoy, Setup};
use fan::Fan;
use load::Connection;
use process::{Role, cpu_us, rss_mb};

const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/bench/descriptors.binpb"));

/// What the platform's own binaries use.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The measured processes' core, and everybody else's.
const MEASURED_CORE: &str = "0";
const OTHER_CORE: &str = "1";

/// Requests before anything counts: connections open, caches fill.
const WARM_UP: u32 = 1_600;
const REQUESTS: u32 = 8_000;

fn main() -> Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let announce = |address| println!("{address}");
    match words[..] {
        ["backend"] => shared_runtime()?.block_on(backend::serve(announce)),
        ["bff", backend] => shared_runtime()?.block_on(host::run(backend.parse()?, announce)),
        [_, _, ..] => bail!("usage: bench_bff [ENVOY]"),
        _ => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(measure(arguments.first().cloned())),
    }
}

/// As many threads as there are cores for this process: one, where it is
/// pinned.
fn shared_runtime() -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.enable_all().build()?)
}

/// One of the two that are compared.
struct Side {
    id: u32,
    rest: SocketAddr,
    grpc_web: SocketAddr,
}

impl Side {
    fn address(&self, case: &Case) -> SocketAddr {
        match case.speaks {
            Speaks::Rest => self.rest,
            Speaks::GrpcWeb => self.grpc_web,
        }
    }

    async fn answer(&self, case: &Case) -> Result<Vec<u8>> {
        let mut connection = Connection::open(self.address(case)).await?;
        Ok(connection.exchange(&case.request).await?.to_vec())
    }

    /// Processor time for one request.
    async fn cost_us(&self, case: &Case) -> Result<f64> {
        let (address, expected) = (self.address(case), self.answer(case).await?);
        load::repeat(address, &case.request, &expected, WARM_UP).await?;
        let before = cpu_us(self.id)?;
        load::repeat(address, &case.request, &expected, REQUESTS).await?;
        Ok((cpu_us(self.id)? - before) / f64::from(REQUESTS))
    }
}

async fn measure(program: Option<OsString>) -> Result<()> {
    pin_this()?;
    let backend = Role::start(OTHER_CORE, &["backend"]).await?;
    let told = backend.address.to_string();
    let bff = Role::start(MEASURED_CORE, &["bff", &told]).await?;
    let ours = Side {
        id: bff.id()?,
        rest: bff.address,
        grpc_web: bff.address,
    };
    let envoy = match program {
        Some(program) => Some(start_envoy(program, backend.address).await?),
        None => None,
    };
    let theirs = match &envoy {
        Some(envoy) => Some(Side {
            id: envoy.id()?,
            rest: envoy.rest,
            grpc_web: envoy.grpc_web,
        }),
        None => None,
    };

    let mut peer = Map::new();
    for case in cases() {
        if let Some(theirs) = &theirs {
            if case.speaks == Speaks::Rest {
                let [here, there] = [ours.answer(&case).await?, theirs.answer(&case).await?];
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                ensure!(
                    here == there,
                    "they answer {} differently:\n{}\n{}",
                    case.name,
                    text(&here),
                    text(&there)
                );
            }
            let cost = theirs.cost_us(&case).await?;
            peer.insert(case.name.to_owned(), json!(cost));
        }
        let cost = ours.cost_us(&case).await?;
        println!("{}", json!({"case": case.name, "cpuUs": cost}));
    }
    println!("{}", json!({"case": "memory", "rssMb": rss_mb(ours.id)?}));

    let name = "SSE, 1,000 streams";
    let Fan { cpu_us, rss_mb } = fan::measure(ours.id, ours.rest).await?;
    let line = json!({"case": name, "cpuUsPerEvent": cpu_us, "rssMb": rss_mb});
    println!("{line}");
    if let Some(theirs) = &theirs {
        let Fan { cpu_us, rss_mb } = fan::measure(theirs.id, theirs.rest).await?;
        peer.insert("events".to_owned(), json!(cpu_us));
        peer.insert("eventsRssMb".to_owned(), json!(rss_mb));
        peer.insert("peer".to_owned(), json!("envoy"));
        println!("{}", Value::Object(peer));
    }
    Ok(())
}

async fn start_envoy(program: OsString, backend: SocketAddr) -> Result<Envoy> {
    let setup = Setup {
        program,
        launcher: &["taskset", "--cpu-list", MEASURED_CORE],
        descriptors: DESCRIPTORS,
        service: "covergen.bench.v1.OrderService",
        backend,
    };
    Envoy::start(setup).await
}

/// Moves this process to the core that is not measured.
fn pin_this() -> Result<()> {
    let id = std::process::id().to_string();
    let mut command = std::process::Command::new("taskset");
    command.args(["--all-tasks", "--pid", "--cpu-list", OTHER_CORE, &id]);
    let done = command.stdout(std::process::Stdio::null()).status();
    let done = done.context("taskset cannot be started")?;
    ensure!(done.success(), "two cores are needed");
    Ok(())
}
