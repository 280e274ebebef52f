//! One operation per verb and path.

use super::doc::Doc;
use super::example::Side;
use super::schema::Schemas;
use super::{example, fixed, flow, guidance, parameters};
use crate::emit::Seen;
use crate::kind::HTTP_BODY;
use crate::model::{Auth, Body, Http, Idempotency, Method, Stream};
use crate::source::first_sentence;

/// The verbs a binding answers to.
pub(super) fn verbs(http: &Http) -> Vec<&'static str> {
    match http.verb.as_str() {
        "GET" => vec!["get"],
        "PUT" => vec!["put"],
        "POST" => vec!["post"],
        "DELETE" => vec!["delete"],
        "PATCH" => vec!["patch"],
        "HEAD" => vec!["head"],
        "OPTIONS" => vec!["options"],
        "TRACE" => vec!["trace"],
        "*" => vec!["get", "put", "post", "delete", "patch"],
        // Verbs that OpenAPI has no word for.
        _ => Vec::new(),
    }
}

pub(super) fn operation(
    method: &Method,
    http: &Http,
    index: usize,
    verb: &str,
    schemas: &mut Schemas<'_>,
) -> Doc {
    let comment = &method.place.comment;
    let summary = if method.exposure.summary.is_empty() {
        first_sentence(comment)
    } else {
        method.exposure.summary.clone()
    };
    let mut described = Doc::object([
        (
            "operationId",
            Doc::text(operation_id(method, http, index, verb)),
        ),
        ("tags", Doc::texts([method.tag.as_str()])),
        ("summary", Doc::text(summary)),
        ("description", Doc::text(comment)),
    ]);
    let mut listed = parameters::parameters(method, http, schemas);
    listed.extend(flow::protocol(method, http));
    let is_json = is_json(method, http);
    if is_json {
        listed.push(Doc::reference("parameters", "Fields"));
    }
    let has_etag = flow::has_etag(method);
    if has_etag && verb == "get" {
        listed.push(Doc::reference("parameters", "IfNoneMatch"));
    }
    listed.extend(guidance::parameters(method, http, schemas));
    if !listed.is_empty() {
        described.set("parameters", Doc::List(listed));
    }
    if let Some(body) = request_body(method, http, schemas) {
        described.set("requestBody", body);
    }
    described.set("responses", responses(method, http, verb, schemas));
    described.set("security", security(method, schemas));
    guidance::deprecate(method, &mut described);
    let rate = &method.exposure.rate;
    if !rate.is_empty() {
        described.set("x-rate-class", Doc::text(rate));
    }
    described
}

pub(super) fn operation_id(method: &Method, http: &Http, index: usize, verb: &str) -> String {
    let mut id = format!(
        "{}_{}",
        method.rpc.parent_service().name(),
        method.rpc.name()
    );
    if index > 0 {
        id.push_str(&(index + 1).to_string());
    }
    if http.verb == "*" {
        id.push('_');
        id.push_str(verb);
    }
    id
}

fn is_json(method: &Method, http: &Http) -> bool {
    let output = method.rpc.output();
    let is_body = output.full_name() == HTTP_BODY || method.exposure.stream == Stream::Body;
    !is_body && http.response_body.is_empty() && method.exposure.status != 204
}

fn request_body(method: &Method, http: &Http, schemas: &mut Schemas<'_>) -> Option<Doc> {
    if let Some(upload) = &method.exposure.upload {
        return Some(flow::upload_body(method, http, upload, schemas));
    }
    let input = method.rpc.input();
    let taken = parameters::taken(method, http);
    let (schema, example) = match &http.body {
        Body::None => return None,
        Body::Whole if input.full_name() == HTTP_BODY => return Some(any_body()),
        Body::Whole if taken.is_empty() => (
            schemas.message(&input),
            example::message(&input, Side::Request, schemas.context, &[]),
        ),
        Body::Whole => (
            schemas.object(&input, &taken),
            example::message(&input, Side::Request, schemas.context, &taken),
        ),
        Body::Field(name) => {
            let seen = find(&schemas.context.fields(&input), name)?;
            if seen
                .typed
                .value
                .message()
                .is_some_and(|m| m.full_name() == HTTP_BODY)
            {
                return Some(any_body());
            }
            let example = example::field(&seen, Side::Request, schemas.context, 0);
            (
                schemas.property(&seen),
                example.unwrap_or_else(|| Doc::object([])),
            )
        }
    };
    let mut content = Doc::object([("schema", schema)]);
    if !example.is_empty() {
        content.set("example", example);
    }
    Some(Doc::object([
        ("required", Doc::Bool(true)),
        ("content", Doc::object([("application/json", content)])),
    ]))
}

