//! One error model: a service's enum names a code and a stable reason per
//! variant, and one function here turns it into a status.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, QuotaViolation, StatusExt as _};

/// The domain of every reason, as `google.rpc.ErrorInfo` wants it.
const DOMAIN: &str = "covergen";

/// What a caller reads of any fault of ours.
const OUR_FAULT: &str =
    "something went wrong on our side; try again, and name the request id if it stays";

/// What a service's error enum tells about each variant. Its `Display` is the
/// sentence the caller reads, except for codes that mean a fault of ours,
/// whose text is logged and never sent.
pub trait ServiceError: std::error::Error {
    /// gRPC code.
    fn code(&self) -> Code;

    /// Stable reason, in UPPER_SNAKE_CASE.
    fn reason(&self) -> &'static str;

    /// Facts that a program may act on.
    fn metadata(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Fields at fault and what is wrong with each, in proto3 JSON names.
    fn violations(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// The allowance that is used up: whose, and what would lift it.
    fn quota(&self) -> Option<(String, String)> {
        None
    }

    /// When trying again makes sense.
    fn retry_after(&self) -> Option<Duration> {
        None
    }

    /// A status from another service that says it better.
    fn upstream(&self) -> Option<&Status> {
        None
    }
}

/// Turns a service's error into the status its caller gets.
#[allow(clippy::needless_pass_by_value)] // Called as `.map_err(reply)`.
pub fn reply<E: ServiceError>(error: E) -> Status {
    if let Some(status) = error.upstream() {
        return pass_on(status);
    }
    let code = error.code();
    let hidden = matches!(code, Code::Internal | Code::Unknown | Code::DataLoss);
    let message = if hidden {
        log(&error);
        OUR_FAULT.to_owned()
    } else {
        error.to_string()
    };
    let mut details = ErrorDetails::new();
    details.set_error_info(
        error.reason(),
        DOMAIN,
        error
            .metadata()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect::<std::collections::HashMap<_, _>>(),
    );
    let violations = error.violations();
    if !violations.is_empty() {
        details.set_bad_request(
            violations
                .into_iter()
                .map(|(field, description)| FieldViolation::new(field, description))
                .collect::<Vec<_>>(),
        );
    }
    if let Some((subject, description)) = error.quota() {
        details.set_quota_failure(vec![QuotaViolation::new(subject, description)]);
    }
    if let Some(delay) = error.retry_after() {
        details.set_retry_info(Some(delay));
    }
    Status::with_error_details(code, message, details)
}

/// A refusal that no service's enum is needed for.
pub(crate) fn refusal(code: Code, reason: &str, message: &str) -> Status {
    Status::with_error_details(
        code,
        message,
        ErrorDetails::with_error_info(reason, DOMAIN, std::collections::HashMap::new()),
    )
}

/// Another service's answer, passed on: what it says about the request stays,
/// what it says about itself does not become our caller's fault.
fn pass_on(status: &Status) -> Status {
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied | Code::Unimplemented => {
            // The services' rights among themselves are a fault of ours.
            tracing::error!(code = ?status.code(), message = status.message(), "a service refused us");
            refusal(Code::Internal, "INTERNAL", OUR_FAULT)
        }
        // Its faults are ours to the caller, and as silent about themselves:
        // not every such status was made by `reply`.
        Code::Internal | Code::Unknown | Code::DataLoss => {
            tracing::error!(code = ?status.code(), message = status.message(), "a service failed us");
            refusal(Code::Internal, "INTERNAL", OUR_FAULT)
        }
        _ => Status::with_details(
            status.code(),
            status.message(),
            status.details().to_vec().into(),
        ),
    }
}

fn log(error: &dyn std::error::Error) {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(error = chain, "a call failed");
}
