//! Names for requests.

use std::sync::Arc;

use http::HeaderMap;
use uuid::Uuid;

const MAX_CHARS: usize = 64;

/// The caller's own id where it is harmless in logs and headers, else a new one.
pub(super) fn establish(headers: &HeaderMap) -> Arc<str> {
    let given = headers
        .get(super::REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|value| is_sane(value));
    match given {
        Some(id) => id.into(),
        None => {
            let mut buffer = Uuid::encode_buffer();
            let text: &str = Uuid::now_v7().hyphenated().encode_lower(&mut buffer);
            text.into()
        }
    }
}

fn is_sane(id: &str) -> bool {
    (1..=MAX_CHARS).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
