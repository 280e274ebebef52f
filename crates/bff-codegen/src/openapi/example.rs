//! Examples, made from types, names and rules so that they are never out of
//! date.

use heck::ToSnakeCase;
use prost_reflect::{DynamicMessage, MessageDescriptor};

use super::constraints;
use super::doc::Doc;
use crate::emit::{Context, Seen};
use crate::kind::{HTTP_BODY, Shape, Value};
use crate::model::options::{boolean, message as nested, text, texts, validation};

/// How deep examples go.
const MAX_DEPTH: usize = 4;

/// Whose example it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// A request: without what only the server sets.
    Request,
    /// An answer.
    Answer,
}

/// An example of a message without the fields named.
pub(super) fn message(
    message: &MessageDescriptor,
    side: Side,
    context: &Context<'_>,
    without: &[String],
) -> Doc {
    object(message, side, context, without, 0)
}

fn object(
    message: &MessageDescriptor,
    side: Side,
    context: &Context<'_>,
    without: &[String],
    depth: usize,
) -> Doc {
    let mut members = Vec::new();
    let mut oneofs: Vec<String> = Vec::new();
    for seen in context.fields(message) {
        // Keys and tokens of the protocol would only distract.
        let is_plumbing = ["request_id", "update_mask", "page_token", "next_page_token"]
            .contains(&seen.field.name());
        let is_theirs = side == Side::Request && (seen.output_only || can_be_left_out(&seen));
        if is_plumbing || is_theirs || without.iter().any(|name| name == seen.field.name()) {
            continue;
        }
        if let (Shape::Oneof, Some(oneof)) = (&seen.typed.shape, seen.field.containing_oneof()) {
            if oneofs.iter().any(|name| name == oneof.name()) {
                continue;
            }
            oneofs.push(oneof.name().to_owned());
        }
        if let Some(example) = field(&seen, side, context, depth) {
            members.push((seen.field.json_name().to_owned(), example));
        }
    }
    Doc::Object(members)
}

/// What a request is better without: references to things that a reader does
/// not have, and values that count only where they are not zero.
fn can_be_left_out(seen: &Seen) -> bool {
    let refers = seen.field.name().ends_with("_id") && !constraints::is_required(seen);
    refers || constraints::skips_zero(seen)
}

/// An example of a field; none where nothing sensible can be made up.
pub(super) fn field(seen: &Seen, side: Side, context: &Context<'_>, depth: usize) -> Option<Doc> {
    let rules = validation(&seen.field);
    match &seen.typed.shape {
        Shape::List => {
            let items = rules
                .and_then(|rules| nested(&rules, "repeated"))
                .and_then(|list| nested(&list, "items"));
            let one = value(seen, side, items.as_ref(), context, depth)?;
            Some(Doc::List(vec![one]))
        }
        Shape::Map(_) => None,
        _ => value(seen, side, rules.as_ref(), context, depth),
    }
}

fn value(
    seen: &Seen,
    side: Side,
    rules: Option<&DynamicMessage>,
    context: &Context<'_>,
    depth: usize,
) -> Option<Doc> {
    match &seen.typed.value {
        Value::Scalar("string") | Value::Wrapper("string", _) => {
            string(&telling_name(seen), rules).map(Doc::Text)
        }
        Value::Scalar(word) | Value::Wrapper(word, _) => Some(match *word {
            "bool" => Doc::Bool(true),
            "int64" | "uint64" => Doc::text("42"),
            "float" | "double" => Doc::number(0.5),
            "bytes" => Doc::text("Y292ZXI="),
            _ => Doc::number(whole(seen.field.name(), rules, word)),
        }),
        Value::Enum(known) => {
            let first = known.values().find(|value| value.number() != 0);
            first.map(|value| Doc::text(value.name()))
        }
        Value::Time("timestamp", _) => Some(Doc::text("2026-01-02T03:04:05Z")),
        Value::Time(..) => Some(Doc::text("1.500s")),
        Value::FieldMask(_) | Value::Json(_) | Value::Any => None,
        Value::Message(message) if message.full_name() == HTTP_BODY => None,
        Value::Message(message) => {
            (depth < MAX_DEPTH).then(|| object(message, side, context, &[], depth + 1))
        }
    }
}

