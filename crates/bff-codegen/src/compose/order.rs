//! What waits for what.

use super::Planned;

/// Refuses cycles, and parts that could not be as certain as they say.
pub(super) fn check(parts: &[Planned], has_warnings: bool, errors: &mut Vec<String>) {
    if let Some(cycle) = cycle(parts) {
        let names: Vec<&str> = cycle.iter().map(|at| parts[*at].field.name()).collect();
        errors.push(format!(
            "the parts `{}` wait for each other",
            names.join("`, `")
        ));
    }
    for part in parts {
        let name = part.field.name();
        if part.optional && !has_warnings {
            errors.push(format!(
                "part `{name}`: is optional, so the answer needs \
                 `repeated covergen.bff.v1.Warning warnings`"
            ));
        }
        let unsure = part.needs.iter().find(|at| parts[**at].optional);
        if let (false, Some(at)) = (part.optional, unsure) {
            errors.push(format!(
                "part `{name}`: needs `{}`, which is optional, so it must be optional as well",
                parts[*at].field.name()
            ));
        }
    }
}

/// Parts that wait for each other, in order of their numbers.
fn cycle(parts: &[Planned]) -> Option<Vec<usize>> {
    let mut done = vec![false; parts.len()];
    loop {
        let ready: Vec<usize> = (0..parts.len())
            .filter(|at| !done[*at] && parts[*at].needs.iter().all(|need| done[*need]))
            .collect();
        if ready.is_empty() {
            break;
        }
        for at in ready {
            done[at] = true;
        }
    }
    // What waits for a cycle is not part of it.
    let mut stuck: Vec<usize> = (0..parts.len()).filter(|at| !done[*at]).collect();
    loop {
        let before = stuck.len();
        let needed: Vec<usize> = stuck
            .iter()
            .copied()
            .filter(|at| stuck.iter().any(|other| parts[*other].needs.contains(at)))
            .collect();
        stuck = needed;
        if stuck.len() == before {
            break;
        }
    }
    (!stuck.is_empty()).then_some(stuck)
}
