//! W3C trace context at the edge.

use http::{HeaderMap, HeaderValue};
use tracing::Span;
use uuid::Uuid;

/// Knows where the span of a request stands in its trace.
pub trait Traces: Send + Sync + 'static {
    /// The span begins, under the place that the caller named, if it named one;
    /// answers the span's own place. Both are `traceparent` values.
    fn adopt(&self, span: &Span, given: Option<&str>) -> [u8; TRACEPARENT_BYTES];
}

/// Length of a `traceparent` value: `00-<32 hex>-<16 hex>-<2 hex>`.
pub const TRACEPARENT_BYTES: usize = 55;

/// The trace a request belongs to, as a `traceparent` value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TraceParent([u8; TRACEPARENT_BYTES]);

impl TraceParent {
    /// Goes on with the caller's trace, or begins one. Where nobody knows
    /// spans' places the caller's own is passed on.
    pub(crate) fn of(headers: &HeaderMap, span: &Span, traces: Option<&dyn Traces>) -> Self {
        let given = headers
            .get("traceparent")
            .and_then(|value| value.to_str().ok())
            .filter(|value| is_well_formed(value));
        if let Some(traces) = traces {
            return Self(traces.adopt(span, given));
        }
        let given = given.and_then(|value| value.as_bytes().try_into().ok());
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
