//! What must hold of a story once it has ended.

use covergen_saga::{Finish, Step};

use crate::world::{Deed, EFFECTS, STEPS, World};

/// Says what is wrong with how a task ended; `Ok` when nothing is.
pub(crate) fn check(world: &World, end: &Finish) -> Result<(), String> {
    let inner = world.inner();
    let whole = inner.effects.iter().copied().eq(sorted(&EFFECTS));
    let nothing = inner.effects.is_empty();
    let undone: Vec<&str> = undone(&inner.deeds);
    match end {
        Finish::Succeeded => {
            ensure(whole, || format!("succeeded with {:?}", inner.effects))?;
            ensure(undone.is_empty(), || {
                format!("succeeded and undid {undone:?}")
            })?;
        }
        Finish::Fatal(_) | Finish::Cancelled(_) => {
            ensure(nothing, || format!("ended undone with {:?}", inner.effects))?;
            ensure(undone.contains(&STEPS[0].name), || {
                "the first step was not undone, so the owner never learnt of the end".to_owned()
            })?;
        }
        Finish::NeedsOperator(_) => {
            ensure(
                world
                    .script
                    .stuck
                    .is_some_and(|(_, times)| times == usize::MAX)
                    || inner.pivoted,
                || "an operator was called for nothing".to_owned(),
            )?;
        }
        Finish::Transient { .. } => return Err("a transient end is none".to_owned()),
    }
    if matches!(end, Finish::Cancelled(_)) {
        ensure(inner.cancel_requested, || "nobody asked".to_owned())?;
    }
    in_reverse(&undone)?;
    forward_never_follows_back(&inner.deeds)
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn sorted(names: &[&'static str]) -> Vec<&'static str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

fn undone(deeds: &[Deed]) -> Vec<&'static str> {
    deeds
        .iter()
        .filter_map(|deed| match deed {
            Deed::Undid(step) => Some(*step),
            Deed::Ran(_) => None,
        })
        .collect()
}

/// A compensation may run twice, never before one of a later step.
fn in_reverse(undone: &[&str]) -> Result<(), String> {
    let place = |name: &str| STEPS.iter().position(|step: &Step| step.name == name);
    ensure(
        undone
            .windows(2)
            .all(|pair| place(pair[0]) >= place(pair[1])),
        || format!("undone in the wrong order: {undone:?}"),
    )
}

/// Once a step was undone, none runs any more.
fn forward_never_follows_back(deeds: &[Deed]) -> Result<(), String> {
    let turned = deeds
        .iter()
        .position(|deed| matches!(deed, Deed::Undid(_)))
        .unwrap_or(deeds.len());
    ensure(
        !deeds[turned..]
            .iter()
            .any(|deed| matches!(deed, Deed::Ran(_))),
        || format!("went forward on undone effects: {deeds:?}"),
    )
}
