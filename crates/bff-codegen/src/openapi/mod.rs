//! The OpenAPI 3.1 document.

mod constraints;
mod doc;
mod example;
mod fixed;
mod flow;
mod guidance;
mod operation;
mod parameters;
mod schema;

use std::collections::BTreeMap;

use crate::Generator;
use crate::emit::Context;
use crate::model::Api;
use doc::Doc;
use schema::Schemas;

/// Writes the document of one version of what an audience is offered.
pub(crate) fn document(api: &Api, generator: &Generator, version: u32) -> String {
    let context = Context { generator, api };
    let mut schemas = Schemas::new(&context, api);
    let mut paths: BTreeMap<String, Doc> = BTreeMap::new();
    let mut tags: Vec<String> = Vec::new();
    for method in &api.methods {
        if !tags.contains(&method.tag) {
            tags.push(method.tag.clone());
        }
        for (index, http) in method.bindings.iter().enumerate() {
            let path = parameters::documented_path(method, http);
            let item = paths.entry(path).or_insert_with(|| Doc::object([]));
            for verb in operation::verbs(http) {
                let described = operation::operation(method, http, index, verb, &mut schemas);
                item.set(verb, described);
            }
        }
    }
    tags.sort();
    let tags = tags
        .into_iter()
        .map(|tag| Doc::object([("name", Doc::text(tag))]));
    let components = Doc::object([
        ("schemas", schemas.finish()),
        ("responses", fixed::responses()),
        ("parameters", fixed::parameters()),
        ("securitySchemes", fixed::security(generator.audience)),
    ]);
    Doc::object([
        ("openapi", Doc::text("3.1.0")),
        (
            "info",
            Doc::object([
                ("title", Doc::text(&generator.title)),
                ("version", Doc::text(name_of(version, generator))),
                ("description", Doc::text(fixed::DESCRIPTION)),
            ]),
        ),
        (
            "servers",
            Doc::List(vec![Doc::object([("url", Doc::text("/"))])]),
        ),
        ("tags", Doc::List(tags.collect())),
        ("paths", Doc::Object(paths.into_iter().collect())),
        ("components", components),
    ])
    .print()
}

/// What a version is called: the first as the generator is told.
fn name_of(version: u32, generator: &Generator) -> String {
    if version == 1 {
        generator.version.clone()
    } else {
        version.to_string()
    }
}
