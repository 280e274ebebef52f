//! Checks of one RPC.

use std::collections::HashSet;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::{compose, flows, guidance, protocol, resolve};
use crate::BuildError;
use crate::kind::{HTTP_BODY, Shape, Typed, Value};
use crate::model::options::FieldExposure;
use crate::model::{Api, Body, HeaderBinding, Http, Idempotency, Method, Session, Stream};
use crate::source::Place;

/// Collects what is wrong, each at the place to mend it.
pub(super) struct Findings<'a> {
    pub(super) method: &'a Method,
    errors: &'a mut Vec<BuildError>,
}

impl Findings<'_> {
    pub(super) fn add(&mut self, text: impl Into<String>) {
        self.errors.push(self.method.place.error(text));
    }
}

pub(super) fn check(method: &Method, api: &Api, errors: &mut Vec<BuildError>) {
    let mut findings = Findings { method, errors };
    auth(&mut findings);
    statuses(&mut findings);
    streams(&mut findings);
    idempotency(&mut findings);
    sessions(&mut findings);
    headers(&mut findings);
    flows::check(&mut findings);
    protocol::check(&mut findings);
    compose::check(&mut findings);
    guidance::check(&mut findings, api);
    for binding in &method.bindings {
        self::binding(binding, &mut findings);
    }
    no_any(&mut findings, &method.rpc.input());
    no_any(&mut findings, &method.rpc.output());
}

fn auth(findings: &mut Findings<'_>) {
    let Some(auth) = &findings.method.exposure.auth else {
        return;
    };
    if auth.public && (!auth.permission.is_empty() || !auth.scopes.is_empty()) {
        findings.add("`auth` cannot be public and ask for a permission or scopes");
    }
    if auth.public && findings.method.exposure.admin {
        findings.add("`auth` cannot be public where only admins may call");
    }
}

fn statuses(findings: &mut Findings<'_>) {
    let exposure = &findings.method.exposure;
    let is_success = (200..300).contains(&exposure.status);
    if exposure.status != 0 && exposure.redirect.is_empty() && !is_success {
        let text = format!("status {} is not one of success", exposure.status);
        findings.add(text);
    }
    for (reason, status) in &exposure.reason_status {
        if !(400..600).contains(status) {
            findings.add(format!("{reason} is mapped to {status}, which is no error"));
        }
    }
}

fn streams(findings: &mut Findings<'_>) {
    let rpc = &findings.method.rpc;
    let is_body = rpc.output().full_name() == HTTP_BODY;
    let mode = findings.method.exposure.stream;
    if rpc.is_client_streaming() {
        if findings.method.exposure.upload.is_none() {
            findings
                .add("client streaming needs an upload binding: `upload: {header: … chunk: …}`");
        }
        if rpc.is_server_streaming() {
            findings.add("an upload answers once: no server stream beside it");
        }
        return;
    }
    match (rpc.is_server_streaming(), mode) {
        (false, Stream::None) => {}
        (false, Stream::Body) => {
            findings.add("BODY is for server streams; a unary HttpBody needs no `stream`");
        }
        (false, _) => findings.add("`stream` is set, but the RPC answers once"),
        (true, Stream::None) => findings.add("a server stream needs `stream`: SSE, NDJSON or BODY"),
        (true, Stream::Body) if !is_body => {
            findings.add("BODY needs a stream of google.api.HttpBody");
        }
        (true, Stream::Events | Stream::Lines) if is_body => {
            findings.add("a stream of google.api.HttpBody is sent as BODY");
        }
        (true, _) => {}
    }
    let is_messages = rpc.is_server_streaming() && mode != Stream::Body;
    if findings.method.exposure.shared && !is_messages {
        findings.add("`shared` is for server streams of messages, sent as SSE or NDJSON");
    }
    let status = findings.method.exposure.status;
    if rpc.is_server_streaming() && status == 204 {
        findings.add("a stream has content, so its status cannot be 204");
    }
}

fn idempotency(findings: &mut Findings<'_>) {
    if findings.method.exposure.idempotency == Idempotency::None {
        return;
    }
    if !has_plain_string(&findings.method.head(), "request_id") {
        findings.add("`idempotency` needs a field `string request_id` in the request");
    }
}

fn sessions(findings: &mut Findings<'_>) {
    let session = findings.method.exposure.session;
    let (input, output) = (findings.method.rpc.input(), findings.method.rpc.output());
    if matches!(session, Session::Start | Session::Refresh) {
        for name in ["access_token", "refresh_token"] {
            if !has_plain_string(&output, name) {
                findings.add(format!(
                    "`session` needs a field `string {name}` in the answer"
                ));
            }
        }
    }
    if session == Session::Refresh && !has_plain_string(&input, "refresh_token") {
        findings.add("`session` needs a field `string refresh_token` in the request");
    }
    if session != Session::None && findings.method.rpc.is_server_streaming() {
        findings.add("`session` is for unary RPCs");
    }
}

