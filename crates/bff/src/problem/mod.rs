//! Errors as callers see them: `application/problem+json` (RFC 9457).

mod codes;
mod from_json;
pub(crate) mod from_status;
mod to_status;

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use tonic::Code;

/// One refused request. Nothing internal stands in it: whoever makes one
/// writes its texts for the caller.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    code: Code,
    reason: Cow<'static, str>,
    detail: Cow<'static, str>,
    violations: Vec<Violation>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    headers: HeaderMap,
}

/// One field that was not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Path of the field or parameter.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body9457<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    reason: &'a str,
    #[serde(skip_serializing_if = "<[Violation]>::is_empty")]
    violations: &'a [Violation],
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
}

impl Problem {
    /// A problem with the HTTP status that goes with `code`.
    #[must_use]
    pub fn new(
        code: Code,
        reason: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Inner {
            status: codes::http_status(code),
            code,
            reason: reason.into(),
            detail: detail.into(),
            violations: Vec::new(),
            request_id: None,
            retry_after: None,
            headers: HeaderMap::new(),
        }))
    }

    /// The caller must sign in: 401.
    #[must_use]
    pub fn unauthenticated(
        reason: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Code::Unauthenticated, reason, detail)
    }

    /// The caller may not do this: 403.
    #[must_use]
    pub fn permission_denied(
        reason: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Code::PermissionDenied, reason, detail)
    }

    /// Something the request needs is away for now: 503.
    #[must_use]
    pub fn unavailable(
        reason: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Code::Unavailable, reason, detail).with_retry_after(Duration::from_secs(1))
    }

    /// The request is badly formed: 400.
    #[must_use]
    pub fn invalid(
        reason: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Code::InvalidArgument, reason, detail)
    }

    /// One field or parameter is not acceptable: 400, naming it.
    #[must_use]
    pub fn invalid_field(
        reason: impl Into<Cow<'static, str>>,
        field: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        let (field, description) = (field.into(), description.into());
        let detail = if field.is_empty() {
            description.clone()
        } else {
            format!("`{field}` {description}")
        };
        Self::invalid(reason, detail).with_violation(field, description)
    }

    /// Our own fault: 500. The cause is for the log, never for the caller.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Code::Internal, "INTERNAL", codes::INTERNAL_DETAIL)
    }

    /// Adds a violation.
    #[must_use]
    pub fn with_violation(
        mut self,
        field: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        self.0.violations.push(Violation {
            field: field.into(),
            description: description.into(),
        });
        self
    }

    /// Sets another HTTP status than the code's own.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// Names the request.
    #[must_use]
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.0.request_id = Some(id.to_owned());
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The gRPC code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The stable reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// Fields that were not acceptable.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// The refusal in one line for people, each field on it.
    #[must_use]
    pub fn sentence(&self) -> String {
        let named = self.violations().iter().filter(|violation| {
            // A detail that is about one field names it already.
            !self.detail().contains(&violation.description)
        });
        let fields: Vec<String> = named
            .map(|violation| format!("{}: {}", violation.field, violation.description))
            .collect();
        if fields.is_empty() {
            self.detail().to_owned()
        } else {
            format!("{} ({})", self.detail(), fields.join("; "))
        }
    }

    /// The problem as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let inner = &*self.0;
        let kebab = inner.reason.to_ascii_lowercase().replace('_', "-");
        let body = Body9457 {
            r#type: format!("urn:covergen:problem:{kebab}"),
            title: codes::title(inner.status, inner.code),
            status: inner.status.as_u16(),
            detail: &inner.detail,
            code: codes::name(inner.code),
            reason: &inner.reason,
            violations: &inner.violations,
            request_id: inner.request_id.as_deref(),
            retry_after_seconds: inner.retry_after.map(whole_seconds),
        };
        serde_json::to_vec(&body).expect("a problem holds only strings and numbers")
    }
}

/// Rounded up, so that a caller who waits this long is not too early.
fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.to_json()));
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(delay) = self.0.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(delay)));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"covergen\""),
            );
        }
        headers.extend(self.0.headers);
        response
    }
}
