//! What the platform adds to the cost of a cover, and what it takes to stand
//! there: `bench_platform BINARY [COVERS]`, as JSON objects, one a line.
//!
//! Starts `BINARY up` on an empty folder and free ports, registers somebody,
//! and then asks for 1280×720 covers by REST, one after the other over one
//! connection. Between the requests the same covers are drawn and encoded right
//! here, which is the `bare render` that stands beside the platform's figures.
//! Every cover has a title and a seed of its own. Previews are compared byte by
//! byte with the bare ones: both sides did the same work.

mod bare;
#[path = "../shared/person.rs"]
mod person;
#[path = "../shared/platform.rs"]
mod platform;

use std::env;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use covergen_imaging::{Encoding, PngLevel};

use bare::{Bare, PRESET};
use person::{Asked, Person};
use platform::Platform;

/// Covers drawn before anything counts: connections open, fonts are read.
const WARM_UP: u32 = 3;
const DELIVERY: Encoding = Encoding::Png {
    level: PngLevel::Delivery,
};

/// Milliseconds of every request, by wall clock and of processor time.
#[derive(Default)]
struct Times {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Times {
    /// Adds what `work` took, with the processor time that `cpu_ms` tells of.
    async fn add<T>(
        &mut self,
        cpu_ms: impl Fn() -> Result<f64>,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let (cpu, began) = (cpu_ms()?, Instant::now());
        let done = work.await?;
        self.wall.push(began.elapsed().as_secs_f64() * 1e3);
        self.cpu.push(cpu_ms()? - cpu);
        Ok(done)
    }
}

/// Processor time of all threads of the platform, in milliseconds.
fn cpu_ms(platform: &Platform) -> Result<f64> {
    Ok(platform.cpu_ms()?.values().sum())
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let usage = "usage: bench_platform BINARY [COVERS]";
    let binary = PathBuf::from(arguments.next().context(usage)?);
    let covers = match arguments.next() {
        Some(text) => text.to_str().context(usage)?.parse()?,
        None => 20,
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(measure(&binary, covers))
}

async fn measure(binary: &std::path::Path, covers: u32) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let platform = Platform::start(binary, folder.path(), &[]).await?;
    let idle_rss_mb = platform.rss_mb()?;
    let person = Person::register(&platform.web).await?;
    let bare = Bare::new();

    let [mut previews, mut generated] = [Times::default(), Times::default()];
    let [mut bare_previews, mut bare_generated] = [Times::default(), Times::default()];
    for round in 0..WARM_UP + covers {
        if round == WARM_UP {
            for times in [&mut previews, &mut generated] {
                *times = Times::default();
            }
            for times in [&mut bare_previews, &mut bare_generated] {
                *times = Times::default();
            }
        }
        let asked = Asked::new(round, serde_json::json!({"preset": PRESET}));
        let here = bare_previews
            .add(bare::cpu_ms, async { bare.file(&asked, Encoding::PREVIEW) })
            .await?;
        let there = previews
            .add(|| cpu_ms(&platform), person.preview(&asked))
            .await?;
        ensure!(here == there, "the platform drew another picture");
        bare_generated
            .add(bare::cpu_ms, async { bare.file(&asked, DELIVERY) })
            .await?;
        generated
            .add(|| cpu_ms(&platform), async {
                let task = person.generate(&asked).await?;
                person.finished(&task).await
            })
            .await?;
    }
    let ready_ms = platform.ready_ms;
    platform.stop().await?;

    let line = |times: [&Times; 2]| {
        serde_json::json!({
            "bench": "platform",
            "previewMs": median(&times[0].wall),
            "previewCpuMs": median(&times[0].cpu),
            "generateMs": median(&times[1].wall),
            "generateCpuMs": median(&times[1].cpu),
        })
    };
    let mut own = line([&previews, &generated]);
    own["case"] = "platform".into();
    own["readyMs"] = ready_ms.into();
    own["idleRssMb"] = idle_rss_mb.into();
    println!("{own}");
    let mut beside = line([&bare_previews, &bare_generated]);
    beside["peer"] = "bare render".into();
    println!("{beside}");
    Ok(())
}
