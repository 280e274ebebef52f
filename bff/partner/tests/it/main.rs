//! Tests of the partner BFF as generated from the platform's own contracts.

#![allow(
    clippy::unwrap_used,
    reason = "what helpers of tests unwrap, tests assert"
)]

mod promises;
mod support;
mod surface;
