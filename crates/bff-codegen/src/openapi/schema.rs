//! JSON Schema of messages and enums.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{EnumDescriptor, MessageDescriptor};

use super::constraints;
use super::doc::Doc;
use super::fixed::{PROBLEM, problem_schema};
use super::guidance::{LINK, link_schema};
use crate::emit::{Context, Seen};
use crate::kind::{HTTP_BODY, Shape, Value};
use crate::model::Api;
use crate::model::options::FieldExposure;
use crate::source::Place;

/// The schemas that operations refer to, collected on the way.
pub(super) struct Schemas<'a> {
    pub(super) context: &'a Context<'a>,
    done: BTreeMap<String, Doc>,
    /// Full names of messages that stand in requests, and in answers.
    requested: BTreeSet<String>,
    answered: BTreeSet<String>,
    /// Component name of each full name: short where that is unambiguous.
    names: BTreeMap<String, String>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(context: &'a Context<'a>, api: &Api) -> Self {
        let mut schemas = Self {
            context,
            done: BTreeMap::new(),
            requested: BTreeSet::new(),
            answered: BTreeSet::new(),
            names: BTreeMap::new(),
        };
        let mut all = BTreeSet::new();
        for method in &api.methods {
            reach(&method.head(), context, &mut schemas.requested, &mut all);
            reach(
                &method.rpc.output(),
                context,
                &mut schemas.answered,
                &mut all,
            );
        }
        schemas.names = short_names(&all);
        schemas.done.insert(PROBLEM.to_owned(), problem_schema());
        schemas.done.insert(LINK.to_owned(), link_schema());
        schemas
    }

    pub(super) fn finish(self) -> Doc {
        Doc::Object(self.done.into_iter().collect())
    }

    fn name(&self, full_name: &str) -> String {
        let known = self.names.get(full_name).cloned();
        known.unwrap_or_else(|| full_name.replace('.', "_"))
    }

    /// A reference to a message's schema, which is added where it is new.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Doc {
        let name = self.name(message.full_name());
        if !self.done.contains_key(&name) {
            // The name is taken first, so that a message may contain itself.
            self.done.insert(name.clone(), Doc::object([]));
            let described = self.object(message, &[]);
            self.done.insert(name.clone(), described);
        }
        Doc::reference("schemas", &name)
    }

    /// A message's schema in place, without the fields named.
    pub(super) fn object(&mut self, message: &MessageDescriptor, without: &[String]) -> Doc {
        let is_request = self.requested.contains(message.full_name());
        let is_answer = self.answered.contains(message.full_name());
        let mut properties = Vec::new();
        let mut required = Vec::new();
        for seen in self.context.fields(message) {
            if without.iter().any(|name| name == seen.field.name()) {
                continue;
            }
            let json = seen.field.json_name().to_owned();
            let always_sent = !matches!(seen.typed.shape, Shape::Optional | Shape::Oneof);
            let is_required = match (is_request, is_answer) {
                (true, false) => constraints::is_required(&seen),
                (false, true) => always_sent,
                _ => false,
            };
            if is_required {
                required.push(json.clone());
            }
            properties.push((json, self.property(&seen)));
        }
        let mut described = Doc::object([("type", Doc::text("object"))]);
        let comment = Place::of(&message.parent_file(), message.path()).comment;
        if !comment.is_empty() {
            described.set("description", Doc::text(comment));
        }
        if !required.is_empty() {
            described.set("required", Doc::texts(required));
        }
        described.set("properties", Doc::Object(properties));
        if is_request && !is_answer {
            described.set("additionalProperties", Doc::Bool(false));
        }
        described
    }

    /// A field's schema with its comment and rules.
    pub(super) fn property(&mut self, seen: &Seen) -> Doc {
        let one = self.value(&seen.typed.value);
        let mut described = match &seen.typed.shape {
            Shape::List => Doc::object([
                ("type", Doc::text("array")),
                ("items", constraints::items(seen, one)),
            ]),
            Shape::Map(_) => Doc::object([
                ("type", Doc::text("object")),
                ("additionalProperties", constraints::items(seen, one)),
            ]),
            _ => one,
        };
        constraints::apply(seen, &mut described);
        let comment = Place::of(&seen.field.parent_file(), seen.field.path()).comment;
        if !comment.is_empty() {
            described.set("description", Doc::text(comment));
        }
        if seen.output_only {
            described.set("readOnly", Doc::Bool(true));
        }
        let exposure = FieldExposure::of(&seen.field);
        if exposure.sensitive && seen.field.name().contains("password") {
            described.set("format", Doc::text("password"));
        }
        if !exposure.since.is_empty() {
            described.set("x-since", Doc::text(exposure.since));
        }
        described
    }

    fn value(&mut self, value: &Value) -> Doc {
        match value {
            Value::Scalar(word) => scalar(word),
            Value::Enum(known) => self.enumeration(known),
            Value::Time("timestamp", _) => typed("string", "date-time"),
            Value::Time(..) => Doc::object([
                ("type", Doc::text("string")),
                ("pattern", Doc::text(r"^-?\d+(\.\d{1,9})?s$")),
            ]),
            Value::FieldMask(_) => Doc::object([("type", Doc::text("string"))]),
            Value::Wrapper(word, _) => scalar(word),
            Value::Json(message) => match message.name() {
                "Struct" => Doc::object([("type", Doc::text("object"))]),
                "ListValue" => Doc::object([("type", Doc::text("array"))]),
                _ => Doc::object([]),
            },
            Value::Message(message) => self.message(message),
            Value::Any => Doc::object([]),
        }
    }

    fn enumeration(&mut self, known: &EnumDescriptor) -> Doc {
        let name = self.name(known.full_name());
        if !self.done.contains_key(&name) {
            let values = known.values().map(|value| value.name().to_owned());
            let mut described = Doc::object([
                ("type", Doc::text("string")),
                ("enum", Doc::texts(values.collect::<Vec<_>>())),
            ]);
            let comment = Place::of(&known.parent_file(), known.path()).comment;
            if !comment.is_empty() {
                described.set("description", Doc::text(comment));
            }
            self.done.insert(name.clone(), described);
        }
        Doc::reference("schemas", &name)
    }
}

