//! How long a caller is ready to wait.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use tonic::Code;

use crate::problem::Problem;

/// gRPC's own header; its value is at most eight digits and a unit.
pub(crate) const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const REQUEST_TIMEOUT: HeaderName = HeaderName::from_static("request-timeout");

/// How much sooner than ours a backend's timer may go off: it is told whole
/// milliseconds.
const EARLIER: Duration = Duration::from_millis(10);

/// What a caller is told whose time is over.
pub(crate) fn over() -> Problem {
    Problem::new(
        Code::DeadlineExceeded,
        "DEADLINE_EXCEEDED",
        "The answer did not come in time.",
    )
}

/// Whether an answer only says that the time was over. tonic, on both sides of
/// a call, says CANCELLED for that, as if the caller had gone away.
pub(crate) fn is_over(code: Code, started: Instant, limit: Duration) -> bool {
    code == Code::Cancelled && started.elapsed() + EARLIER >= limit
}

/// The shortest time the caller asked for, by either header.
///
/// # Errors
/// When a header is there and malformed.
pub(crate) fn asked(headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
    let grpc = parsed(headers, &GRPC_TIMEOUT, parse_grpc)?;
    let request = parsed(headers, &REQUEST_TIMEOUT, parse_seconds)?;
    Ok(match (grpc, request) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    })
}

fn parsed(
    headers: &HeaderMap,
    name: &HeaderName,
    parse: fn(&str) -> Option<Duration>,
) -> Result<Option<Duration>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let duration = value.to_str().ok().and_then(parse);
    duration.map(Some).ok_or_else(|| {
        Problem::invalid_field("MALFORMED_TIMEOUT", name.as_str(), "is not a timeout")
    })
}

fn parse_grpc(text: &str) -> Option<Duration> {
    let unit = *text.as_bytes().last()?;
    let digits = text.get(..text.len() - 1)?;
    let well_formed =
        (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let amount: u64 = well_formed.then(|| digits.parse().ok()).flatten()?;
    Some(match unit {
        b'H' => Duration::from_secs(amount * 3600),
        b'M' => Duration::from_secs(amount * 60),
        b'S' => Duration::from_secs(amount),
        b'm' => Duration::from_millis(amount),
        b'u' => Duration::from_micros(amount),
        b'n' => Duration::from_nanos(amount),
        _ => return None,
    })
}

/// Seconds, with at most three digits of fraction.
fn parse_seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(whole, 6) || !digits(fraction, 3) {
        return None;
    }
    let millis: u64 = format!("{fraction:0<3}").parse().ok()?;
    Some(Duration::from_secs(whole.parse().ok()?) + Duration::from_millis(millis))
}

/// A duration as a `grpc-timeout` value, in milliseconds where they fit.
pub(crate) fn to_header(timeout: Duration) -> HeaderValue {
    let millis = timeout.as_millis();
    let text = if millis <= 99_999_999 {
        format!("{millis}m")
    } else {
        format!("{}S", timeout.as_secs().min(99_999_999))
    };
    HeaderValue::from_str(&text).expect("digits and a letter make a header value")
}
