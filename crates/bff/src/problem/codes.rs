//! gRPC codes, their HTTP statuses (google.rpc.Code) and their titles.

use http::StatusCode;
use tonic::Code;

/// What a caller is told of a fault that is ours.
pub(super) const INTERNAL_DETAIL: &str =
    "Something went wrong on our side. It has been logged under this request id.";

/// HTTP status of a code, as the comments of google.rpc.Code give it.
pub(super) fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        Code::Cancelled => {
            StatusCode::from_u16(499).expect("499 lies in the range of status codes")
        }
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Canonical name of a code.
pub(super) fn name(code: Code) -> &'static str {
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

/// Short title that does not change from one occurrence to the next.
pub(super) fn title(status: StatusCode, code: Code) -> &'static str {
    match status.as_u16() {
        404 if code == Code::Unimplemented => "No such route",
        405 => "Method not allowed",
        406 => "No acceptable representation",
        408 => "The request took too long to arrive",
        412 if code == Code::Unimplemented => "Unsupported protocol version",
        412 => "The resource has changed",
        413 => "The request is too large",
        415 => "Unsupported media type",
        416 => "The range lies past the end",
        422 => "The request cannot be processed",
        431 => "The request header is too large",
        499 => "Cancelled",
        507 => "No space is left",
        _ => code_title(code),
    }
}

fn code_title(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "Cancelled",
        Code::InvalidArgument | Code::OutOfRange => "The request is not valid",
        Code::DeadlineExceeded => "The deadline has passed",
        Code::NotFound => "Not found",
        Code::AlreadyExists => "It exists already",
        Code::PermissionDenied => "Not allowed",
        Code::ResourceExhausted => "Too many requests",
        Code::FailedPrecondition => "Not possible in the present state",
        Code::Aborted => "In conflict with another request",
        Code::Unimplemented => "Not implemented",
        Code::Unavailable => "Not available now",
        Code::Unauthenticated => "Sign-in needed",
        Code::Unknown | Code::Internal | Code::DataLoss => "Internal error",
    }
}
