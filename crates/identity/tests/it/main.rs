//! Tokens and keys as callers see them.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]
mod keys;
mod tokens;
