//! Answering: JSON, bodies, conditional requests, caching.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::Call;
use crate::json::Writer;
use crate::problem::Problem;

/// What no cache keeps, our own included.
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Room for the headers of most answers, those of the edge included.
const ANSWER_HEADERS: usize = 24;
/// What a body without a stated type is.
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

impl Call {
    /// Sets a header of the answer from a field; an empty value sets nothing.
    /// Entity tags gain their quotes.
    pub fn set_header(&mut self, name: &'static str, value: &str) {
        if value.is_empty() {
            return;
        }
        let name = HeaderName::from_static(name);
        let quoted = if name == ETAG && !value.ends_with('"') {
            format!("\"{value}\"")
        } else {
            value.to_owned()
        };
        // A value that cannot stand in a header is the backend's mistake; the
        // answer is still good without it.
        if let Ok(value) = HeaderValue::from_str(&quoted) {
            self.answer_headers.push((name, value));
        }
    }

    /// The answer is of something that is no use any more: HEAD says so, and
    /// none of what fields would tell of it.
    pub fn gone(&mut self) {
        if self.method == Method::HEAD {
            self.gone = true;
            self.answer_headers.clear();
        }
    }

    /// Sets a header of the answer from a time, as an HTTP date (RFC 9110,
    /// section 5.6.7). What no date can say sets nothing.
    pub fn set_date(&mut self, name: &'static str, unix_seconds: i64) {
        let Ok(at) = OffsetDateTime::from_unix_timestamp(unix_seconds) else {
            return;
        };
        let (weekday, month) = (at.weekday().to_string(), at.month().to_string());
        let text = format!(
            "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
            &weekday[..3],
            at.day(),
            &month[..3],
            at.year(),
            at.hour(),
            at.minute(),
            at.second()
        );
        self.set_header(name, &text);
    }

    /// Answers with a message as JSON.
    ///
    /// # Errors
    /// Never now; handlers end in a result.
    pub fn answer<T>(
        mut self,
        message: &T,
        write: impl FnOnce(&mut Writer, &T),
    ) -> Result<Response, Problem> {
        let mut writer = self.writer();
        write(&mut writer, message);
        Ok(self.written(writer))
    }

    /// A writer of what the caller wants of the answer.
    pub(super) fn writer(&mut self) -> Writer {
        Writer::projecting(self.projection.take(), std::mem::take(&mut self.omitted))
    }

    /// The answer that was written.
    pub(super) fn written(mut self, writer: Writer) -> Response {
        let mut json = writer.into_bytes();
        self.links.close(&mut json);
        self.finish(JSON, json.into())
    }

    /// Answers with a body as it is (google.api.HttpBody).
    ///
    /// # Errors
    /// Never now; handlers end in a result.
    pub fn answer_body(
        self,
        content_type: &str,
        data: impl Into<Bytes>,
    ) -> Result<Response, Problem> {
        let content_type = media_type(content_type);
        Ok(self.finish(content_type, data.into()))
    }

    fn finish(mut self, content_type: HeaderValue, bytes: Bytes) -> Response {
        if self.gone {
            return self.head(StatusCode::GONE, Body::empty());
        }
        let route = self.route();
        let makes_etag = route.cache.is_some_and(|cache| cache.etag);
        if makes_etag && !self.answer_headers.iter().any(|(name, _)| name == ETAG) {
            self.answer_headers.push((ETAG, weak_etag(&bytes)));
        }
        if self.is_fresh() {
            return self.head(StatusCode::NOT_MODIFIED, Body::empty());
        }
        // A redirect that has nowhere to go is a plain answer.
        let status = if route.redirects { 200 } else { route.status };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        if status == StatusCode::NO_CONTENT {
            return self.head(status, Body::empty());
        }
        let length = HeaderValue::from(bytes.len());
        let mut response = self.head(status, Body::from(bytes));
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response.headers_mut().insert(CONTENT_LENGTH, length);
        response
    }

    /// An answer with the headers settled so far and the caching policy.
    pub(crate) fn head(self, status: StatusCode, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let route = self.route();
        let headers = response.headers_mut();
        headers.reserve(ANSWER_HEADERS);
        headers.insert(CACHE_CONTROL, cache_control(route));
        for name in route.cache.iter().flat_map(|cache| cache.vary) {
            headers.append(VARY, HeaderValue::from_static(name));
        }
        if route.links {
            self.links.tell(headers);
        }
        let is_empty = matches!(status, StatusCode::NOT_MODIFIED | StatusCode::NO_CONTENT);
        for (name, value) in self.answer_headers {
            if name == http::header::SET_COOKIE {
                headers.append(name, value);
            } else if !(is_empty && name == CONTENT_LENGTH) {
                headers.insert(name, value);
            }
        }
        if self.fallback.load(Ordering::Relaxed) {
            headers.insert(CACHE_CONTROL, NO_STORE);
        }
        response
    }

    /// Whether the caller's copy is still good (RFC 9110, section 13.1.2).
    pub(crate) fn is_fresh(&self) -> bool {
        if !matches!(self.method, Method::GET | Method::HEAD) {
            return false;
        }
        let etag = self
            .answer_headers
            .iter()
            .find(|(name, _)| name == ETAG)
            .and_then(|(_, value)| value.to_str().ok());
        let wanted = self
            .headers
            .get(IF_NONE_MATCH)
            .and_then(|v| v.to_str().ok());
        let (Some(etag), Some(wanted)) = (etag, wanted) else {
            return false;
        };
        matches_etag(wanted, etag)
    }
}

/// The weak comparison of RFC 9110, section 8.8.3.2.
pub(crate) fn matches_etag(wanted: &str, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    wanted.trim() == "*" || wanted.split(',').any(|tag| opaque(tag) == opaque(etag))
}

/// A weak tag made from the content: weak because compression may change the
/// bytes that are sent.
pub(crate) fn weak_etag(bytes: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(bytes);
    let hex: String = digest[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    HeaderValue::from_str(&format!("W/\"{hex}\"")).expect("hexadecimal digits in quotes")
}

/// A media type that a header can carry.
pub(crate) fn media_type(text: &str) -> HeaderValue {
    let usable = text.contains('/').then(|| HeaderValue::from_str(text).ok());
    usable.flatten().unwrap_or(OCTETS)
}

fn cache_control(route: &crate::route::Route) -> HeaderValue {
    let Some(cache) = route.cache else {
        return NO_STORE;
    };
    // What only some callers may see must not stay in a shared cache,
    // whatever the annotation says.
    let scope = if cache.private || !route.public {
        "private"
    } else {
        "public"
    };
    let mut text = if cache.max_age_seconds == 0 {
        format!("{scope}, no-cache")
    } else {
        format!("{scope}, max-age={}", cache.max_age_seconds)
    };
    if cache.immutable {
        text.push_str(", immutable");
    }
    HeaderValue::from_str(&text).unwrap_or(NO_STORE)
}
