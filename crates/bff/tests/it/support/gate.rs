//! A gate and a limiter for tests.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use covergen_bff::{Admission, Caller, CredentialSource, Decision, Gate, Limiter, Problem};
use http::{HeaderName, HeaderValue};

/// Tokens are `user-NAME`; they grant everything but admin routes.
pub(crate) struct ScratchGate;

#[async_trait]
impl Gate for ScratchGate {
    async fn admit(&self, request: &Admission<'_>) -> Result<Caller, Problem> {
        assert!(
            !request.headers.contains_key("x-gate-panics"),
            "as the test asked"
        );
        let mut names = request.headers.keys().map(http::HeaderName::as_str);
        assert!(
            !names.any(|name| name.starts_with("x-covergen-internal") || name == "covergen-principal"),
            "headers of the mesh came in from outside"
        );
        let user = request
            .credential
            .and_then(|credential| credential.token.strip_prefix("user-"));
        let Some(user) = user else {
            if request.route.public {
                return Ok(Caller::anonymous(request.peer));
            }
            return Err(Problem::unauthenticated("SIGN_IN", "Sign in first."));
        };
        let source = request.credential.map(|credential| credential.source);
        let source = match source {
            Some(CredentialSource::Cookie) => "cookie",
            Some(CredentialSource::ApiKey) => "key",
            _ => "bearer",
        };
        let text = |text: String| HeaderValue::from_str(&text).unwrap();
        Ok(Caller {
            key: user.to_owned(),
            user_id: Some(user.to_owned()),
            metadata: vec![
                (
                    HeaderName::from_static("authorization"),
                    text(format!("Bearer internal-{user}")),
                ),
                (HeaderName::from_static("x-source"), text(source.to_owned())),
            ],
            sight: None,
        })
    }
}

/// Lets a number of requests through.
pub(crate) struct CountingLimiter {
    pub(crate) limit: u32,
    pub(crate) used: AtomicU32,
}

#[async_trait]
impl Limiter for CountingLimiter {
    async fn take(&self, class: &str, key: &str) -> Result<Decision, Problem> {
        assert!(!class.is_empty() && !key.is_empty());
        let used = self.used.fetch_add(1, Ordering::Relaxed);
        Ok(Decision {
            allowed: used < self.limit,
            limit: self.limit,
            remaining: self.limit.saturating_sub(used + 1),
            window_seconds: 60,
            reset_seconds: 7,
        })
    }
}
