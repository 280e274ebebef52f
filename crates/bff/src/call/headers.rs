//! HTTP headers that a backend sets through gRPC metadata.

use http::{HeaderMap, HeaderName, HeaderValue};

/// A backend that knows better than the generator names HTTP headers of the
/// answer in metadata with this prefix, such as `http-content-disposition`.
const PREFIX: &str = "http-";

/// What the mesh marks answers with that were made in the service's place.
const FALLBACK: &str = "covergen-fallback";

/// Whether the service itself did not answer. Such an answer is given, and
/// kept by nobody: it may be old already.
pub(crate) fn is_fallback(metadata: &HeaderMap) -> bool {
    metadata.contains_key(FALLBACK)
}

/// The headers it may set; nothing else passes.
const ALLOWED: [&str; 7] = [
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-length",
    "content-range",
    "etag",
    "last-modified",
];

/// Adds what metadata sets; of a name given twice the first value counts.
pub(super) fn answer_headers(metadata: &HeaderMap, into: &mut Vec<(HeaderName, HeaderValue)>) {
    for name in metadata.keys() {
        let plain = name.as_str().strip_prefix(PREFIX);
        let known = plain.and_then(|plain| ALLOWED.iter().find(|known| **known == plain));
        if let Some((known, value)) = known.zip(metadata.get(name)) {
            into.push((HeaderName::from_static(known), value.clone()));
        }
    }
}
