//! Rules without I/O: what is told to whom, where it may be sent, how it is
//! signed and encrypted, when it is tried again.

pub(crate) mod draft;
pub(crate) mod kind;
pub(crate) mod language;
pub(crate) mod network;
pub(crate) mod retry;
pub(crate) mod secret;
pub(crate) mod target;
pub(crate) mod text;
pub(crate) mod told;
pub(crate) mod vapid;
pub(crate) mod web_push;

/// Fields and what is wrong with each.
pub(crate) type Violations = Vec<(String, String)>;
