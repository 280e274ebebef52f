//! Tests of the generator on scratch contracts.

#![allow(
    clippy::unwrap_used,
    reason = "what helpers of tests unwrap, tests assert"
)]

mod composed;
mod contract;
mod document;
mod errors;
mod guidance;
mod output;
mod protocols;
mod versions;
