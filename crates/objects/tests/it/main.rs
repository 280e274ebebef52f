//! One suite for both engines: every behaviour runs in a folder and on an S3
//! endpoint. What only the folder can show follows at the end.
#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps fails with the error it met"
)]

mod bodies;
mod engine;
mod listing;
mod local_only;
mod s3_only;
