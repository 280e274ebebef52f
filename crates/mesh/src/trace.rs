//! The trace a call belongs to, carried as a W3C `traceparent` header.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::Span;

use crate::request_id::once;

/// W3C Trace Context, level 1.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Of a `traceparent` value of version 00.
const LENGTH: usize = 55;

/// One span's place in a trace. Prints and parses as a `traceparent` value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// 16 bytes shared by every span of the trace; never zero.
    pub trace_id: u128,
    /// 8 bytes naming this span; never zero.
    pub span_id: u64,
    /// Bit 0: the trace is sampled.
    pub flags: u8,
}

impl TraceParent {
    /// A new trace, sampled.
    pub fn root() -> Self {
        Self {
            trace_id: rand::random::<u128>().max(1),
            span_id: span_id(),
            flags: 1,
        }
    }

    /// A new span in the same trace.
    #[must_use]
    pub fn child(self) -> Self {
        Self {
            span_id: span_id(),
            ..self
        }
    }

    /// Reads `00-<32 hex>-<16 hex>-<2 hex>`; anything else is `None`, and the
    /// receiver starts a trace of its own, as the standard asks.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text.as_bytes())
    }

    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        Self::read(headers.get(TRACEPARENT)?.as_bytes())
    }

    fn read(text: &[u8]) -> Option<Self> {
        let (known, more) = text.split_at_checked(LENGTH)?;
        let dashes = [2, 35, 52].iter().all(|at| known[*at] == b'-');
        // Version 00 is exactly so long; later versions may append fields.
        let may_end_there = match more {
            [] => true,
            [b'-', ..] => !known.starts_with(b"00") && more.is_ascii(),
            _ => false,
        };
        if !dashes || !may_end_there || known.starts_with(b"ff") {
            return None;
        }
        lower_hex(&known[..2])?;
        let [high, low] = [&known[3..19], &known[19..35]].map(lower_hex);
        let trace_id = u128::from(high?) << 64 | u128::from(low?);
        let span_id = lower_hex(&known[36..52])?;
        let flags = u8::try_from(lower_hex(&known[53..])?).ok()?;
        (trace_id != 0 && span_id != 0).then_some(Self {
            trace_id,
            span_id,
            flags,
        })
    }

    pub(crate) fn header(self) -> HeaderValue {
        let value = HeaderValue::from_bytes(&self.text());
        once(value.expect("hex and dashes are a valid header value"))
    }

    /// Written by hand, since every call of every service has one.
    fn text(self) -> [u8; LENGTH] {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        put_hex(&mut text[3..35], &self.trace_id.to_be_bytes());
        put_hex(&mut text[36..52], &self.span_id.to_be_bytes());
        put_hex(&mut text[53..], &[self.flags]);
        text
    }
}

/// The generator gives zero once in a very long time.
fn span_id() -> u64 {
    rand::random::<u64>().max(1)
}

/// Both digits of every byte.
const DIGITS: [[u8; 2]; 256] = {
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        let hex = b"0123456789abcdef";
        digits[byte] = [hex[byte >> 4], hex[byte & 0xf]];
        byte += 1;
    }
    digits
};

fn put_hex(into: &mut [u8], bytes: &[u8]) {
    for (pair, byte) in into.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&DIGITS[usize::from(*byte)]);
    }
}

/// What a byte is worth as a lower-case digit; more than 15 where it is none.
const VALUES: [u8; 256] = {
    let mut values = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// At most 16 lower-case digits.
fn lower_hex(text: &[u8]) -> Option<u64> {
    let (mut value, mut all) = (0, 0);
    for byte in text {
        let digit = VALUES[usize::from(*byte)];
        all |= digit;
        value = value << 4 | u64::from(digit & 0xf);
    }
    (all < 16).then_some(value)
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text();
        f.write_str(std::str::from_utf8(&text).expect("hex and dashes are text"))
    }
}

/// Ties `tracing` spans to the trace that crosses processes.
///
/// [`W3c`] needs no exporter. A process that exports spans replaces it by one
/// that asks its exporter for the ids, so that logs, headers and exported
/// spans agree.
pub trait Propagator: Send + Sync + 'static {
    /// A server span begins under `incoming`; answers the span's own place.
    fn adopt(&self, span: &Span, incoming: Option<TraceParent>) -> TraceParent;

    /// A client span begins under `current`; answers the place to send on.
    fn depart(&self, span: &Span, current: Option<TraceParent>) -> TraceParent;
}

/// Carries traces on without exporting them.
#[derive(Debug, Clone, Copy, Default)]
pub struct W3c;

impl Propagator for W3c {
    fn adopt(&self, _span: &Span, incoming: Option<TraceParent>) -> TraceParent {
        incoming.map_or_else(TraceParent::root, TraceParent::child)
    }

    fn depart(&self, _span: &Span, current: Option<TraceParent>) -> TraceParent {
        current.map_or_else(TraceParent::root, TraceParent::child)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_standards_example_reads_and_prints() {
        let parent = TraceParent::parse(EXAMPLE).unwrap();
        assert_eq!(parent.span_id, 0x00f0_67aa_0ba9_02b7);
        assert_eq!(parent.flags, 1);
        assert_eq!(parent.to_string(), EXAMPLE);
    }

    #[test]
    fn odd_values_start_a_new_trace() {
        for text in [
            "",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e47é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceParent::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_later_version_may_be_longer() {
        let text = EXAMPLE.replacen("00", "01", 1) + "-more";
        assert!(TraceParent::parse(&text).is_some());
    }

    #[test]
    fn a_child_stays_in_the_trace() {
        let root = TraceParent::root();
        let child = W3c.adopt(&Span::none(), Some(root));
        assert_eq!(child.trace_id, root.trace_id);
        assert_ne!(child.span_id, root.span_id);
    }

    proptest! {
        #[test]
        fn a_place_in_a_trace_reads_as_it_was_written(
            trace_id in 1..=u128::MAX, span_id in 1..=u64::MAX, flags in any::<u8>(),
        ) {
            let parent = TraceParent { trace_id, span_id, flags };
            let text = format!("00-{trace_id:032x}-{span_id:016x}-{flags:02x}");
            prop_assert_eq!(parent.to_string(), text.as_str());
            prop_assert_eq!(TraceParent::parse(&text), Some(parent));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = TraceParent::parse(&text);
        }
    }
}
