//! What must be there, and what must not be there together.

use crate::validate::{Path, Violation, violated};

/// Notes that the field at `path` is required and is not there.
pub fn missing(path: &Path<'_>, out: &mut Vec<Violation>) {
    violated(path, "required", "is required", out);
}

/// Judges a group of `fields` of which `set` are set: at most one may be, and
/// one must be where it is `required`.
pub fn one_of(
    set: usize,
    required: bool,
    fields: &[&str],
    path: &Path<'_>,
    out: &mut Vec<Violation>,
) {
    let names = fields.join(", ");
    if set > 1 {
        violated(
            path,
            "message.oneof",
            format!("at most one of {names} may be given"),
            out,
        );
    } else if set == 0 && required {
        violated(
            path,
            "message.oneof",
            format!("one of {names} is required"),
            out,
        );
    }
}
