//! Designs and contact sheets as their callers see them.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod designs;
mod sheets;

use std::path::PathBuf;

/// The folder that the test command fills before it runs tests.
fn fonts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/fonts/fetched")
}
