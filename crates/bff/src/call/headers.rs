//! HTTP headers that a backend sets through gRPC metadata.

use http::{HeaderName, HeaderValue};
use tonic::metadata::MetadataMap;

/// A backend that knows better than the generator names HTTP headers of the
/// answer in metadata with this prefix, such as `http-content-disposition`.
const PREFIX: &str = "http-";

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

pub(super) fn answer_headers(metadata: &MetadataMap) -> Vec<(HeaderName, HeaderValue)> {
    let mut found = Vec::new();
    for name in ALLOWED {
        let value = metadata
            .get(format!("{PREFIX}{name}"))
            .and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
        if let Some(value) = value {
            found.push((HeaderName::from_static(name), value));
        }
    }
    found
}
