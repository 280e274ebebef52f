//! `simulate`: many seeds, for as long as one likes.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use covergen_simulation::run;

/// Runs the platform's moving parts over a simulated network, seed after seed.
#[derive(Debug, Parser)]
struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Prints one JSON object at the end.
    #[arg(long)]
    json: bool,
    /// Prints what happened, line by line.
    #[arg(long)]
    history: bool,
}

fn main() -> ExitCode {
    match simulate(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cannot print: {error}");
            ExitCode::FAILURE
        }
    }
}

fn simulate(options: &Options) -> std::io::Result<bool> {
    let mut out = std::io::stdout().lock();
    let began = Instant::now();
    let mut failed = Vec::new();
    let (mut accepted, mut completed, mut compensated) = (0, 0, 0);
    let (mut faults, mut events, mut simulated) = (0, 0, 0.0);
    for seed in options.from..options.from.saturating_add(options.seeds) {
        let report = run(seed, None);
        if options.history {
            for line in &report.history {
                writeln!(out, "{line}")?;
            }
        }
        if !report.is_ok() {
            eprintln!("{report}");
            failed.push(seed);
        }
        accepted += report.counts.accepted;
        completed += report.counts.completed;
        compensated += report.counts.compensated;
        events += report.counts.events;
        faults += report.faults;
        simulated += report.took.as_secs_f64();
    }
    let told = serde_json::json!({
        "seeds": options.seeds,
        "from": options.from,
        "failed": failed,
        "faults": faults,
        "accepted": accepted,
        "completed": completed,
        "compensated": compensated,
        "events": events,
        "simulatedSeconds": simulated.round(),
        "seconds": (began.elapsed().as_secs_f64() * 10.0).round() / 10.0,
    });
    if options.json {
        writeln!(out, "{told}")?;
    } else {
        writeln!(out, "{told:#}")?;
    }
    Ok(failed.is_empty())
}