fn typed(kind: &str, format: &str) -> Doc {
    Doc::object([("type", Doc::text(kind)), ("format", Doc::text(format))])
}

fn scalar(word: &str) -> Doc {
    match word {
        "bool" => Doc::object([("type", Doc::text("boolean"))]),
        "int32" => typed("integer", "int32"),
        "uint32" => typed("integer", "uint32").with("minimum", Doc::number(0_u64)),
        "int64" | "uint64" => typed("string", word),
        "float" | "double" => typed("number", word),
        "bytes" => Doc::object([
            ("type", Doc::text("string")),
            ("contentEncoding", Doc::text("base64")),
        ]),
        _ => Doc::object([("type", Doc::text("string"))]),
    }
}

/// Adds the full names of a message and all that stands in it.
fn reach(
    message: &MessageDescriptor,
    context: &Context<'_>,
    into: &mut BTreeSet<String>,
    all: &mut BTreeSet<String>,
) {
    if message.full_name() == HTTP_BODY || !into.insert(message.full_name().to_owned()) {
        return;
    }
    all.insert(message.full_name().to_owned());
    for seen in context.fields(message) {
        match &seen.typed.value {
            Value::Message(child) => reach(child, context, into, all),
            Value::Enum(known) => {
                all.insert(known.full_name().to_owned());
            }
            _ => {}
        }
    }
}

/// `covergen.cover.v1.CoverTask.Status` is `CoverTask.Status`, unless two
/// packages have one.
fn short_names(all: &BTreeSet<String>) -> BTreeMap<String, String> {
    let short = |full: &str| {
        let segments: Vec<&str> = full.split('.').collect();
        let first = segments
            .iter()
            .position(|segment| segment.starts_with(|c: char| c.is_ascii_uppercase()));
        segments[first.unwrap_or(segments.len() - 1)..].join(".")
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for full in all {
        *counts.entry(short(full)).or_default() += 1;
    }
    all.iter()
        .map(|full| {
            let name = short(full);
            let is_unique = counts.get(&name) == Some(&1) && name != PROBLEM && name != LINK;
            (full.clone(), if is_unique { name } else { full.clone() })
        })
        .collect()
}
