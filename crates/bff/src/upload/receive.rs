//! From a request to its file.

use std::time::Duration;

use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http_body::Body as _;

use super::Upload;
use super::disposition::Parameters;
use super::incoming::Incoming;
use super::multipart::{Head, Multipart, malformed};
use super::source::{Origin, Source};
use crate::body;
use crate::call::Call;
use crate::problem::Problem;
use crate::route::UploadRules;

const FORM: &str = "multipart/form-data";
/// Longest field of a form, in bytes.
const MAX_FIELD_BYTES: usize = 64 * 1024;
/// Most fields of a form.
const MAX_FIELDS: usize = 100;
/// What a form may hold beside its file, in bytes.
const MAX_BESIDE_BYTES: u64 = 1024 * 1024;

impl Call {
    /// Reads up to the first byte of the file. Fields of a form join the
    /// query's parameters, so that both are bound alike.
    ///
    /// # Errors
    /// 400 for a form that is malformed or has no file, 413 for one that says
    /// it is too large, 415 for a type that is not taken.
    pub async fn receive(&mut self) -> Result<Upload, Problem> {
        let (app, route) = (self.app.clone(), self.route());
        let Some(rules) = route.upload else {
            return Err(Problem::internal());
        };
        let limit_bytes = app.upload_limit(route, rules);
        body::require_plain(&self.headers)?;
        let timeout = Duration::from_millis(app.config.body_timeout_ms);
        let body = self.body.take().unwrap_or_default();
        let is_empty = body.is_end_stream() || body::stated_length(&self.headers) == Some(0);
        let mut incoming = Incoming::new(body, timeout);
        let kind = self.headers.get(CONTENT_TYPE);
        let kind = kind.and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let is_form = !rules.bare && essence(&kind) == FORM;
        let beside = if is_form { MAX_BESIDE_BYTES } else { 0 };
        if body::stated_length(&self.headers).is_some_and(|length| length > limit_bytes + beside) {
            incoming.drain().await;
            return Err(body::too_large(limit_bytes));
        }
        if is_form {
            let stated = Parameters::parse(&kind);
            let boundary = stated.as_ref().and_then(|kind| kind.get("boundary"));
            let mut form = Multipart::new(boundary.unwrap_or_default(), incoming)?;
            return match self.file_of(&mut form, rules).await {
                Ok((content_type, filename)) => Ok(Upload {
                    content_type,
                    filename,
                    source: Source::new(Origin::Form(Box::new(form)), limit_bytes),
                }),
                Err(problem) => {
                    form.incoming.drain().await;
                    Err(problem)
                }
            };
        }
        let settled = if rules.bare {
            exactly(&kind, is_empty, rules)
        } else {
            accepted(&kind, rules)
        };
        let content_type = match settled {
            Ok(content_type) => content_type,
            Err(problem) => {
                incoming.drain().await;
                return Err(problem);
            }
        };
        if rules.bare {
            return Ok(Upload {
                content_type,
                filename: String::new(),
                source: Source::new(Origin::Bare(incoming, bytes::Bytes::new()), limit_bytes)
                    .which_may_be_empty(),
            });
        }
        // Names beyond ASCII are met in the raw, as UTF-8.
        let named = self.headers.get(CONTENT_DISPOSITION);
        let named =
            named.and_then(|value| Parameters::parse(&String::from_utf8_lossy(value.as_bytes())));
        Ok(Upload {
            content_type,
            filename: named.and_then(|named| named.filename()).unwrap_or_default(),
            source: Source::new(Origin::Bare(incoming, bytes::Bytes::new()), limit_bytes),
        })
    }

    /// Takes the fields of a form, up to the file's head.
    async fn file_of(
        &mut self,
        form: &mut Multipart,
        rules: UploadRules,
    ) -> Result<(String, String), Problem> {
        for _ in 0..=MAX_FIELDS {
            let Some(head) = form.next_part().await? else {
                return Err(Problem::invalid_field(
                    "FILE_MISSING",
                    "file",
                    "is missing: one part of the form must be a file",
                ));
            };
            if head.is_file() {
                let content_type = accepted(&head.content_type, rules)?;
                return Ok((content_type, head.filename.unwrap_or_default()));
            }
            let field = field(form, head).await?;
            self.query.push(field);
        }
        Err(malformed(&format!("has more than {MAX_FIELDS} fields")))
    }
}

/// Reads one field of a form.
async fn field(form: &mut Multipart, head: Head) -> Result<(String, String), Problem> {
    let mut value = Vec::new();
    while let Some(piece) = form.next_piece().await? {
        value.extend_from_slice(&piece);
        if value.len() > MAX_FIELD_BYTES {
            let text = format!("is longer than {MAX_FIELD_BYTES} bytes");
            return Err(Problem::invalid_field("MALFORMED_FORM", head.name, text));
        }
    }
    match String::from_utf8(value) {
        Ok(value) => Ok((head.name, value)),
        Err(_) => Err(Problem::invalid_field(
            "MALFORMED_FORM",
            head.name,
            "is not UTF-8",
        )),
    }
}

/// A media type without its parameters, in lower case.
fn essence(stated: &str) -> String {
    let essence = stated.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The media type of bytes without a form, which must be stated unless there
/// is nothing.
fn exactly(stated: &str, is_empty: bool, rules: UploadRules) -> Result<String, Problem> {
    let essence = essence(stated);
    if rules.types.contains(&&*essence) || (essence.is_empty() && is_empty) {
        return Ok(essence);
    }
    let text = format!("must be {}", rules.types.join(" or "));
    let problem = body::unsupported("Bodies of this type are not taken here.");
    Err(problem.with_violation("Content-Type", text))
}

/// The media type without its parameters, or a refusal where it is not taken.
fn accepted(stated: &str, rules: UploadRules) -> Result<String, Problem> {
    let essence = essence(stated);
    if essence.is_empty() || essence == "application/octet-stream" {
        return Ok(String::new());
    }
    let is_taken = rules.types.is_empty()
        || rules.types.iter().any(|taken| {
            *taken == essence
                || taken
                    .strip_suffix('*')
                    .is_some_and(|kind| essence.starts_with(kind))
        });
    if is_taken {
        return Ok(essence);
    }
    let text = format!("must be one of {}", rules.types.join(", "));
    Err(body::unsupported("Files of this type are not taken here.").with_violation("file", text))
}
