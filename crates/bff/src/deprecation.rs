//! Telling callers that a route is on its way out.

use http::header::LINK;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::route::Route;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// Adds the headers `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`
/// to whatever a deprecated route answers, refusals included.
pub(crate) fn tell(route: &Route, headers: &mut HeaderMap) {
    let Some(told) = route.deprecation else {
        return;
    };
    for (name, value) in [
        (DEPRECATION, told.deprecation),
        (SUNSET, told.sunset),
        (LINK, told.link),
    ] {
        if !value.is_empty() {
            headers.append(name, HeaderValue::from_static(value));
        }
    }
}
