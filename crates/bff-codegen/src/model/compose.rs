//! `covergen.bff.v1.Compose`, as it is written.

use prost_reflect::DynamicMessage;

use super::options::{boolean, messages, text};

/// Several calls that make one answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Compose {
    pub(crate) parts: Vec<Part>,
}

/// One of the calls.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) field: String,
    pub(crate) rpc: String,
    /// Field of the call's answer; empty: all of it.
    pub(crate) take: String,
    pub(crate) bind: Vec<Binding>,
    pub(crate) optional: bool,
}

/// What fills one field of a call's request.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    pub(crate) to: String,
    /// Empty where `text` is given.
    pub(crate) from: String,
    pub(crate) text: String,
}

pub(super) fn read(compose: &DynamicMessage) -> Compose {
    let parts = messages(compose, "parts");
    let parts = parts.iter().map(|part| Part {
        field: text(part, "field"),
        rpc: text(part, "rpc"),
        take: text(part, "take"),
        bind: messages(part, "bind").iter().map(binding).collect(),
        optional: boolean(part, "optional"),
    });
    Compose {
        parts: parts.collect(),
    }
}

fn binding(binding: &DynamicMessage) -> Binding {
    Binding {
        to: text(binding, "to"),
        from: text(binding, "from"),
        text: text(binding, "text"),
    }
}
