//! What a broken connection or a reset stream means for a call.

use std::{error::Error, sync::Arc};

use tonic::Status;

use crate::hop::{Failure, Reach};

/// A request that was written and got no response.
pub(crate) fn from_h2_error(error: &h2::Error) -> Failure {
    let reach = if promises_not_processed(error) {
        Reach::NotTaken
    } else {
        Reach::Sent
    };
    let mut failure = Failure::new(status_of(error), reach);
    // A reset is an answer of sorts; anything else is the connection's end.
    failure.one_of_many = reset_reason(error).is_none();
    failure
}

/// What a status of a body says of its connection, for whoever reads bodies:
/// it ended, and that tells of one endpoint.
#[derive(Debug, thiserror::Error)]
#[error("the connection ended")]
struct ConnectionEnded;

/// A response that broke off.
pub(crate) fn status_of_body(error: &h2::Error) -> Status {
    let mut status = status_of(error);
    if reset_reason(error).is_none() {
        status.set_source(Arc::new(ConnectionEnded));
    }
    status
}

/// The call whose response broke off so.
pub(crate) fn from_body(status: Status) -> Failure {
    let ended = status
        .source()
        .is_some_and(|source| source.is::<ConnectionEnded>());
    let mut failure = Failure::sent(status);
    failure.one_of_many = ended;
    failure
}

/// A reset stream is the peer's decision about one call and keeps its meaning
/// ("HTTP2 Transport Mapping" of the gRPC protocol); anything else means the
/// connection is gone, which says nothing about the call.
fn status_of(error: &h2::Error) -> Status {
    let text = error.to_string();
    match reset_reason(error) {
        Some(h2::Reason::CANCEL) => Status::cancelled(text),
        Some(h2::Reason::ENHANCE_YOUR_CALM) => Status::resource_exhausted(text),
        Some(h2::Reason::INADEQUATE_SECURITY) => Status::permission_denied(text),
        Some(h2::Reason::REFUSED_STREAM) | None => Status::unavailable(text),
        Some(_) => Status::internal(text),
    }
}

/// RFC 9113, 8.7: the stream was refused, or the peer is going and this stream
/// is above the last one it took. The library reports the peer's GOAWAY for no
/// others: neither for streams below, nor when the connection breaks later.
fn promises_not_processed(error: &h2::Error) -> bool {
    let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
    refused || (error.is_go_away() && error.is_remote())
}

fn reset_reason(error: &h2::Error) -> Option<h2::Reason> {
    error.is_reset().then(|| error.reason()).flatten()
}
