//! What a broken connection or a reset stream means for a call.

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

/// A reset stream is the peer's decision about one call and keeps its meaning
/// ("HTTP2 Transport Mapping" of the gRPC protocol); anything else means the
/// connection is gone, which says nothing about the call.
pub(crate) fn status_of(error: &h2::Error) -> Status {
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
