//! Telling callers that a route is on its way out.

use http::header::LINK;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::path;
use crate::route::{Binding, PathPiece, Route};

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// Adds the headers `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`
/// to whatever a deprecated route answers, refusals included. `successor` is
/// where the same is found in a later version.
pub(crate) fn tell(route: &Route, successor: Option<HeaderValue>, headers: &mut HeaderMap) {
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
    if let Some(successor) = successor {
        headers.append(LINK, successor);
    }
}

/// The link (RFC 5829) to what takes over from the path that is asked for.
pub(crate) fn successor(binding: &Binding, path: &str) -> Option<HeaderValue> {
    if binding.successor.is_empty() {
        return None;
    }
    let segments = path::split(path);
    let mut target = String::new();
    for piece in binding.successor {
        match *piece {
            PathPiece::Text(text) => target.push_str(text),
            PathPiece::Segments {
                start,
                end,
                multiple,
            } => {
                let covered = path::covered(binding, &segments, start, end, multiple);
                target.push_str(&covered.join("/"));
            }
        }
    }
    link(&target)
}

/// The same for a caller by gRPC-web.
pub(crate) fn successor_rpc(route: &Route) -> Option<HeaderValue> {
    let told = route.deprecation?;
    (!told.successor.is_empty())
        .then(|| link(told.successor))
        .flatten()
}

/// None where the path could not stand between angle brackets.
fn link(target: &str) -> Option<HeaderValue> {
    let is_plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"');
    if !target.bytes().all(is_plain) {
        return None;
    }
    HeaderValue::try_from(format!("<{target}>; rel=\"successor-version\"")).ok()
}
