//! Validation: turns `buf.validate` annotations into calls of the checks that
//! `covergen-proto` holds.
//!
//! For each message one `Validate` implementation. For each rule set one
//! `static` that states the rules, and one call that applies them, so what is
//! generated stays small and what decides is written by hand. A rule that is
//! not understood is a problem at its field, never silence.

mod collection;
mod field;
mod message;
mod scalar;
mod well_known;

pub(crate) use message::message;

use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor};

use crate::error::Problems;
use crate::names::RUNTIME;
use crate::options::{self, Annotation};

/// The `buf.validate.field` annotation.
fn of_field(field: &FieldDescriptor) -> Option<DynamicMessage> {
    options::extension_message(&field.options(), "buf.validate.field")
}

/// Where checks for one field are written, and what is wrong with its rules.
struct Scope<'a> {
    /// The field, or the key or value of a map.
    field: &'a FieldDescriptor,
    /// The field as it stands in the file.
    declared: &'a FieldDescriptor,
    problems: &'a mut Problems,
}

impl Scope<'_> {
    fn refuse(&mut self, what: &str) {
        let message = format!("{}: {what}", self.declared.full_name());
        let file = self.declared.parent_message().parent_file();
        self.problems.add(&file, self.declared.path(), message);
    }

    /// Refuses a least that is above its most: nothing could satisfy both.
    fn ordered(&mut self, rules: &DynamicMessage, pairs: &[(&str, &str)]) {
        for (least, most) in pairs {
            let number = |rule| rules.value(rule).and_then(|value| value.as_u64());
            if let (Some(low), Some(high)) = (number(least), number(most))
                && low > high
            {
                self.refuse(&format!(
                    "rules `{least}` and `{most}` leave nothing between them"
                ));
            }
        }
    }

    fn unsupported(&mut self, rules: &str, rule: &str) {
        self.refuse(&format!("rule `{rules}.{rule}` is not supported"));
    }
}

/// A check: rules that stand in a `static`, applied to the reference `value`.
fn apply(kind: &str, rules: &str, statics: &str, path: &str) -> String {
    format!(
        "{{ {statics}static RULES: {RUNTIME}::rules::{kind} = {rules}; \
         RULES.check(value, &{path}, out); }}\n"
    )
}

/// A message whose values are judged, itself or something inside it.
fn has_rules(message: &MessageDescriptor) -> bool {
    crate::messages::reaches(message, &|inner| message::is_judged(inner))
}

/// A set field of a rules message, by name, without documentation fields.
fn set_rules(rules: &DynamicMessage) -> Vec<(String, prost_reflect::Value)> {
    let fields = rules
        .fields()
        .map(|(field, value)| (field.name().to_owned(), value.clone()));
    let extensions = rules
        .extensions()
        .map(|(extension, value)| (extension.full_name().to_owned(), value.clone()));
    // `example` only documents; everything else decides.
    fields
        .chain(extensions)
        .filter(|(name, _)| name != "example")
        .collect()
}
