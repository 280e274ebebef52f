//! Headers that tell browsers to be strict.

use http::{HeaderMap, HeaderName, HeaderValue};

/// The web app loads everything from its own origin. Inline styles are
/// allowed because component kits position overlays with them; inline
/// scripts are not.
const APP_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// An answer of the API is never a page.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

pub(super) fn apply(headers: &mut HeaderMap, is_app_page: bool, tls: bool) {
    let policy = if is_app_page { APP_POLICY } else { API_POLICY };
    let fixed = [
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    // A browser that once sees this on plain HTTP would ignore it; on TLS it
    // must not be left out.
    if tls {
        headers.insert(
            HeaderName::from_static("strict-transport-security"),
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
}
