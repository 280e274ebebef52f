//! Benches: ours and our peers', interleaved in one run.
//!
//! A bench names two programs, ours and our peers', that print JSON lines. They
//! take turns, so that a machine that gets slower gets slower for both; medians
//! are compared. Where nobody else does the same, ours also measures what it is
//! held against, or an absolute limit is set. Nothing is written into the tree,
//! and no test asserts a time.
//!
//! Modules in reading order: [`contest`] runs the programs by turns;
//! [`measure`] reads what they print and takes medians; [`verdict`] compares
//! and prints; then one module per bench.

mod bff;
mod contest;
mod measure;
mod mesh;
mod platform;
mod render;
mod scale;
mod throughput;
mod verdict;
mod workers;

use anyhow::{Result, bail};

use crate::process::Program;
use crate::repo::Repo;
use crate::{deny, fonts};
use contest::{Contest, Start};
use verdict::Verdict;

/// A bench by name.
struct Bench {
    name: &'static str,
    prepare: fn(&Repo) -> Result<Contest>,
}

const BENCHES: [Bench; 7] = [
    Bench {
        name: "render",
        prepare: render::prepare,
    },
    Bench {
        name: "platform",
        prepare: platform::prepare,
    },
    Bench {
        name: "bff",
        prepare: bff::prepare,
    },
    Bench {
        name: "mesh",
        prepare: mesh::prepare,
    },
    Bench {
        name: "scale",
        prepare: scale::prepare,
    },
    Bench {
        name: "throughput",
        prepare: throughput::prepare,
    },
    Bench {
        name: "workers",
        prepare: workers::prepare,
    },
];

/// Runs the benches of these names, or all of them, and prints what came out.
pub(crate) fn run(repo: &Repo, names: &[String], json: bool, rounds: usize) -> Result<()> {
    let known: Vec<&str> = BENCHES.iter().map(|bench| bench.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!(
            "there is no bench `{unknown}`; there are: {}",
            known.join(", ")
        );
    }
    deny::always(repo)?;
    let chosen = |bench: &&Bench| names.is_empty() || names.iter().any(|name| name == bench.name);
    for bench in BENCHES.iter().filter(chosen) {
        let contest = (bench.prepare)(repo)?;
        let verdicts = contest.run(bench.name, rounds.max(1))?;
        if json {
            for verdict in &verdicts {
                println!("{}", serde_json::to_string(verdict)?);
            }
        } else {
            print!("{}", Verdict::table(bench.name, &verdicts));
        }
    }
    Ok(())
}

/// Builds the binary as its users do and the example that starts it, which is
/// told how much to do.
fn beside_binary(repo: &Repo, example: &str, how_much: &'static str) -> Result<Start> {
    fonts::fetch(repo)?;
    let build = ["build", "--release", "--package", "covergen"];
    Program::cargo(repo).args(build).run()?;
    let build = Program::cargo(repo).args(build);
    build.args(["--example", example]).run()?;
    let release = repo.target().join("release");
    let (binary, program) = (
        release.join("covergen"),
        release.join("examples").join(example),
    );
    let root = repo.root().to_path_buf();
    Ok(Box::new(move || {
        let program = Program::new(&program).within(&root);
        program.arg(&binary).arg(how_much)
    }))
}
