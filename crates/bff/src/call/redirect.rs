//! Answers that send the browser elsewhere.

use axum::body::Body;
use axum::response::Response;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::Call;
use crate::problem::Problem;

impl Call {
    /// Answers with `Location` and no body.
    ///
    /// # Errors
    /// When the service names no place that a browser may be sent to.
    pub fn redirect(mut self, location: &str) -> Result<Response, Problem> {
        let value = is_destination(location)
            .then(|| HeaderValue::from_str(location).ok())
            .flatten();
        let Some(value) = value else {
            tracing::error!(rpc = self.route().name, "a redirect leads nowhere");
            return Err(Problem::internal());
        };
        let status = StatusCode::from_u16(self.route().status).unwrap_or(StatusCode::FOUND);
        self.answer_headers.push((LOCATION, value));
        Ok(self.head(status, Body::empty()))
    }
}

/// An http(s) URL, or a path on this host. Two slashes, or a slash and a
/// backslash, would name another host; other schemes run scripts.
fn is_destination(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_url = ["https://", "http://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(has_host));
    let is_path = text.starts_with('/') && !matches!(text.as_bytes().get(1), Some(b'/' | b'\\'));
    is_plain && (is_url || is_path)
}

fn has_host(rest: &str) -> bool {
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains(['\\', '@'])
}

#[cfg(test)]
mod tests {
    use super::is_destination;

    #[test]
    fn a_browser_is_sent_to_urls_and_paths_alone() {
        for good in [
            "/",
            "/make?tab=1#x",
            "https://accounts.example.com/authorize?x=%20",
            "http://127.0.0.1:9000/authorize",
        ] {
            assert!(is_destination(good), "{good}");
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "https://",
            "https:///path",
            "https://a@evil.example/",
            "/a b",
            "/a\nset-cookie:x",
            "make",
        ] {
            assert!(!is_destination(bad), "{bad}");
        }
    }
}
