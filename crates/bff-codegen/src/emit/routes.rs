//! The tables of routes and bindings.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Context, compose, guidance, handler, quoted, shape_table};
use crate::Audience;
use crate::check::resolve;
use crate::kind::{HTTP_BODY, Typed};
use crate::model::protocol::Protocol;
use crate::model::{Api, Cache, Http, Method, Session, Stream, Upload};
use crate::names;
use crate::template::{Segment, Variable};

/// Deadline of a unary call that states none, in milliseconds.
const DEFAULT_DEADLINE_MS: u32 = 10_000;
/// Deadline of an upload that states none, in milliseconds.
const UPLOAD_DEADLINE_MS: u32 = 120_000;
/// Largest file of an upload that states none, in bytes.
const UPLOAD_MAX_BYTES: u64 = 16 * 1024 * 1024;

pub(super) fn routes(api: &Api, context: &Context<'_>) -> String {
    let mut out = String::new();
    let mut bindings = String::new();
    let mut rpcs = Vec::new();
    let mut domains = BTreeSet::new();
    let mut refresh_paths = BTreeSet::new();
    for method in &api.methods {
        out.push_str(&route(method, context));
        // gRPC-web has no client streams, and browsers upload by REST. Behind a
        // composed RPC there is no service.
        let composed = method.exposure.compose.is_some();
        if method.exposure.upload.is_none() && !composed {
            rpcs.push(method.full_name());
        }
        if composed {
            out.push_str(&compose::parts(method));
        } else {
            domains.insert(method.domain.clone());
        }
        for (index, http) in method.bindings.iter().enumerate() {
            bindings.push_str(&binding(method, http, index, context));
            let takes_token = method.head().get_field_by_name("refresh_token").is_some();
            let is_late = matches!(method.exposure.session, Session::Refresh | Session::End);
            if is_late && takes_token {
                refresh_paths.insert(http.path.clone());
            }
        }
    }
    rpcs.sort();
    let rpcs: String = rpcs
        .iter()
        .map(|name| format!("&{}, ", route_table(name)))
        .collect();
    let versions = api.versions();
    let list = |items: &BTreeSet<String>| {
        let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
        items.join(", ")
    };
    let _ = write!(
        out,
        "\n/// Everything this audience is offered.\npub static SURFACE: bff::Surface = bff::Surface {{\n    \
         audience: {},\n    prefix: {},\n    links_by_default: {},\n    bindings: &[\n{bindings}    ],\n    rpcs: &[{rpcs}],\n    \
         domains: &[{}],\n    refresh_paths: &[{}],\n    \
         openapi: include_str!(\"openapi.json\"),\n    versions: &[{}],\n}};\n",
        quoted(context.generator.audience.name()),
        quoted(&context.generator.prefix_in(versions[0])),
        context.generator.audience == Audience::Partner,
        list(&domains),
        list(&refresh_paths),
        self::versions(&versions, context),
    );
    out
}

/// The versions side by side, each with its document.
fn versions(numbers: &[u32], context: &Context<'_>) -> String {
    let mut out = String::new();
    for (index, number) in numbers.iter().enumerate() {
        let file = match index {
            0 => "openapi.json".to_owned(),
            _ => format!("openapi.v{number}.json"),
        };
        let _ = write!(
            out,
            "bff::Version {{ prefix: {}, openapi: include_str!({}) }}, ",
            quoted(&context.generator.prefix_in(*number)),
            quoted(&file)
        );
    }
    out
}

pub(super) fn route_table(full_name: &str) -> String {
    format!("ROUTE_{}", names::ident(&full_name.replace('/', ".")))
}

/// Whether administrators or moderators alone may call.
fn is_administrative(admin: bool, permission: &str) -> bool {
    admin || permission.ends_with(".admin") || permission.ends_with(".moderate")
}

