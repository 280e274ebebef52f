//! W3C trace context at the edge.

use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

/// The trace a request belongs to, as a `traceparent` value.
#[derive(Debug, Clone)]
pub(crate) struct TraceParent(String);

impl TraceParent {
    /// Goes on with the caller's trace, or begins one. The caller's parent
    /// id is kept: the span exporter links it.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get("traceparent")
            .and_then(|value| value.to_str().ok())
            .filter(|value| is_well_formed(value));
        match given {
            Some(value) => Self(value.to_owned()),
            None => Self::begin(),
        }
    }

    fn begin() -> Self {
        let trace = Uuid::new_v4().simple();
        let span = Uuid::new_v4().simple().to_string();
        Self(format!("00-{trace}-{}-01", &span[..16]))
    }

    pub(crate) fn trace_id(&self) -> &str {
        &self.0[3..35]
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("hexadecimal digits and dashes are a header value")
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
