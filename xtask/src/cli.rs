//! The commands and where each is carried out.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::repo::Repo;
use crate::{
    baseline, bench, differences, engines, fonts, generate, install, k8s, process, scaffold, soak,
    test, tidy, up,
};

/// Repository tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = false)]
pub struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build everything in release and run the platform on 127.0.0.1:8080.
    Up {
        /// Passed on to `covergen up`.
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Check and test everything; installs what is missing, tests come last.
    Test {
        /// Passed on to the test runner, for example a name to filter by.
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Everything `test` does before the tests themselves.
    Check,
    /// Install what `test` needs and the machine lacks, and nothing else.
    Install,
    /// Start private PostgreSQL, NATS, Redis and S3 and run a command with their addresses.
    Engines {
        /// The command; without one the engines run until interrupted.
        #[arg(last = true)]
        command: Vec<String>,
    },
    /// The house rules: lengths, shapes, directions, words.
    Tidy,
    /// Fetch the fonts too large for the tree.
    Fonts,
    /// Write the committed artefacts: OpenAPI documents, TypeScript types, the Python client and
    /// manifests.
    Gen {
        /// Write nothing; fail when a committed artefact is stale.
        #[arg(long)]
        check: bool,
    },
    /// Write what runs on Kubernetes, and check it as a cluster would.
    Manifests,
    /// Build the image, start it from its own root and wait until it is ready.
    Image {
        /// The program that goes into it; by default one built with `dist`.
        #[arg(long, value_name = "FILE")]
        binary: Option<std::path::PathBuf>,
    },
    /// Accept today's contracts as what `buf breaking` compares with.
    Baseline,
    /// Print the table of a migration guide: what differs between two OpenAPI documents.
    Differences {
        /// Document of the older version.
        old: PathBuf,
        /// Document of the newer version.
        new: PathBuf,
    },
    /// Scaffold a service: its folder, its proto and its line in the roster.
    NewService {
        /// Lower-case name of the domain, for example `loyalty`.
        name: String,
    },
    /// Measure us and our peers, interleaved.
    Bench {
        /// Which benches; all of them by default.
        names: Vec<String>,
        /// One JSON object a line instead of a table.
        #[arg(long)]
        json: bool,
        /// How often each program runs.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
    /// Break things on purpose and print whether the promises hold.
    Soak {
        /// Which rows; all of them by default.
        names: Vec<String>,
        /// The form that takes seconds a row instead of minutes.
        #[arg(long)]
        short: bool,
        /// One JSON object a line instead of a table.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the task and turns its outcome into the exit code.
pub fn run(cli: Cli) -> ExitCode {
    let outcome = process::handle_signals().and_then(|()| dispatch(cli.task));
    match outcome {
        _ if process::interrupted() => {
            eprintln!("interrupted");
            ExitCode::from(130)
        }
        Ok(()) => ExitCode::SUCCESS,
        // The test runner's own summary has to be the last word.
        Err(error) if error.is::<test::Told>() => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(task: Task) -> Result<()> {
    let repo = Repo::find()?;
    match task {
        Task::Up { args } => up::run(&repo, &args),
        Task::Test { args } => test::run(&repo, &args),
        Task::Check => test::check(&repo),
        Task::Install => install::everything(&repo),
        Task::Engines { command } => engines::run(&repo, &command),
        Task::Tidy => tidy::run(repo.root()),
        Task::Fonts => fonts::fetch(&repo),
        Task::Gen { check: true } => generate::check(&repo),
        Task::Gen { check: false } => generate::write(&repo),
        Task::Manifests => generate::write_manifests(&repo).and_then(|()| k8s::check::run(&repo)),
        Task::Image { binary } => k8s::image::run(&repo, binary),
        Task::Baseline => baseline::renew(&repo),
        Task::Differences { old, new } => differences::print(&old, &new),
        Task::NewService { name } => scaffold::run(repo.root(), &name),
        Task::Bench {
            names,
            json,
            rounds,
        } => bench::run(&repo, &names, json, rounds),
        Task::Soak { names, short, json } => soak::run(&repo, &names, short, json),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_has_a_line_of_help() {
        Cli::command().debug_assert();
        for task in Cli::command().get_subcommands() {
            assert!(task.get_about().is_some(), "{}", task.get_name());
        }
    }
}
