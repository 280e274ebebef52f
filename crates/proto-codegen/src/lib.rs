//! Turns the contracts into Rust at build time.
//!
//! One call, [`Generator::run`], compiles the `.proto` files under a folder
//! and writes into an output folder, for each package: the messages and
//! services, their proto3 JSON, their validation, and the redacted `Debug` of
//! messages that hold secrets; and for all packages together the module tree,
//! the method table and the descriptor sets.
//!
//! Invariants:
//! - A contract that this crate does not understand in full is an error with
//!   file, line and column, never a rule silently dropped.
//! - The output depends on the contracts alone, so that equal contracts give
//!   byte-equal files.
//! - What the generated code does is written by hand in `covergen-proto`; this
//!   crate only says which rule stands on which field.
//!
//! In reading order: [`contracts`](Contracts) compiles, `options` reads the
//! annotations, `names` knows what prost calls things, `package` assembles one
//! package from `services`, `json`, `rules` and `debug`, `methods` writes the
//! method table, and `output` the files.

mod code;
mod contracts;
mod debug;
mod error;
mod json;
mod messages;
mod methods;
mod names;
mod options;
mod output;
mod package;
mod rules;
mod services;

pub use contracts::Contracts;
pub use error::{Error, Place, Problem};
pub use output::Generator;
