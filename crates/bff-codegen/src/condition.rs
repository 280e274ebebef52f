//! Conditions on an answer, such as `status in PENDING,RUNNING`.

use std::fmt::Write as _;

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use crate::check::resolve;
use crate::kind::{Shape, Typed, Value};
use crate::names;

/// A single enum field that has one of some values.
pub(crate) struct Condition {
    steps: Vec<FieldDescriptor>,
    numbers: Vec<i32>,
}

impl Condition {
    /// Reads a condition on a message, or says what is wrong with it.
    pub(crate) fn parse(text: &str, message: &MessageDescriptor) -> Result<Self, String> {
        let Some((path, names)) = text.split_once(" in ") else {
            return Err(format!(
                "the condition `{text}` does not read `<field> in <VALUE>,<VALUE>`"
            ));
        };
        let path = path.trim();
        let Some(found) = resolve(message, path) else {
            return Err(format!(
                "the condition `{text}` reads `{path}`, which the answer does not have"
            ));
        };
        let typed = Typed::of(found.last());
        let is_single = matches!(typed.shape, Shape::Plain | Shape::Optional);
        let (true, Value::Enum(known)) = (is_single, typed.value) else {
            return Err(format!(
                "the condition `{text}` reads `{path}`, which is no single enum"
            ));
        };
        let mut numbers = Vec::new();
        for name in names.split(',').map(str::trim) {
            let Some(value) = known.get_value_by_name(name) else {
                return Err(format!(
                    "the condition `{text}` names `{name}`, which is no {}",
                    known.full_name()
                ));
            };
            if numbers.contains(&value.number()) {
                return Err(format!("the condition `{text}` names `{name}` twice"));
            }
            numbers.push(value.number());
        }
        Ok(Self {
            steps: found.steps.clone(),
            numbers,
        })
    }

    /// As an expression over `answer`. Where a message around the field is
    /// absent, so is the value, and no condition holds.
    pub(crate) fn rust(&self) -> String {
        let (last, around) = self.steps.split_last().expect("a path has a last step");
        let mut out = "Some(&answer)".to_owned();
        for step in around {
            let field = names::field(step.name());
            let _ = write!(out, ".and_then(|m| m.{field}.as_ref())");
        }
        let field = names::field(last.name());
        let _ = match Typed::of(last).shape {
            Shape::Optional => write!(out, ".and_then(|m| m.{field})"),
            _ => write!(out, ".map(|m| m.{field})"),
        };
        let numbers: Vec<String> = self.numbers.iter().map(i32::to_string).collect();
        format!("matches!({out}, Some({}))", numbers.join(" | "))
    }
}
