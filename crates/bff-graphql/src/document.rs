//! An OpenAPI document, as far as reads go.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Why a document gives no GraphQL schema.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is not an OpenAPI document.
    #[error("the OpenAPI document cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Its types do not fit together.
    #[error("the GraphQL schema does not hold: {0}")]
    Schema(String),
}

#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    paths: BTreeMap<String, PathItem>,
    pub(crate) components: Components,
}

#[derive(Debug, Deserialize)]
struct PathItem {
    get: Option<Operation>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Components {
    #[serde(default)]
    pub(crate) schemas: BTreeMap<String, Schema>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    operation_id: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    parameters: Vec<Parameter>,
    responses: BTreeMap<String, Response>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Parameter {
    /// Absent where the parameter is described elsewhere.
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default, rename = "in")]
    pub(crate) place: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) schema: Schema,
    #[serde(default, rename = "$ref")]
    reference: String,
}

#[derive(Debug, Deserialize)]
struct Response {
    #[serde(default)]
    content: BTreeMap<String, Content>,
}

#[derive(Debug, Deserialize)]
struct Content {
    #[serde(default)]
    schema: Schema,
}

/// A JSON Schema; keywords that make no difference to types are left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Schema {
    #[serde(rename = "$ref")]
    pub(crate) reference: String,
    /// A name, or several of which any one fits.
    #[serde(rename = "type")]
    pub(crate) kind: serde_json::Value,
    pub(crate) format: String,
    pub(crate) description: String,
    pub(crate) properties: BTreeMap<String, Schema>,
    pub(crate) items: Option<Box<Schema>>,
    #[serde(rename = "enum")]
    pub(crate) choices: Vec<serde_json::Value>,
    #[serde(rename = "writeOnly")]
    pub(crate) write_only: bool,
}

impl Schema {
    /// Name of the schema that this one refers to.
    pub(crate) fn referred(&self) -> Option<&str> {
        self.reference.strip_prefix("#/components/schemas/")
    }
}

/// One route that can be read.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    /// Service and method of the operation, such as `Cover` and `GetCover`.
    pub(crate) service: String,
    pub(crate) method: String,
    pub(crate) summary: String,
    pub(crate) deprecated: bool,
    /// Path as documented, with names in braces.
    pub(crate) path: String,
    pub(crate) parameters: Vec<Parameter>,
    /// Whether it takes `?fields=`.
    pub(crate) projects: bool,
    pub(crate) answer: Schema,
}

impl Document {
    pub(crate) fn parse(text: &str) -> Result<Self, DocumentError> {
        Ok(serde_json::from_str(text)?)
    }

    /// Every GET that answers with one JSON object of a named schema. Where an
    /// RPC has several routes, the first counts.
    pub(crate) fn reads(&self) -> Vec<Read> {
        let mut reads: Vec<Read> = self
            .paths
            .iter()
            .filter_map(|(path, item)| read(path, item.get.as_ref()?))
            .collect();
        reads.sort_by(|a, b| (&a.service, &a.method).cmp(&(&b.service, &b.method)));
        reads
    }
}

fn read(path: &str, operation: &Operation) -> Option<Read> {
    let (service, method) = operation.operation_id.split_once('_')?;
    // `GetTask2` is another route of `GetTask`.
    if method.ends_with(|last: char| last.is_ascii_digit()) {
        return None;
    }
    // What may send the caller elsewhere is made for browsers.
    let redirects = operation
        .responses
        .keys()
        .any(|status| status.starts_with("30") && status != "304");
    let answer = &operation
        .responses
        .get("200")?
        .content
        .get("application/json")?
        .schema;
    answer.referred()?;
    if redirects {
        return None;
    }
    let is_argument = |parameter: &&Parameter| {
        ["path", "query"].contains(&parameter.place.as_str()) && !parameter.name.is_empty()
    };
    Some(Read {
        service: service.trim_end_matches("Service").to_owned(),
        method: method.to_owned(),
        summary: operation.summary.clone(),
        deprecated: operation.deprecated,
        path: path.to_owned(),
        parameters: operation
            .parameters
            .iter()
            .filter(is_argument)
            .cloned()
            .collect(),
        projects: operation.parameters.iter().any(|parameter| {
            parameter.reference.ends_with("/Fields") || parameter.name == "fields"
        }),
        answer: answer.clone(),
    })
}
