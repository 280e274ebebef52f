//! W3C trace context at the edge.

use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

/// The trace a request belongs to, as a `traceparent` value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TraceParent([u8; LENGTH]);

/// `00-<32 hex>-<16 hex>-<2 hex>`.
const LENGTH: usize = 55;

impl TraceParent {
    /// Goes on with the caller's trace, or begins one. The caller's parent
    /// id is kept: the span exporter links it.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get("traceparent")
            .and_then(|value| value.to_str().ok())
            .filter(|value| is_well_formed(value))
            .and_then(|value| value.as_bytes().try_into().ok());
        given.map_or_else(Self::begin, Self)
    }

    fn begin() -> Self {
        let (mut trace, mut span) = ([0; 32], [0; 32]);
        Uuid::new_v4().simple().encode_lower(&mut trace);
        Uuid::new_v4().simple().encode_lower(&mut span);
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-01";
        text[3..35].copy_from_slice(&trace);
        text[36..52].copy_from_slice(&span[..16]);
        Self(text)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hexadecimal digits and dashes are text")
    }

    pub(crate) fn trace_id(&self) -> &str {
        &self.text()[3..35]
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).expect("hexadecimal digits and dashes are a header value")
    }
}

/// Version 00: `00-<32 hex>-<16 hex>-<2 hex>`, neither id all zero.
fn is_well_formed(value: &str) -> bool {
    let hex = |part: &str, length: usize| {
        part.len() == length
            && part
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    let parts: Vec<&str> = value.split('-').collect();
    let [version, trace, span, flags] = parts[..] else {
        return false;
    };
    version == "00"
        && hex(trace, 32)
        && hex(span, 16)
        && hex(flags, 2)
        && !zero(trace)
        && !zero(span)
}
