//! What a broken connection or a reset stream means for a call.

use std::error::Error;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tonic::{Status, body::Body};

use crate::hop::{Failure, Reach};

/// A request that was written and got no response.
pub(crate) fn from_send_error(error: &hyper::Error) -> Failure {
    let reach = match h2_error(error) {
        Some(error) if promises_not_processed(error) => Reach::NotTaken,
        _ => Reach::Sent,
    };
    let mut failure = Failure::new(status_of(error), reach);
    // A reset is an answer of sorts; anything else is the connection's end.
    failure.one_of_many = reset_reason(error).is_none();
    failure
}

/// A response body whose breaking has a meaning.
pub(crate) fn from_broken_body(body: Incoming) -> Body {
    Body::new(body.map_err(|error| status_of(&error)))
}

/// A reset stream is the peer's decision about one call and keeps its meaning
/// ("HTTP2 Transport Mapping" of the gRPC protocol); anything else means the
/// connection is gone, which says nothing about the call.
fn status_of(error: &hyper::Error) -> Status {
    let detail = error
        .source()
        .map_or_else(String::new, |source| format!(": {source}"));
    let text = format!("{error}{detail}");
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

fn reset_reason(error: &hyper::Error) -> Option<h2::Reason> {
    let error = h2_error(error)?;
    error.is_reset().then(|| error.reason()).flatten()
}

fn h2_error(error: &hyper::Error) -> Option<&h2::Error> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref() {
            return Some(error);
        }
        source = error.source();
    }
    None
}