pub(super) fn has_plain_string(message: &MessageDescriptor, name: &str) -> bool {
    message.get_field_by_name(name).is_some_and(|field| {
        let typed = Typed::of(&field);
        matches!(typed.shape, Shape::Plain) && matches!(typed.value, Value::Scalar("string"))
    })
}

fn headers(findings: &mut Findings<'_>) {
    let exposure = findings.method.exposure.clone();
    let (input, output) = (findings.method.head(), findings.method.rpc.output());
    for binding in &exposure.request_headers {
        header(findings, binding, &input, "request");
    }
    for binding in &exposure.response_headers {
        header(findings, binding, &output, "answer");
        let resolved = resolve(&output, &binding.field);
        let plain = resolved.is_some_and(|resolved| {
            let typed = Typed::of(resolved.last());
            let is_scalar = matches!(typed.shape, Shape::Plain)
                && matches!(typed.value, Value::Scalar(word) if word != "bytes");
            is_scalar || matches!(typed.value, Value::Time("timestamp", _))
        });
        if !plain {
            findings.add(format!(
                "header `{}` can only be set from a scalar without presence, or from a time",
                binding.header
            ));
        }
    }
    if findings.method.rpc.is_server_streaming() && !exposure.response_headers.is_empty() {
        findings.add("the headers of a stream are sent before its messages: no `response_headers`");
    }
}

fn header(
    findings: &mut Findings<'_>,
    binding: &HeaderBinding,
    message: &MessageDescriptor,
    whose: &str,
) {
    let HeaderBinding { header, field } = binding;
    if !is_header_name(header) {
        findings.add(format!("`{header}` is not a header name"));
    }
    match resolve(message, field) {
        None => findings.add(format!(
            "header `{header}` is bound to `{field}`, which the {whose} does not have"
        )),
        Some(resolved) if !Typed::of(resolved.last()).is_textual() => findings.add(format!(
            "header `{header}` is bound to `{field}`, which no text can fill"
        )),
        Some(_) => {}
    }
}

pub(super) fn is_header_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn binding(binding: &Http, findings: &mut Findings<'_>) {
    let (input, output) = (findings.method.head(), findings.method.rpc.output());
    let mut seen = HashSet::new();
    for variable in &binding.template.variables {
        match resolve(&input, &variable.path) {
            None => findings.add(format!(
                "`{{{}}}` in {} names no field of {}",
                variable.path,
                binding.path,
                input.full_name()
            )),
            Some(resolved) if !Typed::of(resolved.last()).is_textual() => findings.add(format!(
                "`{{{}}}` in {} names a field that no text can fill",
                variable.path, binding.path
            )),
            Some(resolved) => {
                if FieldExposure::of(resolved.last()).sensitive {
                    findings.add(format!(
                        "`{{{}}}` in {} is sensitive, and paths are logged",
                        variable.path, binding.path
                    ));
                }
                if !seen.insert(resolved.json_path()) {
                    findings.add(format!(
                        "`{{{}}}` stands twice in {}",
                        variable.path, binding.path
                    ));
                }
            }
        }
    }
    if matches!(binding.verb.as_str(), "GET" | "HEAD") && binding.body != Body::None {
        findings.add(format!(
            "{} {} cannot have a body",
            binding.verb, binding.path
        ));
    }
    if let Body::Field(name) = &binding.body
        && field(&input, name).is_none()
    {
        findings.add(format!(
            "body `{name}` of {} {} is not a field of {}",
            binding.verb,
            binding.path,
            input.full_name()
        ));
    }
    let answer = &binding.response_body;
    if !answer.is_empty() {
        if field(&output, answer).is_none() {
            findings.add(format!(
                "response_body `{answer}` is not a field of {}",
                output.full_name()
            ));
        }
        if findings.method.rpc.is_server_streaming() {
            findings.add("response_body is for unary RPCs");
        }
    }
}

fn field(message: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    message
        .get_field_by_name(name)
        .or_else(|| message.get_field_by_json_name(name))
}

/// `google.protobuf.Any` has no JSON without a registry of types, which
/// generated code does not carry.
fn no_any(findings: &mut Findings<'_>, message: &MessageDescriptor) {
    if message.full_name() == HTTP_BODY {
        return;
    }
    let mut seen = HashSet::new();
    let mut open = vec![message.clone()];
    while let Some(message) = open.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        for field in message.fields() {
            match Typed::of(&field).value {
                Value::Any => {
                    let place = Place::of(&field.parent_file(), field.path());
                    findings.errors.push(place.error(format!(
                        "{} is a google.protobuf.Any, which {} cannot show outside the mesh",
                        field.full_name(),
                        findings.method.full_name()
                    )));
                }
                Value::Message(child) if child.full_name() != HTTP_BODY => open.push(child),
                _ => {}
            }
            if matches!(field.kind(), Kind::Message(ref group) if field.is_group() && !group.is_map_entry())
            {
                findings.add(format!("{} is a group", field.full_name()));
            }
        }
    }
}
