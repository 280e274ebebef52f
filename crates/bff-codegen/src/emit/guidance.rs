//! Links in handlers; deprecations and copies in the table of routes.

use std::fmt::Write as _;

use super::{Context, quoted};
use crate::check::resolve;
use crate::condition::Condition;
use crate::date;
use crate::kind::{Shape, Typed, Value};
use crate::model::guidance::{Deprecation, Link, Side};
use crate::model::{Api, Cache, Http, Method};
use crate::names;
use crate::template::Segment;
use crate::versions;

/// The links of a method that lead somewhere for this audience, each with
/// where it leads.
pub(crate) fn leading<'a>(
    method: &'a Method,
    api: &'a Api,
) -> Vec<(&'a Link, &'a Method, &'a Http)> {
    let links = method.exposure.links.iter();
    links
        .filter_map(|link| {
            let target = api.method(&link.rpc)?;
            Some((link, target, target.bindings.first()?))
        })
        .collect()
}

/// Statements before the call: what links read from the request, which the
/// call consumes.
pub(super) fn before(method: &Method, http: &Http, context: &Context<'_>) -> Vec<String> {
    if !http.response_body.is_empty() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for (at, (link, _, _)) in leading(method, context.api).iter().enumerate() {
        for (index, bound) in link.bind.iter().enumerate() {
            if let Some((Side::Request, path)) = bound.source() {
                let value = value(method, Side::Request, path);
                lines.push(format!(
                    "let asked_{at}_{index} = if call.wants_links() {{ {value} }} else {{ String::new() }};"
                ));
            }
        }
    }
    lines
}

/// Statements after it: the links themselves.
pub(super) fn after(method: &Method, http: &Http, context: &Context<'_>) -> Vec<String> {
    if !http.response_body.is_empty() {
        return Vec::new();
    }
    let links = leading(method, context.api);
    let links = links.iter().enumerate();
    links
        .map(|(at, (link, _, target))| {
            let parts = address(method, link, at, target);
            let holds = condition(method, &link.when)
                .map_or_else(String::new, |condition| format!(" && {}", condition.rust()));
            format!(
                "if call.wants_links(){holds} {{ call.link({}, {}, &[{parts}]); }}",
                quoted(&link.rel),
                quoted(&target.verb)
            )
        })
        .collect()
}

/// A condition on the answer, where there is one.
fn condition(method: &Method, text: &str) -> Option<Condition> {
    // What does not parse was told before anything is written.
    Condition::parse(text, &method.rpc.output()).ok()
}

/// The statement by which HEAD tells an answer as gone.
pub(super) fn gone(method: &Method) -> Option<String> {
    let protocol = method.exposure.protocol.as_ref()?;
    let condition = condition(method, &protocol.gone_when)?;
    Some(format!("if {} {{ call.gone(); }}", condition.rust()))
}

/// The statement that names what was made in `Location`.
pub(super) fn location(method: &Method, context: &Context<'_>) -> Option<String> {
    let link = method.exposure.location.as_ref()?;
    let target = context.api.method(&link.rpc)?.bindings.first()?;
    let parts = address(method, link, 0, target);
    Some(format!("call.locate(&[{parts}]);"))
}

/// The parts of a link's address.
fn address(method: &Method, link: &Link, at: usize, target: &Http) -> String {
    let mut parts = String::new();
    for part in parts_of(target) {
        let _ = match part {
            Part::Literal(text) => write!(parts, "bff::Part::Literal({}), ", quoted(&text)),
            Part::Variable { path, multiple } => {
                let kind = if multiple { "Path" } else { "Segment" };
                let value = bound(method, link, at, &path);
                write!(parts, "bff::Part::{kind}({value}), ")
            }
        };
    }
    parts
}

enum Part {
    Literal(String),
    Variable { path: String, multiple: bool },
}

