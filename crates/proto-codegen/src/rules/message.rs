//! One `Validate` implementation per message.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::{Scope, field, of_field};
use crate::code::line;
use crate::error::Problems;
use crate::names::{self, RUNTIME, snake};
use crate::options::{self, Annotation};

/// The implementation for `message`; an empty one where nothing is judged.
pub(crate) fn message(message: &MessageDescriptor, problems: &mut Problems) -> String {
    let groups = groups(message, problems);
    let mut body = String::new();
    for field in message.fields() {
        let in_group = groups
            .iter()
            .any(|group| group.fields.iter().any(|name| name == field.name()));
        let mut scope = Scope {
            field: &field,
            declared: &field,
            problems,
        };
        body.push_str(&field::checks(&mut scope, in_group));
    }
    for oneof in message.oneofs().filter(|oneof| !oneof.is_synthetic()) {
        let rules = options::extension_message(&oneof.options(), "buf.validate.oneof");
        if rules.flag("required") {
            line(
                &mut body,
                format!(
                    "if self.{}.is_none() {{ {RUNTIME}::rules::missing(&path.field({:?}), out); }}",
                    snake(oneof.name()),
                    names::json(oneof.name()),
                ),
            );
        }
    }
    for group in &groups {
        body.push_str(&group.check(message));
    }
    let body = if body.is_empty() {
        "let _ = (path, out);\n".to_owned()
    } else {
        body
    };
    format!(
        "impl {RUNTIME}::Validate for {} {{\n\
         fn validate(&self, path: &{RUNTIME}::Path<'_>, out: &mut ::std::vec::Vec<{RUNTIME}::Violation>) {{\n\
         {body}}}\n}}\n",
        names::message(message)
    )
}

/// The message itself carries rules, whatever its fields' messages carry.
pub(super) fn is_judged(message: &MessageDescriptor) -> bool {
    options::extension_message(&message.options(), "buf.validate.message").is_some()
        || message
            .fields()
            .any(|field| of_field(&field).is_some() || field::is_time(&field))
        || message.oneofs().any(|oneof| {
            options::extension_message(&oneof.options(), "buf.validate.oneof").is_some()
        })
}

/// Fields of which at most one, or exactly one, may be set.
struct Group {
    fields: Vec<String>,
    required: bool,
}

impl Group {
    fn check(&self, message: &MessageDescriptor) -> String {
        let mut set = Vec::new();
        let mut shown = Vec::new();
        for name in &self.fields {
            let Some(field) = message.get_field_by_name(name) else {
                continue;
            };
            set.push(format!("{} as usize", field::is_set(&field)));
            shown.push(field.json_name().to_owned());
        }
        format!(
            "{RUNTIME}::rules::one_of({}, {}, &{shown:?}, path, out);\n",
            set.join(" + "),
            self.required
        )
    }
}

fn groups(message: &MessageDescriptor, problems: &mut Problems) -> Vec<Group> {
    let file = message.parent_file();
    let Some(rules) = options::extension_message(&message.options(), "buf.validate.message") else {
        return Vec::new();
    };
    for (rule, _) in super::set_rules(&rules) {
        if rule != "oneof" {
            let text = format!(
                "{}: rule `message.{rule}` is not supported",
                message.full_name()
            );
            problems.add(&file, message.path(), text);
        }
    }
    let value = rules.value("oneof");
    let oneofs = value.as_ref().and_then(Value::as_list).unwrap_or_default();
    let mut groups = Vec::new();
    for oneof in oneofs.iter().filter_map(Value::as_message) {
        let group = group(oneof);
        for name in &group.fields {
            if message.get_field_by_name(name).is_none() {
                let text = format!(
                    "{}: rule `message.oneof` names `{name}`, which is no field",
                    message.full_name()
                );
                problems.add(&file, message.path(), text);
            }
        }
        groups.push(group);
    }
    groups
}

fn group(oneof: &DynamicMessage) -> Group {
    Group {
        fields: oneof.texts("fields"),
        required: oneof.flag("required"),
    }
}
