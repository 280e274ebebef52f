//! What is wrong with the annotations, with file and line.

mod compose;
mod fields;
mod flows;
mod guidance;
mod method;
mod protocol;

use std::collections::BTreeMap;

use crate::model::{Api, sorted};
use crate::{BuildError, BuildErrors};

pub(crate) use fields::{Resolved, resolve};

/// Refuses everything that a generated handler could not do right.
pub(crate) fn check(api: &Api) -> Result<(), BuildErrors> {
    let mut errors = conflicts(api);
    for method in &api.methods {
        method::check(method, api, &mut errors);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(sorted(errors))
    }
}

/// Two bindings that would answer the same requests.
fn conflicts(api: &Api) -> Vec<BuildError> {
    let mut errors = Vec::new();
    let mut by_path: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for method in &api.methods {
        for binding in &method.bindings {
            let taken = by_path.entry(binding.template.key()).or_default();
            let rival = taken
                .iter()
                .find(|(verb, _)| *verb == binding.verb || verb == "*" || binding.verb == "*");
            if let Some((_, rival)) = rival {
                errors.push(method.place.error(format!(
                    "{} {} conflicts with the route of {rival}",
                    binding.verb, binding.path
                )));
            }
            taken.push((binding.verb.clone(), method.full_name()));
        }
    }
    errors
}