/// A field's name; the `id` of a `User` is a `user_id`.
fn telling_name(seen: &Seen) -> String {
    if seen.field.name() != "id" {
        return seen.field.name().to_owned();
    }
    let message = seen.field.parent_message().name().to_snake_case();
    format!("{}_id", message.rsplit('_').next().unwrap_or_default())
}

fn string(name: &str, rules: Option<&DynamicMessage>) -> Option<String> {
    let rules = rules.and_then(|rules| nested(rules, "string"));
    if let Some(rules) = &rules {
        let stated = texts(rules, "example")
            .into_iter()
            .chain(texts(rules, "in"))
            .next();
        if stated.is_some() {
            return stated;
        }
        if boolean(rules, "email") {
            return Some("ada@example.com".to_owned());
        }
        if boolean(rules, "uuid") {
            return Some("0192f0c4-7a1e-7c3a-9b55-3f0b6c1d2e4f".to_owned());
        }
        if boolean(rules, "uri") {
            return Some("https://example.com/cover.png".to_owned());
        }
        if !text(rules, "pattern").is_empty() {
            return None;
        }
    }
    Some(by_name(name))
}

/// What a field of this name is likely to hold.
fn by_name(name: &str) -> String {
    let last = name.rsplit('_').next().unwrap_or(name);
    let known = match name {
        "title" => "Ten quiet habits",
        "subtitle" => "A small book about long days",
        "email" => "ada@example.com",
        "password" => "correct horse battery staple",
        "display_name" | "name" => "Ada",
        "preset" => "youtube",
        "format" => "png",
        "content_type" => "image/png",
        "reason" => "CONTENT_BLOCKED",
        "message" => "The title is not allowed.",
        "language" => "en",
        "category" => "editorial",
        _ => match last {
            "url" => "https://example.com/cover.png",
            "token" => "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
            "id" => return format!("{}_0192f0c47a1e7c3a9b553f0b6c1d2e4f", id_prefix(name)),
            "address" => "203.0.113.7",
            "agent" => "Mozilla/5.0",
            _ => return name.replace('_', "-"),
        },
    };
    known.to_owned()
}

/// The prefix that ids of this kind print.
fn id_prefix(name: &str) -> String {
    const KNOWN: [(&str, &str); 10] = [
        ("user", "usr"),
        ("workspace", "wks"),
        ("session", "ses"),
        ("cover", "cov"),
        ("task", "tsk"),
        ("asset", "ast"),
        ("export", "exp"),
        ("template", "tpl"),
        ("violation", "vio"),
        ("request", "req"),
    ];
    let word = name.split('_').next().unwrap_or(name);
    if let Some((_, prefix)) = KNOWN.iter().find(|(known, _)| *known == word) {
        return (*prefix).to_owned();
    }
    let letters: String = word
        .chars()
        .filter(|letter| !"aeiou".contains(*letter))
        .take(3)
        .collect();
    if letters.is_empty() {
        "id".to_owned()
    } else {
        letters
    }
}

fn whole(name: &str, rules: Option<&DynamicMessage>, word: &str) -> i64 {
    let by_name = match name {
        "width" => Some(1280),
        "height" => Some(720),
        "page_size" | "limit" => Some(20),
        "expires_in" => Some(900),
        "quality" => Some(85),
        _ => None,
    };
    let least = rules
        .and_then(|rules| nested(rules, word))
        .filter(|rules| rules.has_field_by_name("gte"))
        .and_then(|rules| {
            rules
                .get_field_by_name("gte")
                .and_then(|value| value.as_i32())
        })
        .map(i64::from);
    by_name.unwrap_or_else(|| least.unwrap_or(1).max(1))
}
