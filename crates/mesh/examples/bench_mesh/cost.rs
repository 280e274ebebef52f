//! What one call costs.

use anyhow::{Result, bail};
use covergen_mesh::{Channel, Registry};
use serde_json::json;
use tonic::transport::Endpoint;

use crate::{
    echo::{self, Echo, say, say_bare},
    sample::{Sample, middle, run},
};

const ROUNDS: usize = 7;
/// Enough that starting up is nothing beside them.
const REPEATED: u32 = 20_000;

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
        samples[0].push(Sample::take(&[], || say_bare(bare.clone())).await?);
        samples[1].push(Sample::take(&[], || say(meshed.clone())).await?);
        samples[2].push(Sample::take(&[], || say(local.clone())).await?);
        samples[3].push(Sample::take(&[], || say(light.clone())).await?);
    }
    let names = ["tonic", "mesh", "inprocess", "light"];
    for (name, samples) in names.into_iter().zip(&samples) {
        println!("{}", Sample::line(name, samples));
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
