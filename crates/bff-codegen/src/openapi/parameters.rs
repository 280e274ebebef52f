//! Parameters in path, query and headers.

use prost_reflect::MessageDescriptor;

use super::doc::Doc;
use super::schema::Schemas;
use crate::check::{Resolved, resolve};
use crate::emit::Seen;
use crate::kind::{HTTP_BODY, Shape, Typed};
use crate::model::options::FieldExposure;
use crate::model::{Body, Http, Idempotency, Method};
use crate::template::Segment;

/// How deep query parameters are listed; deeper ones work all the same.
const MAX_DEPTH: usize = 3;

/// The path as OpenAPI writes it: one name in braces per variable.
pub(super) fn documented_path(method: &Method, http: &Http) -> String {
    let mut path = String::new();
    let mut index = 0;
    while index < http.template.segments.len() {
        path.push('/');
        let variable = http.template.variables.iter().find(|v| v.start == index);
        if let Some(variable) = variable {
            let name = resolve(&method.head(), &variable.path)
                .map_or_else(|| variable.path.clone(), |resolved| resolved.json_path());
            path.push_str(&format!("{{{name}}}"));
            index = variable.end;
            continue;
        }
        match &http.template.segments[index] {
            Segment::Literal(text) => path.push_str(text),
            Segment::Any | Segment::Rest => path.push_str(&format!("{{segment{index}}}")),
        }
        index += 1;
    }
    if !http.template.verb.is_empty() {
        path.push(':');
        path.push_str(&http.template.verb);
    }
    path
}

/// Every parameter of a binding.
pub(super) fn parameters(method: &Method, http: &Http, schemas: &mut Schemas<'_>) -> Vec<Doc> {
    let mut listed = Vec::new();
    let input = method.head();
    for (index, segment) in http.template.segments.iter().enumerate() {
        let variables = &http.template.variables;
        if let Some(variable) = variables.iter().find(|v| v.start == index) {
            if let Some(resolved) = resolve(&input, &variable.path) {
                let name = resolved.json_path();
                listed.push(parameter("path", &name, true, &resolved, schemas));
            }
        } else if matches!(segment, Segment::Any | Segment::Rest)
            && !variables.iter().any(|v| v.start < index && index < v.end)
        {
            listed.push(Doc::object([
                ("name", Doc::text(format!("segment{index}"))),
                ("in", Doc::text("path")),
                ("required", Doc::Bool(true)),
                ("schema", Doc::object([("type", Doc::text("string"))])),
            ]));
        }
    }
    let is_bare = method
        .exposure
        .upload
        .as_ref()
        .is_some_and(|upload| upload.bare);
    if http.body != Body::Whole || is_bare {
        let taken = taken(method, http);
        query(&input, &mut Vec::new(), &taken, &mut listed, schemas);
    }
    for binding in &method.exposure.request_headers {
        // OpenAPI says of these that they are described elsewhere.
        let described_elsewhere = matches!(
            binding.header.as_str(),
            "accept" | "content-type" | "authorization"
        );
        if let Some(resolved) = resolve(&input, &binding.field)
            && !described_elsewhere
        {
            listed.push(parameter(
                "header",
                &binding.header,
                false,
                &resolved,
                schemas,
            ));
        }
    }
    for binding in &method.exposure.request_cookies {
        if let Some(resolved) = resolve(&input, &binding.field) {
            let described = parameter("cookie", &binding.cookie, false, &resolved, schemas);
            listed.push(described);
        }
    }
    match method.exposure.idempotency {
        Idempotency::None => {}
        Idempotency::Optional => listed.push(Doc::reference("parameters", "IdempotencyKey")),
        Idempotency::Required => {
            listed.push(Doc::reference("parameters", "RequiredIdempotencyKey"));
        }
    }
    listed
}

/// Fields that path or body fill, so that no parameter can.
pub(super) fn taken(method: &Method, http: &Http) -> Vec<String> {
    let input = method.head();
    let variables = http.template.variables.iter();
    let mut names: Vec<String> = variables
        .filter(|variable| !variable.path.contains('.'))
        .filter_map(|variable| resolve(&input, &variable.path))
        .map(|resolved| resolved.last().name().to_owned())
        .collect();
    if let Body::Field(name) = &http.body
        && let Some(resolved) = resolve(&input, name)
    {
        names.push(resolved.last().name().to_owned());
    }
    if let Some(upload) = &method.exposure.upload {
        names.extend(upload.told());
        names.push("request_id".to_owned());
    }
    names.extend(method.in_headers_alone());
    let cookies = method.exposure.request_cookies.iter();
    names.extend(cookies.map(|binding| binding.field.clone()));
    names
}

fn parameter(
    place: &str,
    name: &str,
    required: bool,
    resolved: &Resolved,
    schemas: &mut Schemas<'_>,
) -> Doc {
    let field = resolved.last().clone();
    let seen = Seen {
        typed: Typed::of(&field),
        output_only: FieldExposure::of(&field).output_only,
        field,
    };
    described(place, name, required, &seen, schemas)
}

fn described(
    place: &str,
    name: &str,
    required: bool,
    seen: &Seen,
    schemas: &mut Schemas<'_>,
) -> Doc {
    let mut schema = schemas.property(seen);
    let description = match &mut schema {
        Doc::Object(members) => {
            let at = members.iter().position(|(name, _)| name == "description");
            at.map(|at| members.remove(at).1)
        }
        _ => None,
    };
    let mut parameter = Doc::object([
        ("name", Doc::text(name)),
        ("in", Doc::text(place)),
        ("required", Doc::Bool(required)),
    ]);
    if let Some(description) = description {
        parameter.set("description", description);
    }
    parameter.set("schema", schema);
    parameter
}

fn query(
    message: &MessageDescriptor,
    path: &mut Vec<String>,
    taken: &[String],
    listed: &mut Vec<Doc>,
    schemas: &mut Schemas<'_>,
) {
    let is_root = path.is_empty();
    for seen in schemas.context.fields(message) {
        let is_taken = is_root && taken.iter().any(|name| name == seen.field.name());
        // The key of a request has its own header.
        let is_key = is_root && seen.field.name() == "request_id";
        if is_taken || is_key || seen.output_only {
            continue;
        }
        path.push(seen.field.json_name().to_owned());
        if let Some(child) = seen.typed.value.message() {
            let enters = matches!(seen.typed.shape, Shape::Optional)
                && child.full_name() != HTTP_BODY
                && path.len() < MAX_DEPTH;
            if enters {
                query(child, path, &[], listed, schemas);
            }
        } else if seen.typed.value.is_textual() && !matches!(seen.typed.shape, Shape::Map(_)) {
            listed.push(described("query", &path.join("."), false, &seen, schemas));
        }
        path.pop();
    }
}
