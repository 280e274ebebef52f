//! The engine against a model of the queue in memory, with faults injected at
//! every point where a process can die or an answer can be lost.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod ahead;
mod checker;
mod exhaustive;
mod planted;
mod random;
mod stopping;
mod worker;
mod world;
