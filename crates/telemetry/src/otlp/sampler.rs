use opentelemetry::trace::{Link, SpanKind, TraceContextExt as _, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

/// Bits of a trace id that are random by W3C Trace Context level 2. A UUID has
/// its fixed bits elsewhere.
const RANDOM_BITS: u32 = 56;

/// Keeps a share of all traces, decided by their ids: every process decides
/// alike, and whatever a smaller share keeps, a larger one keeps as well.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    // A trace is kept when its random bits are not below.
    threshold: u64,
}

impl Share {
    /// `ratio` is from 0 to 1.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 2^56.
    pub(super) fn new(ratio: f64) -> Self {
        let all = 2_f64.powi(RANDOM_BITS.cast_signed());
        Self {
            threshold: ((1.0 - ratio) * all).round() as u64,
        }
    }

    fn keeps(self, trace_id: TraceId) -> bool {
        let [.., a, b, c, d, e, f, g] = trace_id.to_bytes();
        u64::from_be_bytes([0, a, b, c, d, e, f, g]) >= self.threshold
    }
}

impl ShouldSample for Share {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        _name: &str,
        _kind: &SpanKind,
        _attributes: &[KeyValue],
        _links: &[Link],
    ) -> SamplingResult {
        let state = parent.map(|parent| parent.span().span_context().trace_state().clone());
        SamplingResult {
            decision: if self.keeps(trace_id) {
                SamplingDecision::RecordAndSample
            } else {
                SamplingDecision::Drop
            },
            attributes: Vec::new(),
            trace_state: state.unwrap_or(TraceState::NONE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuid_like(number: u64) -> TraceId {
        // Odd multiples spread over all bits; version and variant are fixed.
        let spread = u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        let variant = (spread & !(0b11 << 62)) | (0b10 << 62);
        TraceId::from(variant)
    }

    #[test]
    fn all_or_nothing_at_the_ends() {
        for number in 1..1_000 {
            assert!(Share::new(1.0).keeps(uuid_like(number)));
            assert!(!Share::new(0.0).keeps(uuid_like(number)));
        }
    }

    #[test]
    fn the_share_is_right_for_uuids_too_and_grows_by_adding() {
        let (tenth, half) = (Share::new(0.1), Share::new(0.5));
        let kept: Vec<u64> = (1..=10_000)
            .filter(|number| tenth.keeps(uuid_like(*number)))
            .collect();
        assert!((900..1_100).contains(&kept.len()), "{}", kept.len());
        assert!(kept.iter().all(|number| half.keeps(uuid_like(*number))));
    }
}
