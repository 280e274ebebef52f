//! Links, deprecations and sockets in the document.

use super::doc::Doc;
use super::operation::{operation_id, verbs};
use super::schema::Schemas;
use crate::check::resolve;
use crate::date;
use crate::emit::guidance::{leading, resumes};
use crate::emit::paging::items;
use crate::model::guidance::{Bound, Side};
use crate::model::{Body, Http, Method, Stream};

/// Parameters beside those of the request message.
pub(super) fn parameters(method: &Method, http: &Http, schemas: &Schemas<'_>) -> Vec<Doc> {
    let mut listed = Vec::new();
    if has_links(method, http, schemas) {
        listed.push(Doc::reference("parameters", "Prefer"));
    }
    if items(method, http).is_some() {
        listed.push(Doc::reference("parameters", "Page"));
    }
    let input = method.head();
    let has = |name: &str| input.get_field_by_name(name).is_some();
    if http.body == Body::None && has("page_size") && !has("limit") {
        listed.push(Doc::reference("parameters", "Limit"));
    }
    if resumes(method) {
        listed.push(Doc::reference("parameters", "LastEventId"));
    }
    listed
}

/// Whether answers of this binding may hold links.
fn has_links(method: &Method, http: &Http, schemas: &Schemas<'_>) -> bool {
    http.response_body.is_empty() && !leading(method, schemas.context.api).is_empty()
}

/// The links of a good answer as OpenAPI's own link objects.
pub(super) fn links(method: &Method, http: &Http, schemas: &Schemas<'_>) -> Option<Doc> {
    if !has_links(method, http, schemas) {
        return None;
    }
    let mut all = Doc::object([]);
    for (link, target, route) in leading(method, schemas.context.api) {
        let Some(verb) = verbs(route).into_iter().next() else {
            continue;
        };
        let mut parameters = Doc::object([]);
        for variable in &route.template.variables {
            let bound = link.bind.iter().find(|bound| bound.to == variable.path);
            let name = resolve(&target.head(), &variable.path)
                .map_or_else(|| variable.path.clone(), |found| found.json_path());
            if let Some(value) = bound.and_then(|bound| expression(bound, method, http)) {
                parameters.set(&name, Doc::text(value));
            }
        }
        let id = operation_id(target, route, 0, verb);
        let mut described = Doc::object([("operationId", Doc::text(id))]);
        if !parameters.is_empty() {
            described.set("parameters", parameters);
        }
        all.set(&link.rel, described);
    }
    Some(all)
}

/// Where a value is found, as a runtime expression.
fn expression(bound: &Bound, method: &Method, http: &Http) -> Option<String> {
    if !bound.text.is_empty() {
        return Some(bound.text.clone());
    }
    let (side, path) = bound.source()?;
    let message = match side {
        Side::Request => method.head(),
        Side::Answer => method.rpc.output(),
    };
    let found = resolve(&message, path)?;
    let name = found.json_path();
    let pointer = name.replace('.', "/");
    let in_path = |variable: &crate::template::Variable| {
        resolve(&message, &variable.path).is_some_and(|other| other.json_path() == name)
    };
    Some(match side {
        Side::Answer => format!("$response.body#/{pointer}"),
        Side::Request if http.template.variables.iter().any(in_path) => {
            format!("$request.path.{name}")
        }
        Side::Request => match &http.body {
            Body::None => format!("$request.query.{name}"),
            Body::Whole | Body::Field(_) => format!("$request.body#/{pointer}"),
        },
    })
}

/// A message's schema and the member that links stand in, which JSON Schema
/// 2020-12 lets stand beside a reference.
pub(super) fn with_links(schema: Doc, method: &Method, http: &Http, schemas: &Schemas<'_>) -> Doc {
    if !has_links(method, http, schemas) {
        return schema;
    }
    let mut properties = Doc::object([]);
    for (link, _, _) in leading(method, schemas.context.api) {
        properties.set(&link.rel, Doc::reference("schemas", LINK));
    }
    let members = Doc::object([
        ("type", Doc::text("object")),
        ("description", Doc::text("Where to go from here.")),
        ("properties", properties),
    ]);
    schema.with("properties", Doc::object([("_links", members)]))
}

pub(super) const LINK: &str = "Link";

/// One member of `_links`.
pub(super) fn link_schema() -> Doc {
    let text = |text: &str| Doc::object([("type", Doc::text(text))]);
    Doc::object([
        ("type", Doc::text("object")),
        (
            "description",
            Doc::text("An address, and the method to call it by."),
        ),
        ("required", Doc::texts(["href", "method"])),
        (
            "properties",
            Doc::object([
                (
                    "href",
                    text("string").with("format", Doc::text("uri-reference")),
                ),
                ("method", text("string")),
            ]),
        ),
    ])
}

/// Marks the operation of a deprecated RPC.
pub(super) fn deprecate(method: &Method, described: &mut Doc) {
    let Some(told) = &method.exposure.deprecation else {
        return;
    };
    described.set("deprecated", Doc::Bool(true));
    described.set("x-deprecated-since", Doc::text(&told.since));
    if !told.sunset.is_empty() {
        described.set("x-sunset", Doc::text(&told.sunset));
    }
    if !told.successor.is_empty() {
        described.set("x-successor", Doc::text(&told.successor));
    }
    if !told.guide.is_empty() {
        let docs = Doc::object([
            ("description", Doc::text("What to use instead.")),
            ("url", Doc::text(&told.guide)),
        ]);
        described.set("externalDocs", docs);
    }
}

/// Headers by which a good answer tells of it.
pub(super) fn headers(method: &Method, headers: &mut Doc) {
    let Some(told) = &method.exposure.deprecation else {
        return;
    };
    let text = |example: String| {
        Doc::object([
            ("schema", Doc::object([("type", Doc::text("string"))])),
            ("example", Doc::text(example)),
        ])
    };
    if let Some(since) = date::parse(&told.since) {
        headers.set(
            "Deprecation",
            text(format!("@{}", date::unix_seconds(since))),
        );
    }
    if let Some(sunset) = date::parse(&told.sunset) {
        headers.set("Sunset", text(date::http(sunset)));
    }
    if !told.guide.is_empty() {
        headers.set(
            "Link",
            text(format!("<{}>; rel=\"deprecation\"", told.guide)),
        );
    }
}

/// What a stream of messages answers to those who ask for a WebSocket.
pub(super) fn socket(method: &Method, verb: &str) -> Option<Doc> {
    let is_stream = matches!(method.exposure.stream, Stream::Events | Stream::Lines);
    let text = "With `Upgrade: websocket`: each message is a text frame. A failed stream ends \
                with the frame `{\"error\": problem}` and code 1011, a good one with 1000.";
    (is_stream && verb == "get").then(|| Doc::object([("description", Doc::text(text))]))
}
