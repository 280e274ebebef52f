//! Statuses of those that do not speak gRPC.

use http::StatusCode;
use tonic::{Code, Status};

/// What an answer without a status means, from the gRPC documentation "HTTP to
/// gRPC status code mapping"; 431 is ours, since our servers bound the header
/// list.
#[must_use]
pub fn of_http(status: StatusCode) -> Status {
    let code = match status.as_u16() {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        431 => Code::ResourceExhausted,
        429 | 502..=504 => Code::Unavailable,
        _ => Code::Unknown,
    };
    Status::new(code, format!("HTTP status {status} in place of an answer"))
}

/// What a transport that could not even take the call has to say: its own
/// status where it has one, such as an open breaker's.
#[must_use]
pub fn refusal(error: Box<dyn std::error::Error + Send + Sync>) -> Status {
    Status::try_from_error(error).unwrap_or_else(|error| Status::unavailable(error.to_string()))
}
