//! Composed answers in handlers: one future for each part, all polled at once.

use std::fmt::Write as _;

use prost_reflect::FieldDescriptor;

use super::routes::route_table;
use super::{Context, quoted};
use crate::check::Resolved;
use crate::compose::{Bound, Origin, Plan, Planned, WARNINGS, plan};
use crate::kind::{Shape, Typed, Value};
use crate::model::Method;
use crate::names;

/// A plan that the checks have found good.
fn good(method: &Method) -> Option<Plan> {
    plan(method)?.ok()
}

fn table(method: &Method) -> String {
    format!(
        "PARTS_{}",
        names::ident(&method.full_name().replace('/', "."))
    )
}

/// The table of the parts of a composed method.
pub(super) fn parts(method: &Method) -> String {
    let Some(plan) = good(method) else {
        return String::new();
    };
    let mut rows = String::new();
    for part in &plan.parts {
        let name = format!(
            "{}/{}",
            part.rpc.parent_service().full_name(),
            part.rpc.name()
        );
        let _ = writeln!(
            rows,
            "    bff::compose::Part {{ field: {}, route: &{}, optional: {}, needs: &{:?} }},",
            quoted(part.field.json_name()),
            route_table(&name),
            part.optional,
            part.needs
        );
    }
    format!(
        "\nstatic {}: &[bff::compose::Part] = &[\n{rows}];\n",
        table(method)
    )
}

/// The statements that make `answer`; none where a service makes it.
pub(super) fn calls(method: &Method, context: &Context<'_>) -> Option<Vec<String>> {
    let plan = good(method)?;
    let mut lines = Vec::new();
    if context.generator.validates {
        lines.push(format!(
            "if let Err(broken) = {}::Validate::check(&request) {{ \
             return Err(call.refused(&broken.into())); }}",
            context.generator.rust_root
        ));
    }
    lines.push(format!("let compose = call.compose({});", table(method)));
    for (at, part) in plan.parts.iter().enumerate() {
        lines.push(format!(
            "let slot_{at} = bff::compose::Slot::<{}>::default();",
            context.rust_type(&part.rpc.output())
        ));
    }
    for (at, part) in plan.parts.iter().enumerate() {
        lines.push(format!(
            "let part_{at} = compose.part({at}, &slot_{at}, async {{ \
             let mut m = {}::default(); {}Ok::<_, bff::compose::Absent>(m) }});",
            context.rust_type(&part.rpc.input()),
            request(part, &plan, context)
        ));
    }
    let all: String = (0..plan.parts.len())
        .map(|at| format!("Box::pin(part_{at}), "))
        .collect();
    lines.push(format!(
        "let parts: [BoxFuture<'_, Result<(), bff::Problem>>; {}] = [{all}];",
        plan.parts.len()
    ));
    lines.push("compose.all(parts).await?;".to_owned());
    let mut fields = String::new();
    for (at, part) in plan.parts.iter().enumerate() {
        let field = names::field(part.field.name());
        let value = match &part.take {
            None => format!("slot_{at}.take().map(Into::into)"),
            Some(take) => format!(
                "slot_{at}.take().map(|a| a.{}).unwrap_or_default()",
                names::field(take.name())
            ),
        };
        let _ = write!(fields, "{field}: {value}, ");
    }
    if let Some(message) = plan
        .warnings
        .as_ref()
        .and_then(|field| Typed::of(field).value.message().cloned())
    {
        let ty = context.rust_type(&message);
        let _ = write!(
            fields,
            "{WARNINGS}: compose.warnings(&mut call).into_iter()\
             .map(|(field, reason, detail)| {ty} {{ field, reason, detail }}).collect(), "
        );
    }
    let output = context.rust_type(&method.rpc.output());
    lines.push(format!("let answer = {output} {{ {fields}}};"));
    Some(lines)
}