/// A route's path, taken apart at its variables.
fn parts_of(http: &Http) -> Vec<Part> {
    let template = &http.template;
    let (mut parts, mut literal, mut index) = (Vec::new(), String::new(), 0);
    while index < template.segments.len() {
        literal.push('/');
        if let Some(variable) = template.variables.iter().find(|v| v.start == index) {
            parts.push(Part::Literal(std::mem::take(&mut literal)));
            parts.push(Part::Variable {
                path: variable.path.clone(),
                multiple: variable.multiple,
            });
            index = variable.end;
            continue;
        }
        match &template.segments[index] {
            Segment::Literal(text) => literal.push_str(text),
            Segment::Any | Segment::Rest => literal.push('-'),
        }
        index += 1;
    }
    if !template.verb.is_empty() {
        literal.push(':');
        literal.push_str(&template.verb);
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    parts
}

/// The expression that fills a variable.
fn bound(method: &Method, link: &Link, at: usize, variable: &str) -> String {
    let found = link.bind.iter().enumerate().find(|(_, b)| b.to == variable);
    let Some((index, bound)) = found else {
        return "String::new()".to_owned();
    };
    match bound.source() {
        _ if !bound.text.is_empty() => format!("{}.to_owned()", quoted(&bound.text)),
        Some((Side::Request, _)) => format!("asked_{at}_{index}.clone()"),
        Some((Side::Answer, path)) => value(method, Side::Answer, path),
        None => "String::new()".to_owned(),
    }
}

/// The text of a field; empty where it, or a message around it, is absent.
fn value(method: &Method, side: Side, path: &str) -> String {
    let (message, start) = match side {
        Side::Request => (method.head(), "&request"),
        Side::Answer => (method.rpc.output(), "&answer"),
    };
    let Some(resolved) = resolve(&message, path) else {
        return "String::new()".to_owned();
    };
    let (last, around) = resolved.steps.split_last().expect("a path has a last step");
    let mut out = format!("Some({start})");
    for step in around {
        let _ = write!(
            out,
            ".and_then(|m| m.{}.as_ref())",
            names::field(step.name())
        );
    }
    let typed = Typed::of(last);
    let field = names::field(last.name());
    let text = match (&typed.shape, &typed.value) {
        (Shape::Optional, _) => {
            format!(".and_then(|m| m.{field}.as_ref()).map(|v| v.to_string())")
        }
        (_, Value::Scalar("string" | "bool")) => format!(".map(|m| m.{field}.to_string())"),
        // A number that is not set names nothing.
        _ => format!(".map(|m| m.{field}.to_string()).filter(|text| text != \"0\")"),
    };
    format!("{out}{text}.unwrap_or_default()")
}

pub(super) fn deprecation(given: &Deprecation, api: &Api) -> String {
    let since = date::parse(&given.since).map_or(0, date::unix_seconds);
    let sunset = date::parse(&given.sunset).map_or_else(String::new, date::http);
    let link = if given.guide.is_empty() {
        String::new()
    } else {
        format!("<{}>; rel=\"deprecation\"; type=\"text/html\"", given.guide)
    };
    let successor = api.method(&given.successor);
    let successor = successor.map_or_else(String::new, |next| format!("/{}", next.full_name()));
    format!(
        "Some(bff::Deprecation {{ deprecation: {}, sunset: {}, link: {}, successor: {} }})",
        quoted(&format!("@{since}")),
        quoted(&sunset),
        quoted(&link),
        quoted(&successor)
    )
}

/// The path that takes over from a binding's, in pieces.
pub(super) fn successor(method: &Method, index: usize, api: &Api) -> String {
    let template = &method.bindings[index].template;
    let next = api.successor(method);
    let next = next.and_then(|next| versions::binding(next, index));
    let pieces = next.and_then(|next| versions::pieces(template, &next.template).ok());
    let pieces = pieces
        .unwrap_or_default()
        .into_iter()
        .map(|piece| match piece {
            versions::Piece::Text(text) => format!("bff::PathPiece::Text({}), ", quoted(&text)),
            versions::Piece::Segments(covered) => format!(
                "bff::PathPiece::Segments {{ start: {}, end: {}, multiple: {} }}, ",
                covered.start, covered.end, covered.multiple
            ),
        });
    pieces.collect()
}

pub(super) fn copies(cache: &Cache) -> String {
    if !cache.keeps_copies() {
        return "None".to_owned();
    }
    format!(
        "Some(bff::Copies {{ seconds: {}, purge_on: &{:?} }})",
        cache.copy_seconds(),
        cache.purge_on
    )
}

/// Whether a caller may name the last event in the query instead.
pub(crate) fn resumes(method: &Method) -> bool {
    let mut headers = method.exposure.request_headers.iter();
    headers.any(|binding| binding.header == "last-event-id")
        && method.head().get_field_by_name("last_event_id").is_none()
}
