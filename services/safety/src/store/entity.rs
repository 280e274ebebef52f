//! One file per table.

pub(crate) mod appeal;
pub(crate) mod blocked_image;
pub(crate) mod rule;
pub(crate) mod rule_state;
pub(crate) mod shadow_match;
pub(crate) mod violation;
