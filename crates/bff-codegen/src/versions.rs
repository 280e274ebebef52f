//! Versions of the API that stand side by side: a package's last segment says
//! which one its RPCs belong to, and each has paths and a document of its own.

use std::collections::BTreeSet;

use crate::Generator;
use crate::kind::Value;
use crate::model::{Api, Http, Method};
use crate::template::{Segment, Template, Variable};

/// The version that `covergen.cover.v2` belongs to: 2. What has no version
/// belongs to the first.
pub(crate) fn of_package(package: &str) -> u32 {
    let last = package.rsplit('.').next().unwrap_or_default();
    let number = last.strip_prefix('v').and_then(|text| text.parse().ok());
    number.filter(|number| *number > 0).unwrap_or(1)
}

impl Generator {
    /// The prefix of a version's paths. One that names no version is the same
    /// for all, so that their paths must differ.
    pub(crate) fn prefix_in(&self, version: u32) -> String {
        match self.prefix.strip_suffix("/v1") {
            Some(front) => format!("{front}/v{version}"),
            None => self.prefix.clone(),
        }
    }

    /// The prefix of a path: none where it stands at the root.
    pub(crate) fn prefix_of(&self, path: &str, version: u32) -> String {
        let at_root = self.root_paths.iter().any(|root| path.starts_with(root));
        if at_root {
            String::new()
        } else {
            self.prefix_in(version)
        }
    }
}

impl Api {
    /// The versions that the audience is offered, the default first.
    pub(crate) fn versions(&self) -> Vec<u32> {
        let versions: BTreeSet<u32> = self.methods.iter().map(|method| method.version).collect();
        if versions.is_empty() {
            return vec![1];
        }
        versions.into_iter().collect()
    }

    /// What belongs to one version.
    pub(crate) fn version(&self, version: u32) -> Self {
        let methods = self.methods.iter();
        let methods = methods.filter(|method| method.version == version);
        Self {
            methods: methods.cloned().collect(),
        }
    }

    /// The RPC that takes over from a deprecated one, where the audience is
    /// offered it.
    pub(crate) fn successor(&self, method: &Method) -> Option<&Method> {
        let told = method.exposure.deprecation.as_ref()?;
        self.method(&told.successor)
    }
}

/// The binding that takes over from the one at `index`: of several, that in the
/// same place.
pub(crate) fn binding(successor: &Method, index: usize) -> Option<&Http> {
    let bindings = &successor.bindings;
    bindings.get(index).or_else(|| bindings.first())
}

/// One piece of a path that takes over from another.
pub(crate) enum Piece {
    /// As it stands.
    Text(String),
    /// The segments that a variable of the old path covers.
    Segments(Variable),
}

/// How the new path is made of the old one, or which variable of the new path
/// the old one cannot fill.
pub(crate) fn pieces(old: &Template, new: &Template) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut at = 0;
    while let Some(segment) = new.segments.get(at) {
        text.push('/');
        let variable = new.variables.iter().find(|variable| variable.start == at);
        match (variable, segment) {
            (Some(variable), _) => {
                let source = source(old, new, variable).ok_or(&variable.path)?;
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Segments(source.clone()));
                at = variable.end;
                continue;
            }
            (None, Segment::Literal(literal)) => text.push_str(literal),
            // Whatever stood in an unnamed segment is not known.
            (None, _) => return Err("*".to_owned()),
        }
        at += 1;
    }
    if !new.verb.is_empty() {
        text.push(':');
        text.push_str(&new.verb);
    }
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

/// The variables of the new path, each after the one of the old path that fills
/// it.
pub(crate) fn filled<'t>(
    old: &'t Template,
    new: &'t Template,
) -> impl Iterator<Item = (&'t Variable, &'t Variable)> {
    let variables = new.variables.iter();
    variables.filter_map(move |variable| Some((source(old, new, variable)?, variable)))
}

/// Whether every text of one type is a text of the other.
pub(crate) fn fits(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (_, Value::Scalar("string")) => true,
        (Value::Scalar(old), Value::Scalar(new)) => {
            old == new
                || matches!(
                    (*old, *new),
                    ("int32" | "uint32", "int64") | ("uint32", "uint64") | ("float", "double")
                )
        }
        (Value::Enum(old), Value::Enum(new)) => old
            .values()
            .all(|value| new.get_value_by_name(value.name()).is_some()),
        // Both are written as their well-known type is.
        (Value::Time(old, _), Value::Time(new, _)) => old == new,
        (Value::FieldMask(_), Value::FieldMask(_)) => true,
        (Value::Wrapper(old, _), Value::Wrapper(new, _)) => old == new,
        _ => false,
    }
}

/// The name of a type, to those who read errors.
pub(crate) fn told(value: &Value) -> String {
    match value {
        Value::Scalar(word) | Value::Time(word, _) | Value::Wrapper(word, _) => (*word).to_owned(),
        Value::Enum(known) => known.full_name().to_owned(),
        Value::FieldMask(message) | Value::Json(message) | Value::Message(message) => {
            message.full_name().to_owned()
        }
        Value::Any => "google.protobuf.Any".to_owned(),
    }
}

/// The variable of the old path with that name; a path's only variable may
/// have got another.
fn source<'t>(old: &'t Template, new: &Template, variable: &Variable) -> Option<&'t Variable> {
    let named = old
        .variables
        .iter()
        .find(|known| known.path == variable.path);
    let only = || match (&old.variables[..], &new.variables[..]) {
        ([old], [_]) => Some(old),
        _ => None,
    };
    // Several segments do not fit into one.
    named
        .or_else(only)
        .filter(|found| found.multiple == variable.multiple)
}
