//! Taking a request message from body, path, query and headers.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use uuid::Uuid;

use super::Call;
use crate::bind::Text;
use crate::body;
use crate::json::{self, Reader};
use crate::problem::Problem;
use crate::query::Binder;

/// Longest idempotency key, in characters.
const MAX_KEY_CHARS: usize = 128;

impl Call {
    async fn take_body(&mut self) -> Result<Bytes, Problem> {
        let Some(body) = self.body.take() else {
            return Ok(Bytes::new());
        };
        let timeout = Duration::from_millis(self.app.config.body_timeout_ms);
        let limit_bytes = self.app.body_limit(self.route());
        body::read(&self.headers, body, limit_bytes, timeout).await
    }

    /// Reads the JSON body with a generated function. An empty body is an
    /// empty message.
    ///
    /// # Errors
    /// When the body is not such a message, not JSON, or too large.
    pub async fn json<T: Default>(
        &mut self,
        read: impl FnOnce(&mut Reader<'_>) -> json::Result<T>,
    ) -> Result<T, Problem> {
        let bytes = self.take_body().await?;
        if bytes.is_empty() {
            return Ok(T::default());
        }
        body::require_json(&self.headers)?;
        let mut reader = Reader::new(&bytes);
        let value = read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }

    /// As [`json`](Self::json), also answering which fields were present, as
    /// paths for a field mask.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub async fn json_with_paths<T: Default>(
        &mut self,
        read: impl FnOnce(&mut Reader<'_>) -> json::Result<T>,
    ) -> Result<(T, Vec<String>), Problem> {
        let bytes = self.take_body().await?;
        if bytes.is_empty() {
            return Ok((T::default(), Vec::new()));
        }
        body::require_json(&self.headers)?;
        let mut reader = Reader::recording(&bytes);
        let value = read(&mut reader)?;
        reader.finish()?;
        Ok((value, reader.take_paths()))
    }

    /// Takes the body as it is, with its media type (google.api.HttpBody).
    ///
    /// # Errors
    /// When the body is too large or does not arrive.
    pub async fn raw_body(&mut self) -> Result<(String, Bytes), Problem> {
        let bytes = self.take_body().await?;
        let content_type = text_of(&self.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        Ok((content_type, bytes))
    }

    /// The path variable at `index` of the binding's list.
    #[must_use]
    pub fn variable(&self, index: usize) -> Text<'_> {
        let name = self.binding.variables[index].name;
        Text::new(name, self.variables[index].as_str())
    }

    /// Binds every query parameter with a generated function.
    ///
    /// # Errors
    /// For unknown, repeated and malformed parameters.
    pub fn query<T>(
        &self,
        message: &mut T,
        bind: fn(&mut T, &mut Binder<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut seen = HashSet::new();
        for (name, value) in &self.query {
            bind(message, &mut Binder::new(name, value, &mut seen))?;
        }
        Ok(())
    }

    /// What `?fields=` asks for, as paths for a backend's read mask.
    #[must_use]
    pub fn wanted_paths(&self) -> Option<Vec<String>> {
        self.projection.as_ref().map(crate::json::Projection::paths)
    }

    /// A request header bound to a field. Entity tags lose their quotes, and
    /// `If-Match: *` counts as absent: whatever is there matches.
    ///
    /// # Errors
    /// When the header is not visible text, or lists several entity tags.
    pub fn header(&self, name: &'static str) -> Result<Option<Text<'static>>, Problem> {
        let Some(value) = self.headers.get(name) else {
            return Ok(None);
        };
        let Ok(text) = value.to_str() else {
            return Err(Problem::invalid_field(
                "MALFORMED_HEADER",
                name,
                "is not visible ASCII",
            ));
        };
        let text = text.trim();
        let text = match name {
            "if-match" if text == "*" => return Ok(None),
            "if-match" | "if-none-match" | "if-range" => one_tag(name, text)?,
            _ => text,
        };
        Ok(Some(Text::new(name, text.to_owned())))
    }

    /// Refuses a parameter that a header gives as well: `json` and `proto` are
    /// its two spellings.
    ///
    /// # Errors
    /// When the query has it too.
    pub fn not_in_query(&self, header: &str, json: &str, proto: &str) -> Result<(), Problem> {
        let is_given = |(name, _): &(String, String)| name == json || name == proto;
        if self.query.iter().any(is_given) {
            let text = format!("is given twice: by the header `{header}` as well");
            return Err(Problem::invalid_field("DUPLICATE_PARAMETER", json, text));
        }
        Ok(())
    }

    /// Fills the idempotency key from its header. Without one a key is made,
    /// unless the route requires the caller's own.
    ///
    /// # Errors
    /// When the key is malformed, contradicts itself, or is required and
    /// missing.
    pub fn request_key(&self, field: &mut String, required: bool) -> Result<(), Problem> {
        let names = ["idempotency-key", "x-idempotency-key"];
        for name in names {
            let Some(value) = self.headers.get(name) else {
                continue;
            };
            let key = value.to_str().ok().map(unquoted).filter(|key| is_key(key));
            let Some(key) = key else {
                let text = format!("must be 1 to {MAX_KEY_CHARS} visible ASCII characters");
                return Err(Problem::invalid_field(
                    "INVALID_IDEMPOTENCY_KEY",
                    name,
                    text,
                ));
            };
            if !field.is_empty() && field.as_str() != key {
                return Err(Problem::invalid_field(
                    "INVALID_IDEMPOTENCY_KEY",
                    name,
                    "differs from the key given elsewhere in this request",
                ));
            }
            key.clone_into(field);
        }
        if !field.is_empty() {
            return Ok(());
        }
        if required {
            return Err(Problem::invalid_field(
                "IDEMPOTENCY_KEY_REQUIRED",
                "Idempotency-Key",
                "is required: send a fresh key, and the same one when you retry",
            ));
        }
        *field = Uuid::now_v7().to_string();
        Ok(())
    }
}

/// The one entity tag that a header names, or the date of an If-Range.
fn one_tag<'a>(name: &'static str, text: &'a str) -> Result<&'a str, Problem> {
    let strong = text.strip_prefix("W/").unwrap_or(text);
    let tag = strong
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'))
        .unwrap_or(strong);
    if tag.contains('"') {
        let text = "must be one entity tag: lists are not taken here";
        return Err(Problem::invalid_field("MALFORMED_HEADER", name, text));
    }
    Ok(tag)
}

/// The draft writes keys as quoted strings; most clients send them bare.
fn unquoted(value: &str) -> &str {
    let inner = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    inner.unwrap_or(value)
}

fn is_key(key: &str) -> bool {
    (1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
