//! Tests of the partner BFF as generated from the platform's own contracts.

#![allow(
    clippy::unwrap_used,
    reason = "what helpers of tests unwrap, tests assert"
)]

use covergen_bff_partner as audience;

mod promises;
#[path = "../../../../crates/bff/tests/audience/support.rs"]
mod support;
#[path = "../../../../crates/bff/tests/audience/surface.rs"]
mod surface;
