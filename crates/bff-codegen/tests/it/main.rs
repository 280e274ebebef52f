//! Tests of the generator on scratch contracts.

#![allow(
    clippy::unwrap_used,
    reason = "what helpers of tests unwrap, tests assert"
)]

mod contract;
mod document;
mod errors;
mod output;
