//! The whole platform in one process on a disk of 64 MiB, which a ballast
//! fills to the last byte.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::FutureExt as _;
use tokio::time::{Instant, sleep};

use super::{Bench, Scenario};
use crate::checker::{self, Databases};
use crate::fleet::Alone;
use crate::verdict::{Row, Verdict};
use crate::workload::{Call, Rates, Workload};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "disk-full",
    about: "`covergen up` on a disk of 64 MiB that fills up, then has space again",
    run: |bench| run(bench).boxed(),
};

const RATES: Rates = Rates {
    generations: 2,
    reads: 20,
    ..Rates::NONE
};
/// For the first write that succeeds again.
const RECOVERED_WITHIN: Duration = Duration::from_secs(30);

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let disk = Disk::mount(&bench.folder.join("disk"))?;
    let data = disk.folder.join("data");
    let logs = bench.folder.join("logs");
    let platform = Alone::start(&bench.binary, &data, &logs).await?;
    let site = platform.site()?;
    let workload = Workload::start(&site, &bench.folder, "disk-full", RATES).await?;
    workload.acknowledged(4, Duration::from_secs(60)).await?;

    let full = Instant::now();
    let ballast = disk.fill()?;
    let outage = Duration::from_secs(if bench.short { 15 } else { 60 });
    let begun = Instant::now();
    while begun.elapsed() < outage {
        // What is freed by work that ends is taken as well.
        disk.fill()?;
        sleep(Duration::from_millis(200)).await;
    }
    let meanwhile = workload.tally();
    let freed = Instant::now();
    fs::remove_file(ballast)?;
    workload.acknowledged(4, RECOVERED_WITHIN).await?;
    let recovered = freed.elapsed();
    sleep(Duration::from_secs(5)).await;
    let last = workload.tally().last_failure(Call::Generate, freed);

    let done = workload.stop().await?;
    done.ended(Duration::from_secs(60)).await?;
    let objects =
        covergen_objects::Config::from_url(format!("file://{}", data.join("objects").display()));
    let objects = covergen_objects::open(&objects).await?;
    let databases = Databases::in_folder(&data);
    let settled = Duration::from_secs(30);
    let problems =
        checker::problems_in_the_end(&databases, done.log(), objects.as_ref(), settled).await?;

    let then = meanwhile.failed.iter().filter(|f| f.sent >= full);
    let (reads, writes): (Vec<_>, Vec<_>) = then.partition(|f| f.call == Call::Read);
    let refused = writes.iter().filter(|f| f.failure.answered == Some(507));
    let refused = refused.count();
    ensure!(
        refused > 0,
        "nothing was refused, so nothing was shown: {meanwhile}"
    );
    let other = writes.len() - refused;
    Ok(Row::new(
        "disk-full",
        format!("a disk of 64 MiB, full for {} s", outage.as_secs()),
    )
    .at_most(
        "writes refused with anything but 507",
        f64::from(u32::try_from(other)?),
        0.0,
        format!("{refused} refused; {meanwhile}"),
    )
    .at_most(
        "reads that failed meanwhile",
        f64::from(u32::try_from(reads.len())?),
        0.0,
        String::new(),
    )
    .within(
        "s until writes were taken again",
        recovered,
        RECOVERED_WITHIN,
        last.map_or_else(String::new, |at| {
            format!("last refusal {:.1} s after", (at - freed).as_secs_f64())
        }),
    )
    .checked(&problems)
    .verdicts())
}

/// A disk in memory, gone with this.
struct Disk {
    folder: PathBuf,
}

impl Disk {
    fn mount(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64m", "covergen-disk"])
            .arg(folder)
            .output()
            .context("there is no mount")?;
        ensure!(
            mounted.status.success(),
            "this row needs a disk that it may fill, and only root may mount one: {}",
            String::from_utf8_lossy(&mounted.stderr)
        );
        Ok(Self {
            folder: folder.to_path_buf(),
        })
    }

    /// Writes until nothing more fits.
    fn fill(&self) -> Result<PathBuf> {
        let path = self.folder.join("ballast");
        let mut file = File::options().create(true).append(true).open(&path)?;
        for size in [1024 * 1024, 4096] {
            let piece = vec![0; size];
            // Bounded by the disk; the error is the wanted end.
            while file.write_all(&piece).is_ok() {}
        }
        Ok(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a process that still ends may hold a file.
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(&self.folder)
            .status();
    }
}