fn find(fields: &[Seen], name: &str) -> Option<Seen> {
    let found = fields
        .iter()
        .find(|seen| [seen.field.name(), seen.field.json_name()].contains(&name))?;
    Some(Seen {
        field: found.field.clone(),
        typed: found.typed.clone(),
        output_only: found.output_only,
    })
}

fn any_body() -> Doc {
    Doc::object([
        ("required", Doc::Bool(true)),
        ("content", Doc::object([("*/*", Doc::object([]))])),
    ])
}

fn responses(method: &Method, http: &Http, verb: &str, schemas: &mut Schemas<'_>) -> Doc {
    let has_etag = verb == "get" && flow::has_etag(method);
    let exposure = &method.exposure;
    let redirects = !exposure.redirect.is_empty();
    let status = match exposure.status {
        0 => 200,
        _ if redirects => 200,
        stated => stated,
    };
    let mut success = Doc::object([("description", Doc::text("Success."))]);
    let mut headers = flow::answer_headers(method);
    guidance::headers(method, &mut headers);
    if !headers.is_empty() && !redirects {
        success.set("headers", headers);
    }
    if status != 204 {
        success.set("content", content(method, http, schemas));
    }
    if let Some(links) = guidance::links(method, http, schemas) {
        success.set("links", links);
    }
    let mut all = Doc::object([]);
    if let Some(socket) = guidance::socket(method, verb) {
        all.set("101", socket);
    }
    all.set(&status.to_string(), success);
    if redirects {
        let (status, answer) = flow::redirect(exposure.status);
        all.set(&status, answer);
    }
    if flow::takes_ranges(method) {
        let part = Doc::object([
            ("description", Doc::text("The range asked for.")),
            ("content", content(method, http, schemas)),
        ]);
        all.set("206", part);
    }
    if has_etag {
        let text = "The copy at hand is still good.";
        all.set("304", Doc::object([("description", Doc::text(text))]));
    }
    let mut refusal = |status: &str, name: &str| {
        all.set(status, Doc::reference("responses", name));
    };
    refusal("400", "BadRequest");
    if !exposure.auth.as_ref().is_some_and(|auth| auth.public) {
        refusal("401", "Unauthorized");
        refusal("403", "Forbidden");
    }
    if !http.template.variables.is_empty() {
        refusal("404", "NotFound");
    }
    if exposure.idempotency != Idempotency::None {
        refusal("409", "Conflict");
        refusal("422", "Unprocessable");
    }
    for status in flow::refusals(method, http) {
        refusal(status, "Problem");
    }
    refusal("429", "TooManyRequests");
    for (_, status) in &exposure.reason_status {
        refusal(&status.to_string(), "Problem");
    }
    refusal("default", "Problem");
    all
}

fn content(method: &Method, http: &Http, schemas: &mut Schemas<'_>) -> Doc {
    let output = method.rpc.output();
    if output.full_name() == HTTP_BODY || method.exposure.stream == Stream::Body {
        return Doc::object([("*/*", Doc::object([]))]);
    }
    let schema = match find(&schemas.context.fields(&output), &http.response_body) {
        Some(seen) => schemas.property(&seen),
        None => schemas.message(&output),
    };
    let schema = guidance::with_links(schema, method, http, schemas);
    let mut body = Doc::object([("schema", schema)]);
    match method.exposure.stream {
        Stream::None => {
            if http.response_body.is_empty() {
                let example = example::message(&output, Side::Answer, schemas.context, &[]);
                if !example.is_empty() {
                    body.set("example", example);
                }
            }
            Doc::object([("application/json", body)])
        }
        _ => Doc::object([
            ("text/event-stream", body.clone()),
            ("application/x-ndjson", body),
        ]),
    }
}

fn security(method: &Method, schemas: &Schemas<'_>) -> Doc {
    let auth: Auth = method.exposure.auth.clone().unwrap_or_default();
    if auth.public {
        return Doc::List(Vec::new());
    }
    let names = fixed::security_names(schemas.context.generator.audience);
    let schemes = names
        .iter()
        .map(|name| Doc::object([(name, Doc::List(Vec::new()))]));
    Doc::List(schemes.collect())
}
