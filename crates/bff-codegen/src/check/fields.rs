//! Resolving field paths, in either spelling.

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use crate::kind::{Shape, Typed};

/// A field path resolved to the fields along it.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    /// The messages stepped through, outermost first, then the field itself.
    pub(crate) steps: Vec<FieldDescriptor>,
}

impl Resolved {
    pub(crate) fn last(&self) -> &FieldDescriptor {
        self.steps.last().expect("a path has at least one step")
    }

    /// The path in lowerCamelCase, for error texts and documents.
    pub(crate) fn json_path(&self) -> String {
        let names: Vec<&str> = self.steps.iter().map(FieldDescriptor::json_name).collect();
        names.join(".")
    }
}

/// Finds the field at a path; every step but the last is a single message.
pub(crate) fn resolve(message: &MessageDescriptor, path: &str) -> Option<Resolved> {
    let mut message = message.clone();
    let mut steps = Vec::new();
    let names: Vec<&str> = path.split('.').collect();
    for (index, name) in names.iter().enumerate() {
        let field = message
            .get_field_by_name(name)
            .or_else(|| message.get_field_by_json_name(name))?;
        let typed = Typed::of(&field);
        steps.push(field);
        if index + 1 == names.len() {
            return Some(Resolved { steps });
        }
        if !matches!(typed.shape, Shape::Optional) {
            return None;
        }
        message = typed.value.message()?.clone();
    }
    None
}
