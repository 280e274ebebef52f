//! Reading and making gRPC statuses.

use std::time::Duration;

use http::HeaderName;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The server's word on retries (gRFC A6): milliseconds, negative for never.
pub(crate) const PUSHBACK: HeaderName = HeaderName::from_static("grpc-retry-pushback-ms");

/// RESOURCE_EXHAUSTED that says when to come back.
pub(crate) fn overloaded(message: &str, retry_after: Duration) -> Status {
    with_retry_info(Code::ResourceExhausted, message, retry_after)
}

/// A status with a `google.rpc.RetryInfo`.
pub(crate) fn with_retry_info(code: Code, message: &str, retry_after: Duration) -> Status {
    Status::with_error_details(
        code,
        message,
        ErrorDetails::with_retry_info(Some(retry_after)),
    )
}

/// What a failed server says about trying again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pushback {
    /// Nothing: the caller's own backoff decides.
    Silent,
    /// Not sooner than this.
    After(Duration),
    /// Do not.
    Never,
}

/// Reads `grpc-retry-pushback-ms`, then `google.rpc.RetryInfo`. An unreadable
/// pushback means never, as gRFC A6 says.
pub(crate) fn pushback(status: &Status) -> Pushback {
    if let Some(value) = status.metadata().get(PUSHBACK.as_str()) {
        let delay_ms = value.to_str().ok().and_then(|text| text.parse().ok());
        return delay_ms.map_or(Pushback::Never, |ms| {
            Pushback::After(Duration::from_millis(ms))
        });
    }
    if status.details().is_empty() {
        return Pushback::Silent;
    }
    status
        .get_details_retry_info()
        .and_then(|info| info.retry_delay)
        .map_or(Pushback::Silent, Pushback::After)
}

/// The code's name in metrics and logs.
pub(crate) fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(value: &'static str) -> Pushback {
        let mut status = Status::unavailable("no");
        let value = value.parse().unwrap();
        status
            .metadata_mut()
            .insert("grpc-retry-pushback-ms", value);
        pushback(&status)
    }

    #[test]
    fn pushback_is_read_from_metadata_and_details() {
        assert_eq!(pushed("40"), Pushback::After(Duration::from_millis(40)));
        assert_eq!(pushed("-1"), Pushback::Never);
        assert_eq!(pushed("soon"), Pushback::Never);
        assert_eq!(pushback(&Status::unavailable("no")), Pushback::Silent);
        assert_eq!(
            pushback(&overloaded("full", Duration::from_millis(250))),
            Pushback::After(Duration::from_millis(250))
        );
    }
}
