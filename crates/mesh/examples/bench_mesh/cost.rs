//! What one call costs.

use std::{future::Future, time::Instant};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use covergen_mesh::{Channel, Registry};
use serde_json::json;
use tonic::{Status, transport::Endpoint};

use crate::echo::{self, Echo, SAID, say, say_bare};

const ROUNDS: usize = 7;
const WARM_UP: u32 = 1_000;
const CALLS: u32 = 8_000;
/// Enough that starting up is nothing beside them.
const REPEATED: u32 = 20_000;
const AT_ONCE: usize = 16;

/// The same service, reached in four ways.
struct Ways {
    /// All of it the library's.
    bare: tonic::transport::Channel,
    /// The library's transport, with client and server as they are generated.
    light: tonic::transport::Channel,
    meshed: Channel,
    local: Channel,
}

impl Ways {
    async fn open() -> Result<Self> {
        let echo = Echo(|| Ok(()));
        let bare = echo::serve_bare(echo.clone()).await?;
        let bare = Endpoint::from_shared(format!("http://{bare}"))?;
        let light = echo::serve_light(echo.clone()).await?;
        let light = Endpoint::from_shared(format!("http://{light}"))?;
        let meshed = echo::mesh(
            &[echo::serve_mesh(echo.clone()).await?],
            Registry::default(),
        )?;
        let registry = Registry::default();
        registry.insert("echo", echo::protected(echo));
        Ok(Self {
            bare: bare.connect().await?,
            light: light.connect().await?,
            meshed: meshed.channel("echo"),
            local: echo::mesh(&[], registry)?.channel("echo"),
        })
    }
}

/// One kind of call over and over.
pub(crate) async fn repeat(kind: &str) -> Result<()> {
    let Ways {
        bare,
        light,
        meshed,
        local,
    } = Ways::open().await?;
    match kind {
        "tonic" => run(&|| say_bare(bare.clone()), REPEATED).await,
        "light" => run(&|| say(light.clone()), REPEATED).await,
        "mesh" => run(&|| say(meshed.clone()), REPEATED).await,
        "inprocess" => run(&|| say(local.clone()), REPEATED).await,
        _ => bail!("there is no kind `{kind}`"),
    }
}

/// Medians of rounds in which all take turns.
pub(crate) async fn measure() -> Result<()> {
    let Ways {
        bare,
        light,
        meshed,
        local,
    } = Ways::open().await?;
    let mut samples: [Vec<Sample>; 4] = Default::default();
    for _ in 0..ROUNDS {
        samples[0].push(Sample::take(|| say_bare(bare.clone())).await?);
        samples[1].push(Sample::take(|| say(meshed.clone())).await?);
        samples[2].push(Sample::take(|| say(local.clone())).await?);
        samples[3].push(Sample::take(|| say(light.clone())).await?);
    }
    let names = ["tonic", "mesh", "inprocess", "light"];
    for (name, samples) in names.into_iter().zip(&samples) {
        let line = json!({
            "case": name,
            "cpuUs": median(samples, |sample| sample.cpu_us),
            "p50Us": median(samples, |sample| sample.p50_us),
        });
        println!("{line}");
    }
    // Pair by pair, since the machine is not the same from round to round.
    let pairs: Vec<(&Sample, &Sample)> = samples[0].iter().zip(&samples[1]).collect();
    let added = |figure: fn(&(&Sample, &Sample)) -> f64| middle(pairs.iter().map(figure).collect());
    let line = json!({
        "case": "layers",
        "cpuRatio": added(|(bare, mesh)| mesh.cpu_us / bare.cpu_us),
        "addedP50Us": added(|(bare, mesh)| mesh.p50_us - bare.p50_us),
    });
    println!("{line}");
    Ok(())
}

struct Sample {
    cpu_us: f64,
    p50_us: f64,
}

impl Sample {
    async fn take<Fut>(call: impl Fn() -> Fut) -> Result<Self>
    where
        Fut: Future<Output = Result<Bytes, Status>>,
    {
        run(&call, WARM_UP).await?;
        let before = cpu_us()?;
        run(&call, CALLS).await?;
        let cpu_us = (cpu_us()? - before) / f64::from(CALLS);
        let mut latencies = Vec::new();
        for _ in 0..CALLS / 4 {
            let began = Instant::now();
            ensure!(call().await? == SAID, "it answered something else");
            latencies.push(began.elapsed().as_secs_f64() * 1e6);
        }
        Ok(Self {
            cpu_us,
            p50_us: middle(latencies),
        })
    }
}

/// So many calls, several at a time.
async fn run<Fut>(call: &impl Fn() -> Fut, calls: u32) -> Result<()>
where
    Fut: Future<Output = Result<Bytes, Status>>,
{
    for _ in 0..calls as usize / AT_ONCE {
        for answer in futures::future::join_all((0..AT_ONCE).map(|_| call())).await {
            ensure!(answer? == SAID, "it answered something else");
        }
    }
    Ok(())
}

/// Processor time of this process, in microseconds.
fn cpu_us() -> Result<f64> {
    let mut sum = 0.0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        if let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) {
            let nanoseconds = text.split_whitespace().next().context("no schedstat")?;
            sum += nanoseconds.parse::<f64>()? / 1e3;
        }
    }
    Ok(sum)
}

fn median(samples: &[Sample], figure: fn(&Sample) -> f64) -> f64 {
    middle(samples.iter().map(figure).collect())
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
