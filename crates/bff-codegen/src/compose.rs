//! Composed answers, planned: names resolved to descriptors, types compared,
//! parts put in the order of their needs. What cannot be planned is a build
//! error; what the emitter gets is right.

mod bindings;
mod literal;
mod order;
mod path;

use prost_reflect::{DescriptorPool, FieldDescriptor, MethodDescriptor};

use crate::check::Resolved;
use crate::kind::{Shape, Typed, Value};
use crate::model::compose::{Compose, Part};
use crate::model::options::Options;
use crate::model::{Cache, Method};

/// The message that tells of parts that are missing.
const WARNING: &str = "covergen.bff.v1.Warning";
/// The field of the answer that holds them.
pub(crate) const WARNINGS: &str = "warnings";

/// How one answer is put together.
pub(crate) struct Plan {
    pub(crate) parts: Vec<Planned>,
    /// The field for what is missing, where the answer has it.
    pub(crate) warnings: Option<FieldDescriptor>,
}

/// One call, resolved.
pub(crate) struct Planned {
    /// Field of the answer.
    pub(crate) field: FieldDescriptor,
    pub(crate) rpc: MethodDescriptor,
    /// Field of the call's answer; none: all of it.
    pub(crate) take: Option<FieldDescriptor>,
    pub(crate) optional: bool,
    pub(crate) bindings: Vec<Bound>,
    /// Parts that it waits for, by index.
    pub(crate) needs: Vec<usize>,
}

/// A field of a call's request and what fills it.
pub(crate) struct Bound {
    pub(crate) to: Resolved,
    pub(crate) origin: Origin,
}

/// Where a value comes from.
pub(crate) enum Origin {
    /// A Rust expression.
    Literal(String),
    /// A path in the composed request.
    Request(Vec<FieldDescriptor>),
    /// A path in the composed answer, whose first field that part fills.
    Part(usize, Vec<FieldDescriptor>),
}

/// Plans a composed method; none for every other.
///
/// # Errors
/// Everything that is wrong, in the order of the parts.
pub(crate) fn plan(method: &Method) -> Option<Result<Plan, Vec<String>>> {
    let compose = method.exposure.compose.as_ref()?;
    let mut errors = Vec::new();
    whole(method, compose, &mut errors);
    let pool = method.rpc.parent_pool();
    let options = Options::find(pool);
    let planner = Planner {
        method,
        compose,
        pool,
        options: &options,
    };
    let parts = compose.parts.iter();
    let parts: Vec<Planned> = parts
        .filter_map(|part| planner.part(part, &mut errors))
        .collect();
    let warnings = warnings(method);
    unfilled(method, compose, warnings.as_ref(), &mut errors);
    // With one missing, the numbers of the others say nothing.
    if parts.len() == compose.parts.len() {
        order::check(&parts, warnings.is_some(), &mut errors);
    }
    Some(if errors.is_empty() {
        Ok(Plan { parts, warnings })
    } else {
        Err(errors)
    })
}

/// What a composed RPC as a whole must be.
fn whole(method: &Method, compose: &Compose, errors: &mut Vec<String>) {
    let exposure = &method.exposure;
    let mut refuse = |wrong: bool, text: &str| {
        if wrong {
            errors.push(format!("`compose` {text}"));
        }
    };
    refuse(compose.parts.is_empty(), "has no parts");
    refuse(
        method.rpc.is_server_streaming() || method.rpc.is_client_streaming(),
        "is for unary RPCs",
    );
    refuse(
        method.bindings.is_empty(),
        "needs a path: gRPC-web does not reach a composed RPC",
    );
    refuse(
        method
            .bindings
            .iter()
            .any(|http| !http.response_body.is_empty()),
        "answers as a whole, so there is no `response_body`",
    );
    let acts = exposure.idempotency != crate::model::Idempotency::None
        || exposure.session != crate::model::Session::None
        || exposure.upload.is_some()
        || !exposure.redirect.is_empty()
        || !exposure.response_cookies.is_empty();
    refuse(
        acts,
        "only reads: no `idempotency`, `session`, `upload`, `redirect` or cookies",
    );
    let copies = exposure.cache.as_ref().is_some_and(Cache::keeps_copies);
    refuse(
        copies && compose.parts.iter().any(|part| part.optional),
        "with optional parts may answer in part, of which the BFF must keep no copies",
    );
}

/// `repeated covergen.bff.v1.Warning warnings`, where the answer has it.
fn warnings(method: &Method) -> Option<FieldDescriptor> {
    let field = method.rpc.output().get_field_by_name(WARNINGS)?;
    let typed = Typed::of(&field);
    let is_right = matches!(typed.shape, Shape::List)
        && matches!(&typed.value, Value::Message(message) if message.full_name() == WARNING);
    is_right.then_some(field)
}

