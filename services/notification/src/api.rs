//! gRPC in, gRPC out: one file per service of the contract.

pub(crate) mod encode;
mod notifications;
mod push;
mod webhooks;

use std::sync::Arc;

use tonic::{Response, Status};

use crate::app::App;

/// Serves every service of notification.
pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;
