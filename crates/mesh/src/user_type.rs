//! The header that says which group of callers a request is of.
//!
//! Policies send a group by other ways (`x-user-type: beta`). It goes with the
//! request from hop to hop, or only the first could tell.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Names the group, such as `beta`.
pub(crate) const USER_TYPE: HeaderName = HeaderName::from_static("x-user-type");

const MAX_BYTES: usize = 64;

/// The group that headers name, if it is a short word of visible ASCII.
pub(crate) fn from_headers(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(USER_TYPE)?;
    let bytes = value.as_bytes();
    let is_word = bytes.iter().all(u8::is_ascii_graphic);
    (is_word && (1..=MAX_BYTES).contains(&bytes.len())).then(|| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_word_goes_from_hop_to_hop() {
        let of = |value: &[u8]| {
            let value = HeaderValue::from_bytes(value).unwrap();
            from_headers(&HeaderMap::from_iter([(USER_TYPE, value)]))
        };
        assert_eq!(of(b"beta").unwrap(), "beta");
        assert_eq!(from_headers(&HeaderMap::new()), None);
        for wrong in [&b""[..], b"be ta", b"b\xc3\xa4ta", &[b'x'; 65]] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
