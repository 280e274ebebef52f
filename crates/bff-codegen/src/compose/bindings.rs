//! What a part's request is filled with.

use std::collections::HashSet;

use prost_reflect::{FieldDescriptor, MethodDescriptor};

use super::{Bound, Origin, Planner, literal, path};
use crate::check::resolve;
use crate::kind::{Shape, Typed, Value};
use crate::model::compose::{Binding, Part};

/// What paths into the composed request begin with.
pub(super) const REQUEST: &str = "request";

impl Planner<'_> {
    pub(super) fn bindings(
        &self,
        part: &Part,
        rpc: &MethodDescriptor,
        refuse: &mut impl FnMut(String),
    ) -> Vec<Bound> {
        let mut bound = Vec::new();
        let mut seen = HashSet::new();
        for binding in &part.bind {
            match self.binding(binding, rpc) {
                Ok(next) if seen.insert(next.to.json_path()) => bound.push(next),
                Ok(_) => refuse(format!("`{}` is bound twice", binding.to)),
                Err(text) => refuse(text),
            }
        }
        bound
    }

    fn binding(&self, binding: &Binding, rpc: &MethodDescriptor) -> Result<Bound, String> {
        let input = rpc.input();
        let to = resolve(&input, &binding.to)
            .ok_or_else(|| format!("{} has no field `{}`", input.full_name(), binding.to))?;
        let target = Typed::of(to.last());
        if matches!(target.shape, Shape::Map(_)) {
            return Err(format!("`{}` is a map, which cannot be bound", binding.to));
        }
        let origin = match (binding.from.is_empty(), binding.text.is_empty()) {
            (true, false) => Origin::Literal(
                literal::expression(&target, &binding.text)
                    .map_err(|text| format!("`{}` {text}", binding.to))?,
            ),
            (false, true) => {
                let origin = self.origin(&binding.from)?;
                if let Origin::Request(steps) | Origin::Part(_, steps) = &origin {
                    fits(binding, steps, &target)?;
                }
                origin
            }
            _ => return Err(format!("`{}` needs `from` or `text`", binding.to)),
        };
        Ok(Bound { to, origin })
    }

    /// Resolves `request.<path>` or `<part>.<path>`.
    fn origin(&self, from: &str) -> Result<Origin, String> {
        let names: Vec<&str> = from.split('.').collect();
        let named = |text: String| format!("from `{from}`: {text}");
        if names[0] == REQUEST {
            if names.len() == 1 {
                return Err(named("names no field of the request".to_owned()));
            }
            let steps = path::walk(&self.method.rpc.input(), &names[1..]).map_err(named)?;
            return Ok(Origin::Request(steps));
        }
        let mut parts = self.compose.parts.iter();
        let index = parts
            .position(|part| part.field == names[0])
            .ok_or_else(|| named(format!("there is no part `{}`", names[0])))?;
        let steps = path::walk(&self.method.rpc.output(), &names).map_err(named)?;
        Ok(Origin::Part(index, steps))
    }
}

/// Whether what is found at the end of a path can be bound to a field.
fn fits(binding: &Binding, steps: &[FieldDescriptor], target: &Typed) -> Result<(), String> {
    let (from, to) = (&binding.from, &binding.to);
    let last = Typed::of(steps.last().expect("a path has at least one step"));
    if !path::same_value(&last.value, &target.value) {
        return Err(format!(
            "`{from}` is {}, but `{to}` is {}",
            path::value(&last.value),
            path::value(&target.value)
        ));
    }
    let Some(list) = path::first_list(steps) else {
        return Ok(());
    };
    if !matches!(target.shape, Shape::List) {
        return Err(format!(
            "`{list}` is a list, but `{to}` takes one value: that is one call for each element \
             (N+1); call a batch RPC, and bind the list to a list field of its request"
        ));
    }
    // They are told apart by comparing, which these cannot be.
    let comparable = match &last.value {
        Value::Scalar(word) => !matches!(*word, "double" | "float"),
        Value::Enum(_) => true,
        _ => false,
    };
    if comparable {
        Ok(())
    } else {
        Err(format!(
            "`{from}` collects {}: only texts, whole numbers, enums and bytes can be collected",
            path::value(&last.value)
        ))
    }
}
