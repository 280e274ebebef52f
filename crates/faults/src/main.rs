//! `covergen-faults BINARY [NAMES…]`: runs rows and prints a line of JSON for
//! every figure. `cargo xtask soak` builds both programs and prints the table.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use covergen_faults::scenario::{ALL, Bench, Scenario};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
#[command(name = "covergen-faults", about = "What breaks, and what still holds.")]
struct Args {
    /// The platform's program.
    #[arg(required_unless_present = "list")]
    binary: Option<PathBuf>,
    /// Rows to run; all of them by default.
    names: Vec<String>,
    /// The form that takes seconds instead of minutes.
    #[arg(long)]
    short: bool,
    /// Folder for logs and data, kept afterwards, with a new one for each row in
    /// it; a temporary one by default.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Only tell the names of the rows.
    #[arg(long)]
    list: bool,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    if args.list {
        for scenario in ALL {
            println!("{}\t{}", scenario.name, scenario.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    // Whoever interrupts or ends this ends everything that it started with it.
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        done = run(args) => done,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            Ok(ExitCode::from(130))
        }
        _ = terminated.recv() => Ok(ExitCode::from(143)),
    }
}

async fn run(args: Args) -> Result<ExitCode> {
    let binary = args.binary.context("no program")?;
    let binary = std::path::absolute(binary)?;
    for scenario in chosen(&args.names)? {
        let temporary = tempfile::tempdir()?;
        let folder = match &args.keep {
            Some(folder) => std::path::absolute(folder)?.join(scenario.name),
            None => temporary.path().to_path_buf(),
        };
        std::fs::create_dir_all(&folder)?;
        // What was acknowledged to another run would be taken for lost.
        let is_new = folder.read_dir()?.next().is_none();
        ensure!(is_new, "{} holds something already", folder.display());
        eprintln!("{}: {}", scenario.name, scenario.about);
        let bench = Bench {
            binary: binary.clone(),
            folder,
            short: args.short,
        };
        let verdicts = scenario.run(bench).await;
        for verdict in verdicts.with_context(|| scenario.name)? {
            println!("{}", serde_json::to_string(&verdict)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen(names: &[String]) -> Result<Vec<&'static Scenario>> {
    if names.is_empty() {
        return Ok(ALL.iter().collect());
    }
    let find = |name: &String| match ALL.iter().find(|known| known.name == name) {
        Some(found) => Ok(found),
        None => bail!("there is no row {name}"),
    };
    names.iter().map(find).collect()
}
