//! What differs between the OpenAPI documents of two versions, as the table of
//! a migration guide.
//!
//! Operations are the same where the older one names its successor, or where
//! both have one id. What one version has alone is not a difference: versions
//! stand beside each other, and the older one keeps what was not carried over.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Prints the table of what differs between two documents.
pub(crate) fn print(old: &Path, new: &Path) -> Result<()> {
    let read = |path: &Path| -> Result<Value> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    };
    let table = table(&Document(&read(old)?), &Document(&read(new)?));
    if table.is_empty() {
        bail!("no operation of {} takes over from another", new.display());
    }
    print!("{table}");
    Ok(())
}

/// One heading and table for each operation that differs.
fn table(old: &Document<'_>, new: &Document<'_>) -> String {
    let mut out = String::new();
    let later = new.operations();
    for (id, before) in old.operations() {
        let Some(after) = later.get(&successor(&id, before.described)) else {
            continue;
        };
        let (was, is) = (old.shape(&before), new.shape(after));
        let mut names: Vec<&String> = was.keys().chain(is.keys()).collect();
        names.sort();
        names.dedup();
        let mut rows = String::new();
        for name in names {
            let (was, is) = (was.get(name), is.get(name));
            if was != is {
                let name = match name.split_once(' ') {
                    Some((place, field)) => format!("{place} `{field}`"),
                    None => name.clone(),
                };
                let cell = |side: Option<&String>| side.map_or("—".to_owned(), |s| s.clone());
                let _ = writeln!(rows, "| {name} | {} | {} |", cell(was), cell(is));
            }
        }
        let (from, to) = (before.place(), after.place());
        let _ = write!(out, "### {from} → {to}\n\n");
        if rows.is_empty() {
            out.push_str("Nothing but the path.\n\n");
        } else {
            let _ = write!(out, "| | before | after |\n|---|---|---|\n{rows}\n");
        }
    }
    out
}

/// The id of the operation that takes over from one of that id.
fn successor(id: &str, described: &Value) -> String {
    let told = described["x-successor"].as_str();
    let Some((service, name)) = told.and_then(|told| told.split_once('/')) else {
        return id.to_owned();
    };
    let service = service.rsplit('.').next().unwrap_or(service);
    // Of several paths of an RPC, all but the first are numbered.
    let number = &id[id.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
    format!("{service}_{name}{number}")
}

struct Document<'d>(&'d Value);

struct Operation<'d> {
    verb: &'d str,
    path: &'d str,
    described: &'d Value,
}

impl Operation<'_> {
    fn place(&self) -> String {
        format!("`{} {}`", self.verb.to_uppercase(), self.path)
    }
}

impl<'d> Document<'d> {
    fn operations(&self) -> BTreeMap<String, Operation<'d>> {
        let mut operations = BTreeMap::new();
        for (path, item) in members(&self.0["paths"]) {
            for (verb, described) in members(item) {
                if let Some(id) = described["operationId"].as_str() {
                    let operation = Operation {
                        verb,
                        path,
                        described,
                    };
                    operations.insert(id.to_owned(), operation);
                }
            }
        }
        operations
    }

    /// Every parameter and every field of request and answer, with its type.
    fn shape(&self, operation: &Operation<'d>) -> BTreeMap<String, String> {
        let mut shape = BTreeMap::new();
        let described = operation.described;
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            let parameter = self.resolved(parameter);
            let place = parameter["in"].as_str().unwrap_or_default();
            // The path itself stands in the heading.
            if place == "path" {
                continue;
            }
            let name = parameter["name"].as_str().unwrap_or_default();
            let kind = self.kind(&parameter["schema"]);
            let kind = required(kind, parameter["required"] == true);
            shape.insert(format!("{place} {name}"), kind);
        }
        let bodies = members(&described["requestBody"]["content"]);
        for (_, body) in bodies {
            self.fields("request", "", &body["schema"], &mut Vec::new(), &mut shape);
        }
        for (status, answer) in members(&described["responses"]) {
            if status.starts_with('2') {
                let answer = self.resolved(answer);
                for (_, body) in members(&answer["content"]) {
                    self.fields("answer", "", &body["schema"], &mut Vec::new(), &mut shape);
                }
                shape.insert("status".to_owned(), status.to_owned());
            }
        }
        shape
    }

    fn fields(
        &self,
        side: &str,
        prefix: &str,
        schema: &'d Value,
        around: &mut Vec<&'d str>,
        shape: &mut BTreeMap<String, String>,
    ) {
        // A message may contain itself; once tells all of it.
        if let Some(name) = schema["$ref"].as_str() {
            if around.contains(&name) {
                return;
            }
            around.push(name);
        }
        let described = self.resolved(schema);
        let needs = |name: &str| {
            let required = described["required"].as_array();
            required.is_some_and(|all| all.iter().any(|one| one == name))
        };
        for (name, property) in members(&described["properties"]) {
            let path = format!("{prefix}{name}");
            let kind = self.kind(property);
            // What an answer always holds, and whether, is no matter of types.
            let kind = required(kind, side == "request" && needs(name));
            shape.insert(format!("{side} {path}"), kind);
            let inner = self.resolved(property);
            let (one, suffix) = match inner["type"].as_str() {
                Some("array") => (&inner["items"], "[]"),
                _ if inner["additionalProperties"].is_object() => {
                    (&inner["additionalProperties"], "{}")
                }
                _ => (property, ""),
            };
            self.fields(side, &format!("{path}{suffix}."), one, around, shape);
        }
        if schema["$ref"].is_string() {
            around.pop();
        }
    }

    /// A type in a few words.
    fn kind(&self, schema: &Value) -> String {
        let described = self.resolved(schema);
        if let Some(values) = described["enum"].as_array() {
            let values = values.iter().filter_map(Value::as_str);
            return format!("one of {}", values.collect::<Vec<_>>().join(", "));
        }
        let kind = described["type"].as_str().unwrap_or("any");
        if kind == "array" {
            return format!("list of {}", self.kind(&described["items"]));
        }
        match described["format"].as_str() {
            Some(format) => format!("{kind} ({format})"),
            None => kind.to_owned(),
        }
    }

    fn resolved<'v>(&self, value: &'v Value) -> &'v Value
    where
        'd: 'v,
    {
        let pointer = value["$ref"]
            .as_str()
            .and_then(|name| name.strip_prefix('#'));
        let target = pointer.and_then(|pointer| self.0.pointer(pointer));
        target.unwrap_or(value)
    }
}

