//! Conversions that every service's api needs.

use covergen_proto::wkt::Timestamp;
use covergen_store::Error;
use tonic::Code;

/// A contract's timestamp from the form that stores keep.
#[must_use]
pub fn timestamp(unix_ms: i64) -> Timestamp {
    Timestamp {
        seconds: unix_ms.div_euclid(1000),
        // Below 1,000 times a million, so it fits.
        nanos: i32::try_from(unix_ms.rem_euclid(1000) * 1_000_000).unwrap_or_default(),
    }
}

/// The code of a storage error that a service does not judge itself.
#[must_use]
pub fn store_code(error: &Error) -> Code {
    match error {
        Error::Unavailable(_) => Code::Unavailable,
        Error::Timeout => Code::DeadlineExceeded,
        Error::Conflict(_) | Error::InFlight | Error::Fenced => Code::Aborted,
        Error::KeyReused | Error::BadCursor => Code::InvalidArgument,
        Error::Departed => Code::NotFound,
        Error::Overloaded | Error::DiskFull => Code::ResourceExhausted,
        _ => Code::Internal,
    }
}

/// Its stable reason.
#[must_use]
pub fn store_reason(error: &Error) -> &'static str {
    match error {
        Error::Unavailable(_) => "STORE_UNAVAILABLE",
        Error::Timeout => "STORE_TIMEOUT",
        Error::Overloaded => "STORE_OVERLOADED",
        Error::Conflict(_) | Error::Fenced => "CONCURRENT_CHANGE",
        Error::InFlight => "IDEMPOTENCY_KEY_IN_FLIGHT",
        Error::KeyReused => "IDEMPOTENCY_KEY_REUSED",
        Error::BadCursor => "PAGE_TOKEN_INVALID",
        Error::DiskFull => "STORE_FULL",
        Error::Departed => "USER_NOT_FOUND",
        _ => "INTERNAL",
    }
}

/// When trying again makes sense, for errors that pass by themselves.
#[must_use]
pub fn store_retry_after(error: &Error) -> Option<std::time::Duration> {
    match error {
        Error::Overloaded | Error::InFlight => Some(std::time::Duration::from_secs(1)),
        Error::DiskFull => Some(std::time::Duration::from_secs(30)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{store_code, store_retry_after};
    use covergen_store::Error;
    use tonic::Code;

    #[test]
    fn whatever_passes_by_itself_says_when_to_come_again() {
        for (error, code) in [
            (Error::Overloaded, Code::ResourceExhausted),
            (Error::DiskFull, Code::ResourceExhausted),
            (Error::InFlight, Code::Aborted),
        ] {
            assert_eq!(store_code(&error), code);
            assert!(store_retry_after(&error).is_some(), "{error}");
        }
    }
}
