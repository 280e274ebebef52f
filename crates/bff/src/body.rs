//! Reading request bodies within bounds.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use tonic::Code;

use crate::problem::Problem;

/// What of a body that is too large is read and forgotten before the answer.
const MAX_DRAIN_BYTES: usize = 256 << 20;
/// And for how long.
const MAX_DRAIN: Duration = Duration::from_secs(5);

/// Reads a whole body.
///
/// # Errors
/// 413 past `limit_bytes`, 408 past `timeout`, 400 when the client stops
/// short, 415 for an encoded body.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit_bytes: usize,
    timeout: Duration,
) -> Result<Bytes, Problem> {
    require_plain(headers)?;
    let mut body = body;
    if stated_length(headers).is_some_and(|length| length > limit_bytes as u64) {
        drain(&mut body, timeout).await;
        return Err(too_large(limit_bytes));
    }
    match tokio::time::timeout(timeout, collect(&mut body, limit_bytes)).await {
        Ok(Ok(Some(collected))) => Ok(collected),
        Ok(Ok(None)) => {
            drain(&mut body, timeout).await;
            Err(too_large(limit_bytes))
        }
        Ok(Err(_)) => Err(incomplete()),
        Err(_) => Err(late()),
    }
}

/// Refuses a body that is encoded.
pub(crate) fn require_plain(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => Err(
            unsupported("Request bodies are taken without Content-Encoding."),
        ),
        _ => Ok(()),
    }
}

/// The length that a request states for its body.
pub(crate) fn stated_length(headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    value.parse().ok()
}

pub(crate) fn incomplete() -> Problem {
    Problem::invalid("BODY_INCOMPLETE", "The request body did not arrive whole.")
}

pub(crate) fn late() -> Problem {
    Problem::new(
        Code::DeadlineExceeded,
        "BODY_TIMEOUT",
        "The request body did not arrive in time.",
    )
    .with_status(StatusCode::REQUEST_TIMEOUT)
}

/// The body, or `None` once it passes the limit.
async fn collect(body: &mut Body, limit_bytes: usize) -> Result<Option<Bytes>, axum::Error> {
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            if collected.len() + data.len() > limit_bytes {
                return Ok(None);
            }
            collected.extend_from_slice(&data);
        }
    }
    Ok(Some(collected.freeze()))
}

/// Reads on and forgets, within bounds. A client that is still sending when
/// the connection closes sees a reset and never the answer that says why.
pub(crate) async fn drain(body: &mut Body, timeout: Duration) {
    let forget = async {
        let mut forgotten = 0;
        while forgotten < MAX_DRAIN_BYTES {
            match body.frame().await {
                Some(Ok(frame)) => {
                    forgotten += frame.data_ref().map_or(0, Bytes::len);
                }
                _ => break,
            }
        }
    };
    drop(tokio::time::timeout(timeout.min(MAX_DRAIN), forget).await);
}

pub(crate) fn too_large(limit_bytes: impl std::fmt::Display) -> Problem {
    Problem::new(
        Code::ResourceExhausted,
        "BODY_TOO_LARGE",
        format!("The request body is larger than {limit_bytes} bytes."),
    )
    .with_status(StatusCode::PAYLOAD_TOO_LARGE)
}

pub(crate) fn unsupported(detail: &'static str) -> Problem {
    Problem::new(Code::InvalidArgument, "UNSUPPORTED_MEDIA_TYPE", detail)
        .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

/// Refuses a body that does not say it is JSON in UTF-8.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let is_json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    if !is_json {
        return Err(unsupported("The request body must be application/json."));
    }
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    match charset.map(|charset| charset.trim_matches('"')) {
        None | Some("utf-8" | "utf8") => Ok(()),
        Some(_) => Err(unsupported("JSON is taken in UTF-8 only.")),
    }
}
