//! What a request costs with 1,000 rows in every table that grows, and with
//! many more: `bench_scale BINARY [ROWS]`, as JSON objects, one a line.
//!
//! Starts a PostgreSQL server and `BINARY up` on it, has somebody do one of
//! everything, fills the tables with copies of what that left behind, and asks
//! the same requests at both sizes, one after the other. Processor time is that
//! of the platform and of the server together; pages are those that the
//! statements of the platform touched, counted in a pass of their own.

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

use anyhow::{Context as _, Result};
use covergen_testkit::{Postgres, Server, plans, postgres_execute};
use serde_json::{Map, Value};

use asked::{Asked, Somebody};
use platform::Platform;

/// Rows at the smaller size.
const FEW: u32 = 1_000;
/// Requests of each kind that count, after as many that do not.
const REQUESTS: usize = 25;

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
    let mut ada = Somebody::register(&platform.web).await;
    let hot = ada.live(&hook().await?).await;
    settled::settled(&url).await?;

    for (size, subject) in [(FEW, "peer"), (rows, "case")] {
        plans::pause(&server, true).await;
        eprintln!("filling to {size} rows");
        fill::fill(&url, size).await?;
        postgres_execute(&server.url(), "CHECKPOINT").await;
        ada.sign_in().await;
        let mut line = sized(&server, &platform, &ada, &hot).await?;
        let name = if subject == "peer" {
            "1,000 rows"
        } else {
            "scale"
        };
        line.insert(subject.to_owned(), name.into());
        line.insert("bench".to_owned(), "scale".into());
        line.insert("rows".to_owned(), size.into());
        println!("{}", Value::Object(line));
    }
    platform.stop().await
}

/// The cost of every request at the size that there is.
async fn sized(
    server: &Server,
    platform: &Platform,
    ada: &Somebody,
    hot: &[Asked],
) -> Result<Map<String, Value>> {
    let mut line = Map::new();
    let (mut all_cpu, mut all_pages) = (0.0, 0.0);
    for asked in hot {
        let mut times = Vec::new();
        for n in 0..REQUESTS * 2 {
            let before = cpu_ms(server, platform)?;
            ada.ask(asked).await;
            let after = cpu_ms(server, platform)?;
            if n >= REQUESTS {
                times.push(difference(&before, &after));
            }
        }
        times.sort_by(f64::total_cmp);
        let cpu = times[times.len() / 2];
        all_cpu += cpu;
        line.insert(format!("{}CpuMs", asked.name), cpu.into());
    }
    plans::pause(server, false).await;
    for asked in hot {
        let from = server.log().len();
        for _ in 0..5 {
            ada.ask(asked).await;
        }
        let log = server.log();
        let ran = plans::parse(&log[from..]).into_iter();
        let pages: u64 = ran
            .filter(|plan| plan.application.starts_with("covergen-"))
            .map(|plan| plan.buffers)
            .sum();
        #[allow(clippy::cast_precision_loss)] // Far below.
        let pages = pages as f64 / 5.0;
        all_pages += pages;
        if pages > 0.0 {
            line.insert(format!("{}Pages", asked.name), pages.into());
        }
    }
    line.insert("allCpuMs".to_owned(), all_cpu.into());
    line.insert("allPages".to_owned(), all_pages.into());
    Ok(line)
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
