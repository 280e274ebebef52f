//! What calls of one kind take.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};
use tonic::Status;

use crate::echo::SAID;

const WARM_UP: u32 = 1_000;
const CALLS: u32 = 8_000;
const AT_ONCE: usize = 16;

/// One round of one kind of call.
pub(crate) struct Sample {
    pub(crate) cpu_us: f64,
    pub(crate) p50_us: f64,
}

impl Sample {
    /// Processor time, with several calls at a time, of this process and of
    /// `others`; then the latency of one at a time.
    pub(crate) async fn take<Fut>(others: &[u32], call: impl Fn() -> Fut) -> Result<Self>
    where
        Fut: Future<Output = Result<Bytes, Status>>,
    {
        run(&call, WARM_UP).await?;
        let before = cpu_us(others)?;
        run(&call, CALLS).await?;
        let cpu_us = (cpu_us(others)? - before) / f64::from(CALLS);
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

    /// The medians of a case, as they are printed.
    pub(crate) fn line(case: &str, samples: &[Self]) -> Value {
        let median = |figure: fn(&Self) -> f64| middle(samples.iter().map(figure).collect());
        json!({
            "case": case,
            "cpuUs": median(|sample| sample.cpu_us),
            "p50Us": median(|sample| sample.p50_us),
        })
    }
}

/// So many calls, several at a time.
pub(crate) async fn run<Fut>(call: &impl Fn() -> Fut, calls: u32) -> Result<()>
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

/// Processor time of this process and others, in microseconds. What a thread
/// used is booked when it gives its core back, or by ticks of some milliseconds:
/// all of them rest first.
fn cpu_us(others: &[u32]) -> Result<f64> {
    std::thread::sleep(Duration::from_millis(2));
    let mut sum = 0.0;
    for process in others.iter().copied().chain([std::process::id()]) {
        for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
            if let Ok(text) = std::fs::read_to_string(thread?.path().join("schedstat")) {
                let nanoseconds = text.split_whitespace().next().context("no schedstat")?;
                sum += nanoseconds.parse::<f64>()? / 1e3;
            }
        }
    }
    Ok(sum)
}

/// The median.
pub(crate) fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
