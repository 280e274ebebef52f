//! The repository's tasks, one module each, behind `cargo xtask`.
//!
//! Purpose: whatever a recipe needs logic for lives here, in Rust, so that a
//! machine with Rust and Node alone can build, run and test the platform.
//!
//! Invariants:
//! - Every process started here is in the register of [`process`] and is ended
//!   by its id, whether a task succeeds, fails or is interrupted.
//! - Nothing is installed into the source tree except `node_modules`; tools go
//!   to the target folder.
//! - This crate compiles first on every machine, so it depends on little.
//!
//! Modules in reading order: [`cli`] names the tasks; [`repo`] knows the
//! folders; [`process`] and [`steps`] run programs; [`install`] brings what is
//! missing; [`test`] is the one command that checks everything, [`up`] the one
//! that starts it; then the tasks by name.

mod baseline;
mod bench;
mod buf;
mod cli;
mod deny;
mod differences;
mod engines;
mod fonts;
mod generate;
mod install;
mod k8s;
mod process;
mod python;
mod repo;
pub mod scaffold;
mod scratch;
mod soak;
mod steps;
mod test;
pub mod tidy;
mod up;
mod web;

pub use cli::{Cli, run};