fn required(kind: String, is_required: bool) -> String {
    if is_required {
        format!("{kind}, required")
    } else {
        kind
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn book(properties: &Value) -> Value {
        json!({"schemas": {"Book": {"type": "object", "properties": properties}}})
    }

    fn get(id: &str, more: &Value) -> Value {
        let schema = json!({"$ref": "#/components/schemas/Book"});
        let mut operation = json!({
            "operationId": id,
            "responses": {"200": {"content": {"application/json": {"schema": schema}}}},
        });
        let members = operation.as_object_mut().expect("is an object");
        members.extend(more.as_object().expect("is an object").clone());
        operation
    }

    #[test]
    fn fields_that_come_go_and_change_are_rows() {
        let old = json!({
            "paths": {"/v1/books/{id}": {"get": get("Shelf_Get", &json!({}))}},
            "components": book(&json!({
                "id": {"type": "string"},
                "author": {"type": "string"},
                "pages": {"type": "string", "format": "int64"},
                "inside": {"$ref": "#/components/schemas/Book"},
            })),
        });
        let authors = json!({"type": "array", "items": {
            "type": "object", "properties": {"name": {"type": "string"}},
        }});
        let new = json!({
            "paths": {"/v2/volumes/{id}": {"get": get("Shelf_Get", &json!({}))}},
            "components": book(&json!({
                "id": {"type": "string"},
                "authors": authors,
                "pages": {"type": "integer", "format": "int32"},
                "inside": {"$ref": "#/components/schemas/Book"},
            })),
        });
        let table = table(&Document(&old), &Document(&new));
        assert_eq!(
            table,
            "### `GET /v1/books/{id}` → `GET /v2/volumes/{id}`\n\n\
             | | before | after |\n|---|---|---|\n\
             | answer `author` | string | — |\n\
             | answer `authors` | — | list of object |\n\
             | answer `authors[].name` | — | string |\n\
             | answer `pages` | string (int64) | integer (int32) |\n\n"
        );
    }

    #[test]
    fn requests_show_what_must_be_given_from_now_on() {
        let with = |required: &Value| {
            let schema = json!({"type": "object", "required": required,
                "properties": {"title": {"type": "string"}}});
            json!({"requestBody": {"content": {"application/json": {"schema": schema}}}})
        };
        let side = |path: &str, required: &Value| json!({"paths": {path: {"post": get("Shelf_Add", &with(required))}}});
        let (old, new) = (side("/v1/a", &json!([])), side("/v2/a", &json!(["title"])));
        let table = table(&Document(&old), &Document(&new));
        assert!(
            table.contains("| request `title` | string | string, required |"),
            "{table}"
        );
    }

    #[test]
    fn a_named_successor_counts_before_an_equal_id() {
        let told = json!({"x-successor": "a.v2.Library/Fetch"});
        let old = json!({"paths": {
            "/v1/a": {"get": get("Shelf_Get", &told)},
            "/v1/b": {"get": get("Shelf_Get2", &told)},
            "/v1/c": {"get": get("Shelf_Alone", &json!({}))},
        }});
        let new = json!({"paths": {
            "/v2/a": {"get": get("Library_Fetch", &json!({}))},
            "/v2/b": {"get": get("Library_Fetch2", &json!({}))},
            "/v2/c": {"get": get("Shelf_Get", &json!({}))},
        }});
        let table = table(&Document(&old), &Document(&new));
        let headings: Vec<_> = table.lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(
            headings,
            [
                "### `GET /v1/a` → `GET /v2/a`",
                "### `GET /v1/b` → `GET /v2/b`"
            ]
        );
        assert!(table.contains("Nothing but the path."));
    }
}
