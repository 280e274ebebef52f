//! Headers that only the mesh may set.

use http::{HeaderMap, HeaderName};

/// Those of our own headers that outsiders do send.
const FROM_OUTSIDE: [&str; 2] = ["covergen-workspace", "x-covergen-session"];

/// Removes our internal headers, whoever sent them.
pub(super) fn internal_headers(headers: &mut HeaderMap) {
    let internal: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_internal(name.as_str()))
        .cloned()
        .collect();
    for name in internal {
        headers.remove(name);
    }
}

fn is_internal(name: &str) -> bool {
    let ours = name.starts_with("covergen-") || name.starts_with("x-covergen-");
    ours && !FROM_OUTSIDE.contains(&name)
}