fn route(method: &Method, context: &Context<'_>) -> String {
    let exposure = &method.exposure;
    let auth = exposure.auth.clone().unwrap_or_default();
    let name = method.full_name();
    let or = |given: u32, default: u32| if given == 0 { default } else { given };
    let reasons: Vec<String> = exposure
        .reason_status
        .iter()
        .map(|(reason, status)| format!("({}, {status})", quoted(reason)))
        .collect();
    let rate = match exposure.rate.as_str() {
        "" if is_administrative(exposure.admin, &auth.permission) => "admin",
        "" => "default",
        named => named,
    };
    let redirects = !exposure.redirect.is_empty();
    let deadline_ms = if exposure.upload.is_some() {
        UPLOAD_DEADLINE_MS
    } else {
        DEFAULT_DEADLINE_MS
    };
    let session = match exposure.session {
        Session::None => "None",
        Session::Start => "Start",
        Session::Refresh => "Refresh",
        Session::End => "End",
    };
    format!(
        "\nstatic {}: bff::Route = bff::Route {{ name: {}, grpc_path: {}, service: {}, domain: {}, \
         public: {}, permission: {}, scopes: &{:?}, admin: {}, rate: {}, deadline_ms: {}, \
         streaming: {}, shared: {}, status: {}, cache: {}, session: bff::SessionEffect::{session}, \
         redirects: {redirects}, upload: {}, body_limit_bytes: {}, \
         links: {}, resumes: {}, deprecation: {}, protocol: {}, reason_status: &[{}] }};\n",
        route_table(&name),
        quoted(&name),
        quoted(&format!("/{name}")),
        quoted(method.rpc.parent_service().full_name()),
        quoted(&method.domain),
        auth.public,
        quoted(&auth.permission),
        auth.scopes,
        exposure.admin,
        quoted(rate),
        or(exposure.deadline_ms, deadline_ms),
        method.rpc.is_server_streaming(),
        exposure.shared,
        or(exposure.status, if redirects { 302 } else { 200 }),
        exposure.cache.as_ref().map_or("None".to_owned(), cache),
        exposure.upload.as_ref().map_or("None".to_owned(), upload),
        exposure.max_body_bytes,
        !guidance::leading(method, context.api).is_empty(),
        guidance::resumes(method),
        exposure
            .deprecation
            .as_ref()
            .map_or("None".to_owned(), |told| guidance::deprecation(
                told,
                context.api
            )),
        exposure
            .protocol
            .as_ref()
            .map_or("None".to_owned(), protocol),
        reasons.join(", "),
    )
}

fn upload(upload: &Upload) -> String {
    let max_bytes = match upload.max_bytes {
        0 => UPLOAD_MAX_BYTES,
        stated => stated,
    };
    format!(
        "Some(bff::UploadRules {{ types: &{:?}, max_bytes: {max_bytes}, bare: {} }})",
        upload.types, upload.bare
    )
}

fn protocol(protocol: &Protocol) -> String {
    let offers: Vec<String> = protocol
        .offers
        .iter()
        .map(|(header, text)| format!("({}, {})", quoted(header), quoted(text)))
        .collect();
    format!(
        "Some(bff::Protocol {{ header: {}, version: {}, offered: {}, max_size: {}, offers: &[{}] }})",
        quoted(&protocol.header),
        quoted(&protocol.version),
        quoted(&protocol.offered),
        quoted(&protocol.max_size),
        offers.join(", ")
    )
}

fn cache(cache: &Cache) -> String {
    let vary: Vec<String> = cache
        .vary
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    format!(
        "Some(bff::CachePolicy {{ max_age_seconds: {}, private: {}, vary: &{vary:?}, etag: {}, immutable: {}, copies: {} }})",
        cache.max_age_seconds,
        cache.private,
        cache.etag,
        cache.immutable,
        guidance::copies(cache)
    )
}

fn binding(method: &Method, http: &Http, index: usize, context: &Context<'_>) -> String {
    let segments: String = http
        .template
        .segments
        .iter()
        .map(|segment| match segment {
            Segment::Literal(text) => format!("bff::Segment::Literal({}), ", quoted(text)),
            Segment::Any => "bff::Segment::Any, ".to_owned(),
            Segment::Rest => "bff::Segment::Rest, ".to_owned(),
        })
        .collect();
    let variables: String = http
        .template
        .variables
        .iter()
        .map(|variable| self::variable(method, variable))
        .collect();
    format!(
        "        bff::Binding {{ method: {}, path: {}, segments: &[{segments}], verb: {}, \
         variables: &[{variables}], route: &{}, answer: {}, successor: &[{}], handler: {} }},\n",
        quoted(&http.verb),
        quoted(&http.path),
        quoted(&http.template.verb),
        route_table(&method.full_name()),
        answer(method, http, context),
        guidance::successor(method, index, context.api),
        handler::name(method, index),
    )
}

fn variable(method: &Method, variable: &Variable) -> String {
    let resolved = resolve(&method.head(), &variable.path);
    let name = resolved.map_or_else(|| variable.path.clone(), |found| found.json_path());
    format!(
        "bff::Variable {{ name: {}, start: {}, end: {}, multiple: {} }}, ",
        quoted(&name),
        variable.start,
        variable.end,
        variable.multiple
    )
}

/// The shape of a JSON answer; none when the answer is a body or a scalar.
fn answer(method: &Method, http: &Http, context: &Context<'_>) -> String {
    let output = method.rpc.output();
    if method.exposure.stream == Stream::Body || output.full_name() == HTTP_BODY {
        return "None".to_owned();
    }
    if http.response_body.is_empty() {
        return format!("Some(&{})", shape_table(&output));
    }
    let fields = context.fields(&output);
    let message = fields
        .iter()
        .find(|seen| {
            [seen.field.name(), seen.field.json_name()].contains(&http.response_body.as_str())
        })
        .and_then(|seen| Typed::of(&seen.field).value.message().cloned())
        .filter(|message| message.full_name() != HTTP_BODY);
    message.map_or("None".to_owned(), |message| {
        format!("Some(&{})", shape_table(&message))
    })
}