/// Every field of the answer has one part that fills it.
fn unfilled(
    method: &Method,
    compose: &Compose,
    warnings: Option<&FieldDescriptor>,
    errors: &mut Vec<String>,
) {
    for field in method.rpc.output().fields() {
        let filled = compose.parts.iter().any(|part| part.field == field.name());
        if !filled && warnings != Some(&field) {
            errors.push(format!(
                "no part fills the field `{}` of {}",
                field.name(),
                method.rpc.output().full_name()
            ));
        }
    }
}

/// What planning a part looks at.
struct Planner<'a> {
    method: &'a Method,
    compose: &'a Compose,
    pool: &'a DescriptorPool,
    options: &'a Options,
}

impl Planner<'_> {
    fn part(&self, part: &Part, errors: &mut Vec<String>) -> Option<Planned> {
        let before = errors.len();
        let mut refuse = |text: String| errors.push(format!("part `{}`: {text}", part.field));
        let field = self.field(part).map_err(&mut refuse).ok();
        let rpc = self.rpc(part).map_err(&mut refuse).ok();
        let (field, rpc) = (field?, rpc?);
        let take = match taken(part, &field, &rpc) {
            Ok(take) => take,
            Err(text) => {
                refuse(text);
                None
            }
        };
        let bindings = self.bindings(part, &rpc, &mut refuse);
        if errors.len() > before {
            return None;
        }
        let mut needs: Vec<usize> = bindings
            .iter()
            .filter_map(|bound| match bound.origin {
                Origin::Part(index, _) => Some(index),
                _ => None,
            })
            .collect();
        needs.sort_unstable();
        needs.dedup();
        Some(Planned {
            field,
            rpc,
            take,
            optional: part.optional,
            bindings,
            needs,
        })
    }

    /// The field that the part fills.
    fn field(&self, part: &Part) -> Result<FieldDescriptor, String> {
        let output = self.method.rpc.output();
        let field = output
            .get_field_by_name(&part.field)
            .ok_or_else(|| format!("is not a field of {}", output.full_name()))?;
        if part.field == bindings::REQUEST {
            return Err("cannot be called so: bindings begin with `request.`".to_owned());
        }
        if matches!(Typed::of(&field).shape, Shape::Oneof) {
            return Err("is a member of a oneof".to_owned());
        }
        let mut same = self.compose.parts.iter().filter(|p| p.field == part.field);
        if same.nth(1).is_some() {
            return Err("is filled twice".to_owned());
        }
        Ok(field)
    }

    /// The RPC that the part calls.
    fn rpc(&self, part: &Part) -> Result<MethodDescriptor, String> {
        let (service, name) = part.rpc.split_once('/').unwrap_or((&part.rpc, ""));
        let rpc = self
            .pool
            .get_service_by_name(service)
            .and_then(|service| service.methods().find(|rpc| rpc.name() == name))
            .ok_or_else(|| format!("there is no RPC `{}`", part.rpc))?;
        if rpc.is_client_streaming() || rpc.is_server_streaming() {
            return Err(format!("{} streams; a part is a unary RPC", part.rpc));
        }
        let exposure = self.options.exposure(&rpc).unwrap_or_default();
        if exposure.compose.is_some() {
            return Err(format!("{} is itself composed", part.rpc));
        }
        let audiences = &self.method.exposure.audiences;
        if !audiences.iter().all(|one| exposure.audiences.contains(one)) {
            return Err(format!(
                "{} is not offered to every audience of the composed RPC",
                part.rpc
            ));
        }
        if exposure.idempotency != crate::model::Idempotency::None {
            return Err(format!(
                "{} takes a request key, so it changes something; a composed answer only reads",
                part.rpc
            ));
        }
        Ok(rpc)
    }
}

/// What of the call's answer fills the field.
fn taken(
    part: &Part,
    field: &FieldDescriptor,
    rpc: &MethodDescriptor,
) -> Result<Option<FieldDescriptor>, String> {
    let (output, wanted) = (rpc.output(), Typed::of(field));
    if part.take.is_empty() {
        let fits = matches!(wanted.shape, Shape::Optional)
            && wanted
                .value
                .message()
                .is_some_and(|message| *message == output);
        return if fits {
            Ok(None)
        } else {
            Err(format!(
                "the field is not a {}, which {} answers with; name a field of it with `take`",
                output.full_name(),
                part.rpc
            ))
        };
    }
    let taken = output.get_field_by_name(&part.take).ok_or_else(|| {
        format!(
            "take `{}` is not a field of {}",
            part.take,
            output.full_name()
        )
    })?;
    if path::same_type(&Typed::of(&taken), &wanted) {
        Ok(Some(taken))
    } else {
        Err(format!(
            "take `{}` is {}, but the field is {}",
            part.take,
            path::described(&Typed::of(&taken)),
            path::described(&wanted)
        ))
    }
}
