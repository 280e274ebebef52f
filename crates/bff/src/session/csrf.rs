//! CSRF tokens bound to sessions, and the origins that may use them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use sha2::Sha256;

use super::CSRF_HEADER;
use crate::problem::Problem;

/// Separates this use of the key from any other.
const PURPOSE: &[u8] = b"covergen csrf v1\0";

/// Makes and checks CSRF tokens.
#[derive(Clone)]
pub(crate) struct Sealer {
    key: Vec<u8>,
    allowed_origins: Vec<String>,
}

impl Sealer {
    pub(crate) fn new(secret: &[u8], allowed_origins: &[String]) -> Self {
        Self {
            key: secret.to_vec(),
            allowed_origins: allowed_origins.to_vec(),
        }
    }

    /// The token that belongs to a session.
    pub(crate) fn token(&self, session: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(session).finalize().into_bytes())
    }

    fn mac(&self, session: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(PURPOSE);
        mac.update(session.as_bytes());
        mac
    }

    /// Refuses a request that a foreign page may have caused.
    pub(crate) fn check(&self, headers: &HeaderMap, session: &str) -> Result<(), Problem> {
        self.check_origin(headers)?;
        let presented = headers
            .get(CSRF_HEADER)
            .and_then(|value| URL_SAFE_NO_PAD.decode(value.as_bytes()).ok());
        let fits = presented.is_some_and(|token| self.mac(session).verify_slice(&token).is_ok());
        if fits {
            return Ok(());
        }
        Err(Problem::permission_denied(
            "CSRF_TOKEN_INVALID",
            "The X-CSRF-Token header must repeat the covergen_csrf cookie of this session.",
        ))
    }

    /// Refuses requests that the browser says come from another site.
    pub(crate) fn check_origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
        if let Some(origin) = origin {
            let allowed = self.allowed_origins.iter().any(|known| known == origin);
            return if allowed || is_own(origin, headers) {
                Ok(())
            } else {
                Err(foreign())
            };
        }
        let site = headers
            .get("sec-fetch-site")
            .and_then(|site| site.to_str().ok());
        match site {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => Err(foreign()),
        }
    }
}

/// Whether an origin names the host that was called. The scheme is not
/// compared: behind a proxy that ends TLS only the host is known here.
fn is_own(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    matches!((host, authority), (Some(host), Some(authority)) if host.eq_ignore_ascii_case(authority))
}

fn foreign() -> Problem {
    Problem::permission_denied(
        "ORIGIN_NOT_ALLOWED",
        "This session cannot be used from a page of another site.",
    )
}
