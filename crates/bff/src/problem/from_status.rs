//! What a backend answered, as a problem for the caller.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{Problem, codes};
use crate::route::Route;

/// A key used again for another request; RFC 9110's 422 tells it apart from
/// a request that is not valid in itself.
const KEY_REUSED: &str = "IDEMPOTENCY_KEY_REUSED";
/// Another version than If-Match names: RFC 9110's 412.
const ETAG_MISMATCH: &str = "ETAG_MISMATCH";
/// A range past the end: RFC 9110's 416.
const RANGE_PAST_END: &str = "RANGE_NOT_SATISFIABLE";
/// No space is left for what was to be written. It is no limit of the caller's,
/// as 429 would say: RFC 4918's 507.
const STORE_FULL: &str = "STORE_FULL";

impl Problem {
    /// Turns a status into a problem, keeping what is meant for the caller.
    #[must_use]
    pub fn from_status(status: &Status) -> Self {
        Self::stated(status, "", &[])
    }

    /// Turns a backend's answer into a problem, as its route says.
    pub(crate) fn from_answer(status: &Status, route: &Route) -> Self {
        Self::stated(status, route.name, route.reason_status)
    }

    fn stated(status: &Status, rpc: &str, reasons: &[(&str, u16)]) -> Self {
        let details = status.get_error_details();
        let code = status.code();
        let stated = details.error_info().map(|info| info.reason.clone());
        let is_stated = stated.is_some();
        let reason = stated.unwrap_or_else(|| codes::name(code).to_owned());
        if matches!(code, Code::Internal | Code::Unknown | Code::DataLoss) {
            tracing::error!(
                rpc,
                code = codes::name(code),
                reason,
                message = status.message(),
                "the backend failed"
            );
        }
        let mut problem = Self::new(code, reason, detail(status, is_stated));
        if let Some(http) = status_of_reason(problem.reason(), reasons) {
            problem.0.status = http;
        }
        if let Some(request) = details.bad_request() {
            for violation in &request.field_violations {
                problem =
                    problem.with_violation(camel_path(&violation.field), &violation.description);
            }
        }
        if let Some(quota) = details.quota_failure() {
            for violation in &quota.violations {
                problem = problem.with_violation(&violation.subject, &violation.description);
            }
        }
        if let Some(size) = details
            .error_info()
            .and_then(|info| info.metadata.get("size"))
            && problem.reason() == RANGE_PAST_END
            && let Ok(size) = HeaderValue::from_str(&format!("bytes */{size}"))
        {
            problem = problem.with_header("content-range", size);
        }
        let pushback = details.retry_info().and_then(|info| info.retry_delay);
        problem.0.retry_after = pushback.or_else(|| default_pushback(code));
        problem
    }
}

fn status_of_reason(reason: &str, reasons: &[(&str, u16)]) -> Option<StatusCode> {
    let stated = reasons
        .iter()
        .find(|(known, _)| *known == reason)
        .map(|(_, status)| *status);
    let status = stated.or(match reason {
        KEY_REUSED => Some(422),
        ETAG_MISMATCH => Some(412),
        RANGE_PAST_END => Some(416),
        STORE_FULL => Some(507),
        _ => None,
    })?;
    StatusCode::from_u16(status).ok()
}

fn default_pushback(code: Code) -> Option<Duration> {
    (code == Code::Unavailable).then(|| Duration::from_secs(1))
}

/// The sentence for the caller. A service that states a reason wrote its
/// message for the caller; without one, codes that transports also produce
/// may carry addresses and the like, so they get a sentence of ours.
fn detail(status: &Status, is_stated: bool) -> String {
    let own = match status.code() {
        Code::Internal | Code::Unknown | Code::DataLoss => Some(codes::INTERNAL_DETAIL),
        Code::Unavailable if !is_stated => {
            Some("A service that this needs is not available now. Try again in a moment.")
        }
        Code::DeadlineExceeded if !is_stated => Some("The answer did not come in time."),
        Code::Cancelled if !is_stated => Some("The request was cancelled."),
        _ => None,
    };
    match own {
        Some(sentence) => sentence.to_owned(),
        None if status.message().is_empty() => codes::name(status.code()).to_owned(),
        None => status.message().to_owned(),
    }
}

/// Services name fields as JSON does, but a snake_case path is met too.
fn camel_path(path: &str) -> String {
    crate::json::field_mask_to_text(&[path.to_owned()])
}

/// Whether a code's message is for the log alone.
pub(crate) fn is_internal(code: Code) -> bool {
    matches!(code, Code::Internal | Code::Unknown | Code::DataLoss)
}

/// What a gRPC-web caller is told of an internal fault.
pub(crate) const INTERNAL_MESSAGE: &str = codes::INTERNAL_DETAIL;
