//! Protocols over HTTP that routes speak.

use prost_reflect::DynamicMessage;

use super::options::{message, messages, text};

/// `covergen.bff.v1.Protocol`. Headers are in lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Protocol {
    pub(crate) header: String,
    pub(crate) version: String,
    pub(crate) offered: String,
    /// Empty: not told.
    pub(crate) max_size: String,
    /// Condition on an answer that HEAD tells as gone; empty: none.
    pub(crate) gone_when: String,
    /// Headers and their texts.
    pub(crate) offers: Vec<(String, String)>,
}

impl Protocol {
    /// Every header that it names.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &str> {
        let own = [&self.header, &self.offered, &self.max_size];
        let offers = self.offers.iter().map(|(header, _)| header);
        own.into_iter()
            .chain(offers)
            .map(String::as_str)
            .filter(|header| !header.is_empty())
    }
}

pub(super) fn protocol(exposure: &DynamicMessage) -> Option<Protocol> {
    let given = message(exposure, "protocol")?;
    let header = |name: &str| text(&given, name).to_ascii_lowercase();
    let offers = messages(&given, "offers");
    let offers = offers.iter().map(|offer| {
        let name = text(offer, "header").to_ascii_lowercase();
        (name, text(offer, "text"))
    });
    Some(Protocol {
        header: header("header"),
        version: text(&given, "version"),
        offered: header("offered"),
        max_size: header("max_size"),
        gone_when: text(&given, "gone_when"),
        offers: offers.collect(),
    })
}
