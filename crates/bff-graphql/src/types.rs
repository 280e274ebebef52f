//! GraphQL types from JSON schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_graphql::dynamic::{
    Enum, Field, FieldFuture, FieldValue, InputValue, Object, Scalar, Schema as GraphSchema,
    TypeRef,
};
use async_graphql::{Name, Value};

use crate::Limits;
use crate::document::{Document, DocumentError, Parameter, Read, Schema};
use crate::resolve;

/// Anything at all: maps, and values whose form is not fixed.
const ANYTHING: &str = "JSON";

/// The types of one document.
struct Types<'a> {
    schemas: &'a BTreeMap<String, Schema>,
    /// Schemas that become types, found by following the answers.
    objects: BTreeSet<&'a str>,
    enums: BTreeSet<&'a str>,
}

/// The schema of a document's reads.
pub(crate) fn schema(text: &str, limits: Limits) -> Result<GraphSchema, DocumentError> {
    let document = Document::parse(text)?;
    let reads = document.reads();
    let mut types = Types {
        schemas: &document.components.schemas,
        objects: BTreeSet::new(),
        enums: BTreeSet::new(),
    };
    let mut query = Object::new("Query");
    for (name, read) in named(reads) {
        query = query.field(types.root(name, read));
    }
    types.follow();
    let mut builder = GraphSchema::build("Query", None, None)
        .limit_depth(limits.depth)
        .limit_complexity(limits.fields)
        .limit_recursive_depth(limits.depth + 4)
        .register(query)
        .register(Scalar::new(ANYTHING).description("Any JSON value."));
    for name in &types.objects {
        builder = builder.register(types.object(name));
    }
    for name in &types.enums {
        builder = builder.register(types.enumeration(name));
    }
    builder
        .finish()
        .map_err(|error| DocumentError::Schema(error.to_string()))
}

/// Root fields by name. Two services with a method of one name both put their
/// own name in front.
fn named(reads: Vec<Read>) -> Vec<(String, Read)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for read in &reads {
        *counts.entry(short(&read.method)).or_default() += 1;
    }
    reads
        .into_iter()
        .map(|read| {
            let short = short(&read.method);
            let name = if counts[&short] > 1 {
                lower_first(&format!("{}{}", read.service, upper_first(&short)))
            } else {
                short
            };
            (name, read)
        })
        .collect()
}

/// `GetCover` reads `cover`, `ListCovers` reads `covers`.
fn short(method: &str) -> String {
    let noun = ["Get", "List"]
        .into_iter()
        .find_map(|verb| method.strip_prefix(verb))
        .filter(|noun| noun.starts_with(|first: char| first.is_ascii_uppercase()));
    lower_first(noun.unwrap_or(method))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_ascii_lowercase().to_string() + chars.as_str())
        .unwrap_or_default()
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + chars.as_str())
        .unwrap_or_default()
}

/// A name that GraphQL takes.
fn legal(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "_")
}

