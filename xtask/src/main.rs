//! `cargo xtask`: the repository's tasks. `cargo xtask help` lists them.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    xtask::run(xtask::Cli::parse())
}
