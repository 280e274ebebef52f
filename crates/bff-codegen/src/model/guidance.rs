//! Where an answer leads, and until when its route is there.

use prost_reflect::DynamicMessage;

use super::options::{message, messages, text};

/// `covergen.bff.v1.Link`.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) rel: String,
    pub(crate) rpc: String,
    pub(crate) bind: Vec<Bound>,
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
}

pub(super) fn links(exposure: &DynamicMessage) -> Vec<Link> {
    let links = messages(exposure, "links");
    let links = links.iter().map(|link| Link {
        rel: text(link, "rel"),
        rpc: text(link, "rpc"),
        bind: messages(link, "bind")
            .iter()
            .map(|bound| Bound {
                to: text(bound, "to"),
                from: text(bound, "from"),
                text: text(bound, "text"),
            })
            .collect(),
    });
    links.collect()
}

pub(super) fn deprecation(exposure: &DynamicMessage) -> Option<Deprecation> {
    message(exposure, "deprecation").map(|given| Deprecation {
        since: text(&given, "since"),
        sunset: text(&given, "sunset"),
        guide: text(&given, "guide"),
    })
}