fn is_legal(name: &str) -> bool {
    !name.starts_with("__")
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl<'a> Types<'a> {
    /// One route as a field of the query type.
    fn root(&mut self, name: String, read: Read) -> Field {
        let answer = self.named_type(&read.answer);
        let arguments: Vec<InputValue> = read
            .parameters
            .iter()
            .map(|one| self.argument(one))
            .collect();
        let (summary, deprecated) = (read.summary.clone(), read.deprecated);
        let read = Arc::new(read);
        let mut field = Field::new(name, TypeRef::named(answer), move |context| {
            let read = Arc::clone(&read);
            FieldFuture::new(async move {
                let answered = resolve::root(&read, &context).await;
                // Said here, since errors of resolvers are told without a path.
                answered.or_else(|error| {
                    let error = error.into_server_error(context.item.pos);
                    context.add_error(context.set_error_path(error));
                    Ok(None)
                })
            })
        })
        .description(summary);
        for argument in arguments {
            field = field.argument(argument);
        }
        if deprecated {
            field = field.deprecation(Some("see the OpenAPI document"));
        }
        field
    }

    fn argument(&mut self, parameter: &Parameter) -> InputValue {
        let (kind, is_list) = match parameter.schema.items.as_deref() {
            Some(items) => (self.named_type(items), true),
            None => (self.named_type(&parameter.schema), false),
        };
        let kind = match (is_list, parameter.place == "path") {
            (true, _) => TypeRef::named_nn_list(kind),
            (false, true) => TypeRef::named_nn(kind),
            (false, false) => TypeRef::named(kind),
        };
        InputValue::new(legal(&parameter.name), kind).description(&parameter.description)
    }

    /// Name of the type of a single value.
    fn named_type(&mut self, schema: &Schema) -> String {
        let Some(referred) = schema.referred() else {
            return scalar(schema).to_owned();
        };
        let Some((name, found)) = self.schemas.get_key_value(referred) else {
            return ANYTHING.to_owned();
        };
        if !found.choices.is_empty() {
            if !found
                .choices
                .iter()
                .all(|choice| choice.as_str().is_some_and(is_legal))
            {
                return TypeRef::STRING.to_owned();
            }
            self.enums.insert(name);
        } else if found.properties.keys().any(|name| is_legal(name)) {
            self.objects.insert(name);
        } else {
            return scalar(found).to_owned();
        }
        legal(name)
    }

    /// Finds every schema that the known ones lead to.
    fn follow(&mut self) {
        let mut done = BTreeSet::new();
        while let Some(name) = self
            .objects
            .iter()
            .find(|name| !done.contains(*name))
            .copied()
        {
            done.insert(name);
            for property in self.schemas[name].properties.values() {
                let inner = property.items.as_deref().unwrap_or(property);
                self.named_type(inner);
            }
        }
    }

    fn object(&self, name: &str) -> Object {
        let schema = &self.schemas[name];
        let mut object = Object::new(legal(name)).description(&schema.description);
        for (member, property) in &schema.properties {
            if is_legal(member) && !property.write_only {
                object = object.field(self.member(member, property));
            }
        }
        object
    }

    fn member(&self, name: &str, property: &Schema) -> Field {
        let inner = property.items.as_deref().unwrap_or(property);
        // Known by now, so that asking again adds nothing.
        let kind = Types {
            schemas: self.schemas,
            objects: BTreeSet::new(),
            enums: BTreeSet::new(),
        }
        .named_type(inner);
        let is_list = property.items.is_some();
        let reference = if is_list {
            TypeRef::named_nn_list(kind)
        } else {
            TypeRef::named(kind)
        };
        let key = Name::new(name);
        let choices = self.choices(inner);
        Field::new(name, reference, move |context| {
            let value = match context.parent_value.as_value() {
                Some(Value::Object(members)) => members.get(&key).cloned(),
                _ => None,
            };
            FieldFuture::Value(value.and_then(|value| given(value, &choices)))
        })
        .description(&property.description)
    }

    /// The values of an enum; empty for everything else.
    fn choices(&self, schema: &Schema) -> BTreeSet<String> {
        let found = schema.referred().and_then(|name| self.schemas.get(name));
        let choices = found.into_iter().flat_map(|found| &found.choices);
        choices
            .filter_map(|choice| choice.as_str().map(str::to_owned))
            .collect()
    }

    fn enumeration(&self, name: &str) -> Enum {
        let schema = &self.schemas[name];
        let mut known = Enum::new(legal(name)).description(&schema.description);
        for choice in schema.choices.iter().filter_map(|choice| choice.as_str()) {
            known = known.item(choice);
        }
        known
    }
}

/// A JSON value as the value of a field. One that the enum does not have, of a
/// service that is newer than this process, is none.
fn given(value: Value, choices: &BTreeSet<String>) -> Option<FieldValue<'static>> {
    let is_known = |value: &Value| match value {
        Value::String(text) => choices.is_empty() || choices.contains(text),
        Value::Number(_) => choices.is_empty(),
        _ => true,
    };
    match value {
        Value::Null => None,
        Value::List(values) => {
            let known = values.into_iter().filter(is_known).map(FieldValue::value);
            Some(FieldValue::list(known.collect::<Vec<_>>()))
        }
        value => is_known(&value).then(|| FieldValue::value(value)),
    }
}

/// The scalar of a schema that is neither an object nor an enum.
fn scalar(schema: &Schema) -> &'static str {
    if !schema.properties.is_empty() {
        return ANYTHING;
    }
    match (schema.kind.as_str(), schema.format.as_str()) {
        (Some("string"), _) => TypeRef::STRING,
        (Some("boolean"), _) => TypeRef::BOOLEAN,
        (Some("integer"), "int32") => TypeRef::INT,
        // Whole numbers past 32 bits have no type of their own.
        (Some("integer" | "number"), _) => TypeRef::FLOAT,
        _ => ANYTHING,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_legal, short};

    #[test]
    fn methods_read_as_nouns() {
        for (method, name) in [
            ("GetCover", "cover"),
            ("ListCovers", "covers"),
            ("GetQueueStats", "queueStats"),
            ("Listen", "listen"),
            ("SuggestTitles", "suggestTitles"),
        ] {
            assert_eq!(short(method), name);
        }
    }

    #[test]
    fn names_that_graphql_keeps_for_itself_are_not_used() {
        assert!(is_legal("_links"));
        for name in ["__type", "2nd", "a-b", ""] {
            assert!(!is_legal(name), "{name}");
        }
    }
}
