//! Where an answer leads, and until when its route is there.

use prost_reflect::DynamicMessage;

use super::options::{message, messages, text};

/// `covergen.bff.v1.Link`.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) rel: String,
    pub(crate) rpc: String,
    pub(crate) bind: Vec<Bound>,
    /// Condition on the answer; empty: none.
    pub(crate) when: String,
}

/// What fills one path variable of a link.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) text: String,
}

/// Which message a binding reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Answer,
}

impl Bound {
    /// The message that `from` begins with, and the path within it.
    pub(crate) fn source(&self) -> Option<(Side, &str)> {
        let (side, path) = self.from.split_once('.')?;
        match side {
            "request" => Some((Side::Request, path)),
            "answer" => Some((Side::Answer, path)),
            _ => None,
        }
    }
}

/// `covergen.bff.v1.Deprecation`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deprecation {
    pub(crate) since: String,
    pub(crate) sunset: String,
    pub(crate) guide: String,
    /// Full name of the RPC that takes over; empty: none does.
    pub(crate) successor: String,
}

pub(super) fn links(exposure: &DynamicMessage) -> Vec<Link> {
    messages(exposure, "links").iter().map(link).collect()
}

/// The link that stands in `Location`.
pub(super) fn location(exposure: &DynamicMessage) -> Option<Link> {
    let mut found = message(exposure, "location").map(|given| link(&given))?;
    "location".clone_into(&mut found.rel);
    Some(found)
}

fn link(given: &DynamicMessage) -> Link {
    Link {
        rel: text(given, "rel"),
        rpc: text(given, "rpc"),
        when: text(given, "when"),
        bind: messages(given, "bind")
            .iter()
            .map(|bound| Bound {
                to: text(bound, "to"),
                from: text(bound, "from"),
                text: text(bound, "text"),
            })
            .collect(),
    }
}

pub(super) fn deprecation(exposure: &DynamicMessage) -> Option<Deprecation> {
    message(exposure, "deprecation").map(|given| Deprecation {
        since: text(&given, "since"),
        sunset: text(&given, "sunset"),
        guide: text(&given, "guide"),
        successor: text(&given, "successor"),
    })
}
