//! Checks of composed RPCs: whatever stops the plan.

use super::method::Findings;
use crate::compose;

pub(super) fn check(findings: &mut Findings<'_>) {
    if let Some(Err(errors)) = compose::plan(findings.method) {
        for text in errors {
            findings.add(text);
        }
    }
}
