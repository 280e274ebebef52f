//! Content negotiation by the Accept header (RFC 9110, section 12.5.1).

use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};
use tonic::Code;

use crate::problem::Problem;
use crate::stream::Frames;

/// Refuses a caller who does not accept JSON.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    if quality(headers, "application", "json") > 0 {
        Ok(())
    } else {
        Err(not_acceptable("This route answers with application/json."))
    }
}

/// The framing of a stream that the caller likes best; on a tie, the route's.
pub(crate) fn frames(headers: &HeaderMap, by_default: Frames) -> Result<Frames, Problem> {
    let events = quality(headers, "text", "event-stream");
    let lines = quality(headers, "application", "x-ndjson");
    if events == 0 && lines == 0 {
        return Err(not_acceptable(
            "This route answers with text/event-stream or application/x-ndjson.",
        ));
    }
    Ok(match events.cmp(&lines) {
        std::cmp::Ordering::Greater => Frames::Events,
        std::cmp::Ordering::Less => Frames::Lines,
        std::cmp::Ordering::Equal => by_default,
    })
}

/// Whether a browser is asking for a page.
pub(crate) fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}

fn not_acceptable(detail: &'static str) -> Problem {
    Problem::new(Code::InvalidArgument, "NOT_ACCEPTABLE", detail)
        .with_status(StatusCode::NOT_ACCEPTABLE)
}

/// Quality of a media type in thousandths, by the most specific range that
/// covers it. A range written out in full weighs a little more than a
/// wildcard of the same quality, so that naming a type selects it.
fn quality(headers: &HeaderMap, kind: &str, subtype: &str) -> u32 {
    let mut best: Option<(u32, u32)> = None;
    let mut any = false;
    let values = headers.get_all(ACCEPT);
    for range in values
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
    {
        any = true;
        let mut parts = range.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
        let specificity = match essence.split_once('/') {
            Some((k, s)) if k == kind && s == subtype => 3,
            Some((k, "*")) if k == kind => 2,
            Some(("*", "*")) => 1,
            _ => continue,
        };
        let q = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(Some(1.0), |q| q.parse::<f32>().ok())
            .unwrap_or(0.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let thousandths = (q.clamp(0.0, 1.0) * 1000.0) as u32;
        if best.is_none_or(|(known, _)| specificity > known) {
            best = Some((specificity, thousandths));
        }
    }
    match best {
        Some((_, 0)) => 0,
        Some((3, q)) => q * 10 + 1,
        Some((_, q)) => q * 10,
        None if any => 0,
        None => 1000,
    }
}
