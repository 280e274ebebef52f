//! Uploads, cookies and redirects in handlers.

use super::{Context, quoted};
use crate::model::{CookieBinding, Method};
use crate::names;

/// Statements that fill the request from cookies and from what the file's
/// part says of itself.
pub(super) fn fill(method: &Method) -> Vec<String> {
    let exposure = &method.exposure;
    let cookies = exposure.request_cookies.iter().map(|binding| {
        format!(
            // Whatever a body said: only the cookie counts.
            "request.{} = call.cookie({}).unwrap_or_default();",
            names::field(&binding.field),
            quoted(&binding.cookie),
        )
    });
    let mut lines: Vec<String> = cookies.collect();
    if let Some(upload) = &exposure.upload {
        for (field, told) in [
            (&upload.content_type, "content_type"),
            (&upload.filename, "filename"),
        ] {
            if !field.is_empty() {
                let field = names::field(field);
                lines.push(format!("request.{field} = upload.{told}().to_owned();"));
            }
        }
    }
    lines
}

/// The statement that calls the backend.
pub(super) fn call(method: &Method, answer: &str, context: &Context<'_>) -> String {
    let input = method.rpc.input();
    let parts = method.exposure.upload.as_ref().and_then(|upload| {
        let header = input.get_field_by_name(&upload.header)?;
        Some((header.containing_oneof()?, upload))
    });
    let Some((oneof, upload)) = parts else {
        return format!("let answer: {answer} = call.unary(request).await?;");
    };
    let part = |member: &str, value: &str| {
        format!(
            "{} {{ {}: Some({}::{}({value})), ..Default::default() }}",
            context.rust_type(&input),
            names::field(oneof.name()),
            names::oneof(&oneof, context.generator),
            names::upper_camel(member),
        )
    };
    format!(
        "let answer: {answer} = call.send(upload, {}, |chunk| {}).await?;",
        part(&upload.header, "request.into()"),
        part(&upload.chunk, "chunk.into()"),
    )
}

/// Statements that set cookies and redirect, once there is an answer.
pub(super) fn answer(method: &Method, context: &Context<'_>) -> Vec<String> {
    let exposure = &method.exposure;
    let cookies = exposure.response_cookies.iter();
    let mut lines: Vec<String> = cookies
        .map(|binding| cookie(binding, method, context))
        .collect();
    if !exposure.redirect.is_empty() {
        let field = names::field(&exposure.redirect);
        lines.push(format!(
            "if !answer.{field}.is_empty() {{ return call.redirect(&answer.{field}); }}"
        ));
    }
    lines
}

fn cookie(binding: &CookieBinding, method: &Method, context: &Context<'_>) -> String {
    let path = if binding.path.is_empty() {
        "/".to_owned()
    } else {
        format!(
            "{}{}",
            context.generator.prefix_of(&binding.path, method.version),
            binding.path
        )
    };
    let (name, path) = (quoted(&binding.cookie), quoted(&path));
    if binding.clear {
        return format!("call.clear_cookie({name}, {path});");
    }
    let output = method.rpc.output();
    let json = output.get_field_by_name(&binding.field).map_or_else(
        || binding.field.clone(),
        |field| field.json_name().to_owned(),
    );
    format!(
        "call.set_cookie({name}, {path}, {}, {}, &answer.{})?;",
        binding.max_age_seconds,
        quoted(&json),
        names::field(&binding.field)
    )
}
