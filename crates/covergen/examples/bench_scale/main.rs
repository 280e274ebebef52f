//! What a request costs with 1,000 rows in every table that grows, and with
//! many more: `bench_scale BINARY [ROWS]`, as JSON objects, one a line.
//!
//! Starts two PostgreSQL servers and `BINARY up` on each, has somebody do one of
//! everything there, and fills the tables with copies of what that left behind.
//! Then both are asked the same, by turns: whatever else the machine does meets
//! both. Processor time is that of a platform and its server together; pages are
//! those that the statements of the platform touched, counted in a pass of their
//! own.

#![allow(clippy::expect_used, reason = "a bench that cannot go on ends")]

#[path = "../../tests/it/scale/asked.rs"]
mod asked;
#[path = "../../tests/it/scale/fill.rs"]
mod fill;
#[allow(dead_code, reason = "others measure its start and its memory")]
#[path = "../shared/platform.rs"]
mod platform;
mod settled;

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use covergen_testkit::{Postgres, Server, plans, postgres_execute};
use serde_json::{Map, Value};
use tempfile::TempDir;

use asked::{Asked, Somebody};
use platform::Platform;

/// Rows at the smaller size.
const FEW: u32 = 1_000;
/// Turns of each side, after one that does not count.
const TURNS: usize = 21;
/// Requests of a turn.
const REQUESTS: u16 = 20;
/// Kernels book the time of a thread once it rests.
const REST: Duration = Duration::from_millis(3);

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: bench_scale BINARY [ROWS]";
    let binary = PathBuf::from(arguments.next().context(usage)?);
    let rows = match arguments.next() {
        Some(text) => text.parse().context(usage)?,
        None => 1_000_000,
    };
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(measure(&binary, rows))
}

async fn measure(binary: &Path, rows: u32) -> Result<()> {
    let hook = hook().await?;
    let mut sides = [
        Side::start(binary, FEW, "peer", "1,000 rows", &hook).await?,
        Side::start(binary, rows, "case", "scale", &hook).await?,
    ];
    for side in &mut sides {
        // Filling takes longer than a token lasts.
        side.ada.sign_in().await;
    }
    for at in 0..sides[0].hot.len() {
        let mut times = [Vec::new(), Vec::new()];
        for turn in 0..=TURNS {
            for (side, times) in sides.iter().zip(&mut times) {
                let cpu = side.cpu_of(&side.hot[at]).await?;
                if turn > 0 {
                    times.push(cpu);
                }
            }
        }
        for (side, mut times) in sides.iter_mut().zip(times) {
            times.sort_by(f64::total_cmp);
            let name = side.hot[at].name;
            side.note(name, "CpuMs", times[times.len() / 2]);
        }
    }
    for mut side in sides {
        side.count_pages().await?;
        println!("{}", Value::Object(side.line));
        side.platform.stop().await?;
    }
    Ok(())
}

/// A platform with so many rows.
struct Side {
    server: Server,
    platform: Platform,
    _folder: TempDir,
    ada: Somebody,
    hot: Vec<Asked>,
    /// What was measured.
    line: Map<String, Value>,
}

impl Side {
    async fn start(
        binary: &Path,
        rows: u32,
        subject: &str,
        name: &str,
        hook: &str,
    ) -> Result<Self> {
        let server = Postgres::start().await;
        plans::record(&server).await;
        for setting in ["autovacuum = off", "max_wal_size = '8GB'"] {
            // Work of its own would be counted as the requests'.
            postgres_execute(&server.url(), &format!("ALTER SYSTEM SET {setting}")).await;
        }
        postgres_execute(&server.url(), "SELECT pg_reload_conf()").await;
        let url = server.url();
        let (address, _) = url.rsplit_once('/').context("an address")?;
        let url = format!("{address}/covergen_{{service}}");
        let folder = tempfile::tempdir()?;
        let platform = Platform::start(
            binary,
            folder.path(),
            &[
                ("COVERGEN__DATABASE__URL", url.as_str()),
                ("COVERGEN__SERVICES__NOTIFICATION__ALLOW_LOOPBACK", "true"),
                // What hashing costs does not depend on rows, and would hide what does.
                ("COVERGEN__SERVICES__AUTH__ARGON2_MEMORY_KIB", "64"),
                ("COVERGEN__SERVICES__AUTH__ARGON2_PASSES", "1"),
            ],
        )
        .await?;
        let ada = Somebody::register(&platform.web).await;
        let hot = ada.live(hook).await;
        settled::settled(&url).await?;
        plans::pause(&server, true).await;
        eprintln!("filling to {rows} rows");
        fill::fill(&url, rows).await?;
        postgres_execute(&server.url(), "CHECKPOINT").await;
        let mut line = Map::new();
        line.insert(subject.to_owned(), name.into());
        line.insert("bench".to_owned(), "scale".into());
        line.insert("rows".to_owned(), rows.into());
        Ok(Self {
            server,
            platform,
            _folder: folder,
            ada,
            hot,
            line,
        })
    }

    /// Processor time of one request, in milliseconds, over a turn of them.
    async fn cpu_of(&self, asked: &Asked) -> Result<f64> {
        tokio::time::sleep(REST).await;
        let before = cpu_ms(&self.server, &self.platform)?;
        for _ in 0..REQUESTS {
            self.ada.ask(asked).await;
        }
        tokio::time::sleep(REST).await;
        let after = cpu_ms(&self.server, &self.platform)?;
        Ok(difference(&before, &after) / f64::from(REQUESTS))
    }

    /// Pages that the statements of each request touch.
    async fn count_pages(&mut self) -> Result<()> {
        plans::pause(&self.server, false).await;
        let mut found = Vec::new();
        for asked in &self.hot {
            let from = self.server.log().len();
            for _ in 0..5 {
                self.ada.ask(asked).await;
            }
            let log = self.server.log();
            let ran = plans::parse(&log[from..]).into_iter();
            let pages: u64 = ran
                .filter(|plan| plan.application.starts_with("covergen-"))
                .map(|plan| plan.buffers)
                .sum();
            #[allow(clippy::cast_precision_loss)] // Far below.
            found.push((asked.name, pages as f64 / 5.0));
        }
        for (name, pages) in found.into_iter().filter(|(_, pages)| *pages > 0.0) {
            self.note(name, "Pages", pages);
        }
        Ok(())
    }

    /// Notes a figure of one request, and adds it to that of all.
    fn note(&mut self, name: &str, figure: &str, value: f64) {
        self.line.insert(format!("{name}{figure}"), value.into());
        let all = format!("all{figure}");
        let so_far = self.line.get(&all).and_then(Value::as_f64);
        self.line
            .insert(all, (so_far.unwrap_or(0.0) + value).into());
    }
}

/// Processor time of every thread of the platform and process of the server.
fn cpu_ms(server: &Server, platform: &Platform) -> Result<HashMap<String, f64>> {
    let mut times = platform.cpu_ms()?;
    for process in server.processes() {
        // One that ended meanwhile is not an error.
        if let Ok(text) = std::fs::read_to_string(format!("/proc/{process}/schedstat")) {
            times.insert(process, platform::on_cpu_ms(&text)?);
        }
    }
    Ok(times)
}

fn difference(before: &HashMap<String, f64>, after: &HashMap<String, f64>) -> f64 {
    after
        .iter()
        .map(|(who, after)| after - before.get(who).copied().unwrap_or_default())
        .sum()
}

/// Takes every delivery.
async fn hook() -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    let app = axum::Router::new().fallback(|| async {});
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(url)
}
