//! gRPC in, gRPC out: one file per service of the contract.

mod accounts;
mod api_keys;
mod auth;
pub(crate) mod encode;
mod mfa;
mod oauth;
mod passkeys;

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use covergen_chassis::reply;
use tonic::{Response, Status};

use crate::app::App;
use crate::error::Error;

/// Answers for the app.
pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

/// An answer of the app as gRPC sends it.
fn answer<T>(outcome: Result<T, Error>) -> Answer<T> {
    outcome.map(Response::new).map_err(reply)
}

/// A field that must be an id. `field` is its name in proto3 JSON.
fn id<T: FromStr<Err: Display>>(field: &'static str, text: &str) -> Result<T, Status> {
    text.parse().map_err(|error: T::Err| {
        reply(Error::Invalid {
            field,
            problem: error.to_string(),
        })
    })
}
