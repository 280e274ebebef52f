//! Statuses, as they stand in headers and of those that do not speak gRPC.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

/// Peers differ in whether they pad.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Removes status details that are not base64: the gRPC library panics on
/// them, and a peer must not be able to choose that.
pub fn sanitize(headers: &mut HeaderMap) {
    let broken = headers
        .get(Status::GRPC_STATUS_DETAILS)
        .is_some_and(|details| BASE64.decode(details.as_bytes()).is_err());
    if broken {
        headers.remove(Status::GRPC_STATUS_DETAILS);
    }
}

/// The status that headers or trailers carry, if any, which are fit to be read
/// by the gRPC library afterwards. One that is OK, as nearly all are, is not
/// made into a status first.
pub fn read_status(headers: &mut HeaderMap) -> Option<Result<(), Status>> {
    let code = headers.get(Status::GRPC_STATUS)?;
    let is_ok = code.as_bytes() == b"0";
    sanitize(headers);
    if is_ok {
        return Some(Ok(()));
    }
    let status = Status::from_header_map(headers)?;
    Some(match status.code() {
        Code::Ok => Ok(()),
        _ => Err(status),
    })
}

/// A failure that was told after `headers`: its metadata is what stood in front
/// of the body and what came after.
#[must_use]
pub fn with_headers(status: &Status, headers: &HeaderMap) -> Status {
    let mut headers = headers.clone();
    headers.remove(CONTENT_TYPE);
    headers.extend(status.metadata().clone().into_headers());
    Status::with_details_and_metadata(
        status.code(),
        status.message(),
        Bytes::copy_from_slice(status.details()),
        MetadataMap::from_headers(headers),
    )
}

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

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn details_that_are_not_base64_are_dropped() {
        let mut headers = HeaderMap::new();
        headers.insert(Status::GRPC_STATUS, HeaderValue::from_static("14"));
        let details = HeaderValue::from_static("%%%");
        headers.insert(Status::GRPC_STATUS_DETAILS, details);
        let read = read_status(&mut headers).unwrap().unwrap_err();
        assert_eq!(read.code(), Code::Unavailable);
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn ok_is_read_without_a_status_and_nothing_as_nothing() {
        let mut headers = HeaderMap::new();
        assert!(read_status(&mut headers).is_none());
        let details = HeaderValue::from_static("%%%");
        headers.insert(Status::GRPC_STATUS_DETAILS, details);
        headers.insert(Status::GRPC_STATUS, HeaderValue::from_static("0"));
        assert!(read_status(&mut headers).unwrap().is_ok());
        // What would make the library panic is gone here as well.
        assert_eq!(headers.len(), 1);
    }
}
