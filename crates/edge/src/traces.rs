use std::io::Write as _;

use covergen_bff::{TRACEPARENT_BYTES, Traces};
use covergen_mesh::{Propagator as _, TraceParent};
use covergen_telemetry::OtelPropagator;
use tracing::Span;

/// Places of a BFF's spans, as the collector knows them.
#[derive(Debug, Clone, Copy)]
pub struct EdgeTraces;

impl Traces for EdgeTraces {
    fn adopt(&self, span: &Span, given: Option<&str>) -> [u8; TRACEPARENT_BYTES] {
        let own = OtelPropagator.adopt(span, given.and_then(TraceParent::parse));
        let mut text = [0; TRACEPARENT_BYTES];
        write!(&mut text[..], "{own}").expect("a place is written in so many bytes");
        text
    }
}