/// Statements that fill `m`, the request of a part.
fn request(part: &Planned, plan: &Plan, context: &Context<'_>) -> String {
    let mut out = String::new();
    for need in &part.needs {
        let _ = write!(out, "let a_{need} = slot_{need}.get().await?; ");
    }
    for bound in &part.bindings {
        match &bound.origin {
            Origin::Literal(value) => {
                let _ = write!(out, "{} ", set(&bound.to, value, context));
            }
            Origin::Request(steps) => {
                // What the request leaves open stays open.
                let found = collect("request", steps, context);
                let set = set_found(bound, steps, context);
                let _ = write!(out, "{found}if !found.is_empty() {{ {set} }} ");
            }
            Origin::Part(index, steps) => {
                // Where all of the call's answer fills the field, the path
                // begins behind it; otherwise with the field that is taken.
                let steps: Vec<FieldDescriptor> = match &plan.parts[*index].take {
                    None => steps[1..].to_vec(),
                    Some(take) => std::iter::once(take.clone())
                        .chain(steps[1..].iter().cloned())
                        .collect(),
                };
                let found = collect(&format!("a_{index}"), &steps, context);
                // Proto3 cannot tell an empty text from none.
                let texts = match Typed::of(bound.to.last()).value {
                    Value::Scalar("string") => "found.retain(|text| !text.is_empty()); ",
                    _ => "",
                };
                let set = set_found(bound, &steps, context);
                let _ = write!(
                    out,
                    "{found}{texts}let found = bff::compose::there(found)?; {set} "
                );
            }
        }
    }
    out
}

/// A statement that sets the target of a binding from the values in `found`,
/// of which there is at least one.
fn set_found(bound: &Bound, steps: &[FieldDescriptor], context: &Context<'_>) -> String {
    let is_list = |field: &FieldDescriptor| matches!(Typed::of(field).shape, Shape::List);
    if is_list(bound.to.last()) {
        let collects = steps.iter().any(is_list);
        let values = if collects {
            "bff::compose::distinct(found)"
        } else {
            "found"
        };
        return set(&bound.to, values, context);
    }
    let set = set(&bound.to, "value", context);
    format!("if let Some(value) = found.into_iter().next() {{ {set} }}")
}

/// Statements that put every value at the end of a path into `found`.
fn collect(root: &str, steps: &[FieldDescriptor], context: &Context<'_>) -> String {
    let mut open = String::from("let mut found = Vec::new(); ");
    let mut place = root.to_owned();
    let mut depth = 0;
    for (at, step) in steps.iter().enumerate() {
        let field = names::field(step.name());
        let value = format!("v{at}");
        let _ = match Typed::of(step).shape {
            Shape::Plain | Shape::Map(_) => {
                place = format!("{place}.{field}");
                continue;
            }
            Shape::List => write!(open, "for {value} in &{place}.{field} {{ "),
            Shape::Optional => write!(open, "if let Some({value}) = &{place}.{field} {{ "),
            Shape::Oneof => {
                let Some(oneof) = step.containing_oneof() else {
                    continue;
                };
                write!(
                    open,
                    "if let Some({}::{}({value})) = &{place}.{} {{ ",
                    names::oneof(&oneof, context.generator),
                    names::upper_camel(step.name()),
                    names::field(oneof.name())
                )
            }
        };
        depth += 1;
        place = value;
    }
    let _ = write!(open, "found.push({place}.clone()); ");
    open.push_str(&"} ".repeat(depth));
    open
}

/// A statement that sets the field at a path of `m`.
fn set(to: &Resolved, value: &str, context: &Context<'_>) -> String {
    let mut place = String::from("m");
    let (last, around) = to.steps.split_last().expect("a path has a last step");
    for step in around {
        let _ = write!(
            place,
            ".{}.get_or_insert_with(Default::default)",
            names::field(step.name())
        );
    }
    let field = names::field(last.name());
    match Typed::of(last).shape {
        Shape::Optional => format!("{place}.{field} = Some({value});"),
        Shape::Oneof => {
            let Some(oneof) = last.containing_oneof() else {
                return String::new();
            };
            format!(
                "{place}.{} = Some({}::{}({value}));",
                names::field(oneof.name()),
                names::oneof(&oneof, context.generator),
                names::upper_camel(last.name())
            )
        }
        _ => format!("{place}.{field} = {value};"),
    }
}
