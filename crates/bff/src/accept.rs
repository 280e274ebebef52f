//! Content negotiation by the Accept header (RFC 9110, section 12.5.1).

use http::header::{ACCEPT, ACCEPT_ENCODING};
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

/// Refuses a caller who accepts none of the encodings there are, not even none
/// (RFC 9110, section 12.5.3).
pub(crate) fn require_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    const ENCODINGS: [&str; 3] = ["gzip", "br", "zstd"];
    let (mut plain, mut any) = (None, None);
    let mut refused = Vec::new();
    let values = headers.get_all(ACCEPT_ENCODING);
    for coding in values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let is_accepted = weight.is_none_or(|weight| weight.parse().is_ok_and(|q: f32| q > 0.0));
        match &*name {
            "identity" => plain = Some(is_accepted),
            "*" => any = Some(is_accepted),
            name => {
                let known = ENCODINGS.into_iter().find(|known| *known == name);
                match known {
                    Some(_) if is_accepted => return Ok(()),
                    Some(known) if !refused.contains(&known) => refused.push(known),
                    _ => {}
                }
            }
        }
    }
    // A body as it is may be sent to whoever does not say otherwise. A star
    // stands for every encoding that is not named.
    let is_any_left = any == Some(true) && refused.len() < ENCODINGS.len();
    if plain.or(any).unwrap_or(true) || is_any_left {
        return Ok(());
    }
    Err(not_acceptable(
        "Answers come as they are, or encoded by gzip, br or zstd.",
    ))
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

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{ACCEPT_ENCODING, require_encoding};

    #[test]
    fn who_accepts_no_encoding_at_all_is_told() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            require_encoding(&headers)
        };
        for fine in [
            &[][..],
            &[""],
            &["gzip"],
            &["deflate"],
            &["*"],
            &["gzip;q=0"],
            &["identity;q=0, br"],
            &["identity;q=0", "ZSTD;q=0.5"],
            &["identity;q=0, *"],
            &["*;q=0, identity"],
            &["*;q=0, gzip;q=0.001"],
            &["identity;q=0, gzip;q=0, *;q=0.1"],
        ] {
            assert!(of(fine).is_ok(), "{fine:?}");
        }
        for none in [
            &["identity;q=0"][..],
            &["identity; q=0.0, deflate"],
            &["*;q=0"],
            &["gzip;q=0, *;q=0"],
            &["identity;q=0", "gzip;q=0"],
            &["identity;q=0, gzip;q=0, br;q=0, zstd;q=0, *"],
        ] {
            assert!(of(none).is_err(), "{none:?}");
        }
    }
}
