//! Checks of uploads, redirects, cookies and bodies.

use prost_reflect::MessageDescriptor;

use super::method::{Findings, has_plain_string};
use crate::kind::{Shape, Typed, Value};
use crate::model::{Body, CookieBinding, Session, Upload};

/// What one gRPC message holds, less room for its other fields.
const MAX_BODY_BYTES: u32 = 4 * 1024 * 1024 - 64 * 1024;

pub(super) fn check(findings: &mut Findings<'_>) {
    upload(findings);
    redirect(findings);
    cookies(findings);
    if findings.method.exposure.max_body_bytes > MAX_BODY_BYTES {
        findings.add(format!(
            "max_body_bytes is at most {MAX_BODY_BYTES}: a body is one gRPC message"
        ));
    }
}

fn upload(findings: &mut Findings<'_>) {
    let method = findings.method;
    let Some(upload) = &method.exposure.upload else {
        return;
    };
    if !method.rpc.is_client_streaming() {
        findings.add("`upload` is set, but the RPC does not take a stream");
        return;
    }
    parts(findings, upload, &method.rpc.input());
    let head = method.head();
    for name in [&upload.content_type, &upload.filename] {
        if !name.is_empty() && !has_plain_string(&head, name) {
            findings.add(format!(
                "`upload` names `{name}`, which is no plain string of {}",
                head.full_name()
            ));
        }
    }
    for kind in &upload.types {
        if !is_media_range(kind) {
            findings.add(format!("`{kind}` is not a media type such as image/png"));
        }
    }
    let verbs = if upload.bare {
        &["POST", "PUT", "PATCH"][..]
    } else {
        &["POST", "PUT"]
    };
    for binding in &method.bindings {
        if !verbs.contains(&binding.verb.as_str()) || binding.body != Body::Whole {
            findings.add(format!(
                "{} {} is an upload, so it needs {} and `body: \"*\"`",
                binding.verb,
                binding.path,
                verbs.join(" or ")
            ));
        }
    }
    if upload.bare {
        bare(findings, upload);
    }
}

/// Bytes without a form say nothing of themselves but their type.
fn bare(findings: &mut Findings<'_>, upload: &Upload) {
    if upload.types.is_empty() {
        findings.add("a bare `upload` needs `types`: what else would tell it from a form?");
    }
    if upload.told().next().is_some() {
        findings.add("a bare `upload` has neither `filename` nor `content_type`");
    }
    if upload.types.iter().any(|kind| kind.ends_with("/*")) {
        findings.add("the `types` of a bare `upload` are stated in full");
    }
}

/// The header is a message and the chunk is bytes, members of one oneof.
fn parts(findings: &mut Findings<'_>, upload: &Upload, input: &MessageDescriptor) {
    let member = |name: &str| {
        let field = input.get_field_by_name(name)?;
        let typed = Typed::of(&field);
        matches!(typed.shape, Shape::Oneof).then(|| (field.containing_oneof(), typed.value))
    };
    let header = member(&upload.header);
    if !matches!(&header, Some((_, Value::Message(_)))) {
        findings.add(format!(
            "the `header` of `upload` is `{}`, which is no message in a oneof of {}",
            upload.header,
            input.full_name()
        ));
    }
    let chunk = member(&upload.chunk);
    if !matches!(&chunk, Some((_, Value::Scalar("bytes")))) {
        findings.add(format!(
            "the `chunk` of `upload` is `{}`, which is no bytes in a oneof of {}",
            upload.chunk,
            input.full_name()
        ));
    }
    if let (Some((one, _)), Some((other, _))) = (header, chunk)
        && one != other
    {
        findings.add("header and chunk of `upload` are not of one oneof");
    }
}

fn is_media_range(text: &str) -> bool {
    let is_token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || b"0123456789.+-*".contains(&byte))
    };
    text.split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && kind != "*" && is_token(subtype))
}

fn redirect(findings: &mut Findings<'_>) {
    let exposure = &findings.method.exposure;
    if exposure.redirect.is_empty() {
        return;
    }
    let output = findings.method.rpc.output();
    let mut wrong = Vec::new();
    if !has_plain_string(&output, &exposure.redirect) {
        wrong.push(format!(
            "`redirect` names `{}`, which is no plain string of {}",
            exposure.redirect,
            output.full_name()
        ));
    }
    if !matches!(exposure.status, 0 | 301 | 302 | 303 | 307 | 308) {
        wrong.push(format!(
            "status {} does not redirect: 301, 302, 303, 307 or 308 do",
            exposure.status
        ));
    }
    if findings.method.rpc.is_server_streaming() {
        wrong.push("`redirect` is for RPCs that answer once".to_owned());
    }
    if exposure.session == Session::Start && exposure.request_cookies.is_empty() {
        wrong.push(
            "a session that starts by redirect needs `request_cookies`, which show that this \
             browser began it"
                .to_owned(),
        );
    }
    wrong.into_iter().for_each(|text| findings.add(text));
}

fn cookies(findings: &mut Findings<'_>) {
    let exposure = findings.method.exposure.clone();
    let (head, output) = (findings.method.head(), findings.method.rpc.output());
    for binding in &exposure.request_cookies {
        name(findings, binding);
        let is_bare = binding.max_age_seconds == 0 && binding.path.is_empty() && !binding.clear;
        if !is_bare {
            findings.add("`request_cookies` take `cookie` and `field` only");
        }
        bound(findings, binding, &head, "request");
    }
    for binding in &exposure.response_cookies {
        name(findings, binding);
        if !binding.path.is_empty() && !is_path(&binding.path) {
            findings.add(format!("`{}` is not a cookie's path", binding.path));
        }
        if binding.clear {
            if !binding.field.is_empty() || binding.max_age_seconds > 0 {
                findings.add(format!(
                    "cookie `{}` is cleared, so it has neither field nor max_age_seconds",
                    binding.cookie
                ));
            }
            continue;
        }
        if binding.max_age_seconds == 0 {
            findings.add(format!("cookie `{}` needs max_age_seconds", binding.cookie));
        }
        bound(findings, binding, &output, "answer");
    }
    if findings.method.rpc.is_server_streaming() && !exposure.response_cookies.is_empty() {
        findings.add("the headers of a stream are sent before its messages: no `response_cookies`");
    }
}

fn name(findings: &mut Findings<'_>, binding: &CookieBinding) {
    let is_name = !binding.cookie.is_empty()
        && binding.cookie.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
        });
    if !is_name {
        findings.add(format!("`{}` is not a cookie's name", binding.cookie));
    }
}

fn bound(
    findings: &mut Findings<'_>,
    binding: &CookieBinding,
    message: &MessageDescriptor,
    whose: &str,
) {
    if !has_plain_string(message, &binding.field) {
        findings.add(format!(
            "cookie `{}` is bound to `{}`, which is no plain string of the {whose}",
            binding.cookie, binding.field
        ));
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b';')
}
