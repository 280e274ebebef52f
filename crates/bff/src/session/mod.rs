//! Browser sessions: tokens in HttpOnly cookies, guarded against forgery.
//!
//! A page that sends `X-Covergen-Session: cookie` gets its tokens as cookies
//! instead of in the body. Every unsafe request that such a cookie
//! authenticates must come from an origin we trust and carry, in
//! `X-CSRF-Token`, the value of the readable `covergen_csrf` cookie, which is
//! an HMAC over the session cookie: a token planted by another subdomain does
//! not fit the session it is planted beside.

mod cookies;
mod csrf;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};

pub(crate) use cookies::{CookieRules, Jar};
pub(crate) use csrf::Sealer;

use crate::gate::CredentialSource;
use crate::problem::Problem;

/// Header by which a page asks for cookies instead of tokens.
pub(crate) const SESSION_HEADER: &str = "x-covergen-session";
/// Header that repeats the CSRF cookie.
pub(crate) const CSRF_HEADER: &str = "x-csrf-token";
/// Header that carries an API key.
pub(crate) const API_KEY_HEADER: &str = "x-api-key";

/// A credential found in a request.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) token: String,
    pub(crate) source: CredentialSource,
}

/// Whether the page asked for a cookie session.
pub(crate) fn wants_cookies(headers: &HeaderMap) -> bool {
    headers
        .get(SESSION_HEADER)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"cookie"))
}

/// Finds the credential of a request: a bearer before an API key before the
/// session cookie, which needs its CSRF token on unsafe methods.
///
/// # Errors
/// When the CSRF token is missing or does not fit, or the origin is foreign.
/// On a public route such a cookie counts as absent instead, so that a
/// session that has gone bad cannot keep its owner from signing in.
pub(crate) fn credential(
    public: bool,
    method: &Method,
    headers: &HeaderMap,
    jar: &Jar<'_>,
    sealer: &Sealer,
) -> Result<Option<Found>, Problem> {
    if let Some(found) = in_headers(headers) {
        return Ok(Some(found));
    }
    let Some(token) = jar.session() else {
        return Ok(None);
    };
    if !is_safe(method)
        && let Err(problem) = sealer.check(headers, token)
    {
        return if public { Ok(None) } else { Err(problem) };
    }
    Ok(Some(Found {
        token: token.to_owned(),
        source: CredentialSource::Cookie,
    }))
}

/// Finds the credential that a header bears: a bearer before an API key.
pub(crate) fn in_headers(headers: &HeaderMap) -> Option<Found> {
    if let Some(token) = bearer(headers) {
        return Some(Found {
            token: token.to_owned(),
            source: CredentialSource::Bearer,
        });
    }
    let key = headers.get(API_KEY_HEADER)?.to_str().ok()?;
    Some(Found {
        token: key.to_owned(),
        source: CredentialSource::ApiKey,
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
