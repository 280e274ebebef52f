//! Which calls a route or a fault is for.

use http::{HeaderMap, HeaderName, request::Parts};

use super::reader::Node;

/// Matches what all its parts match; without parts, everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Matcher {
    path: Option<PathMatch>,
    headers: Vec<HeaderMatch>,
}

#[derive(Debug, Clone, PartialEq)]
enum PathMatch {
    Exact(String),
    Prefix(String),
}

#[derive(Debug, Clone, PartialEq)]
struct HeaderMatch {
    name: HeaderName,
    value: ValueMatch,
    inverted: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum ValueMatch {
    Exact(String),
    Prefix(String),
    Present(bool),
}

impl Matcher {
    pub(crate) fn matches(&self, head: &Parts) -> bool {
        let path = head.uri.path();
        let path_fits = match &self.path {
            None => true,
            Some(PathMatch::Exact(exact)) => path == exact,
            Some(PathMatch::Prefix(prefix)) => path.starts_with(prefix.as_str()),
        };
        path_fits
            && self
                .headers
                .iter()
                .all(|header| header.matches(&head.headers))
    }

    pub(super) fn read(node: &Node<'_>) -> Self {
        let fields = node.fields(&["path", "prefix", "headers"]);
        let text = |name| fields.get(name).and_then(|node| path_text(&node));
        if fields.get("path").is_some() && fields.get("prefix").is_some() {
            node.fail("a match has a `path` or a `prefix`, not both");
        }
        let headers = fields.items("headers");
        Self {
            path: text("path")
                .map(PathMatch::Exact)
                .or_else(|| text("prefix").map(PathMatch::Prefix)),
            headers: headers.iter().filter_map(HeaderMatch::read).collect(),
        }
    }
}

fn path_text(node: &Node<'_>) -> Option<String> {
    let text = node.text()?;
    if !text.starts_with('/') {
        node.fail("expected a path such as \"/package.Service/Method\"");
    }
    Some(text.to_owned())
}

impl HeaderMatch {
    fn matches(&self, headers: &HeaderMap) -> bool {
        let value = headers.get(&self.name).map(http::HeaderValue::as_bytes);
        let fits = match (&self.value, value) {
            (ValueMatch::Present(present), value) => value.is_some() == *present,
            (_, None) => false,
            (ValueMatch::Exact(exact), Some(value)) => value == exact.as_bytes(),
            (ValueMatch::Prefix(prefix), Some(value)) => value.starts_with(prefix.as_bytes()),
        };
        fits != self.inverted
    }

    fn read(node: &Node<'_>) -> Option<Self> {
        let kinds = ["exactMatch", "prefixMatch", "presentMatch"];
        let fields = node.fields(&[
            "name",
            "exactMatch",
            "prefixMatch",
            "presentMatch",
            "invertMatch",
        ]);
        let Some(name) = fields.get("name") else {
            node.fail("a header match needs a `name`");
            return None;
        };
        let name = header_name(&name);
        if kinds
            .iter()
            .filter(|kind| fields.get(kind).is_some())
            .count()
            != 1
        {
            node.fail(format!("a header match needs one of {kinds:?}"));
            return None;
        }
        let text = |field| fields.get(field)?.text().map(str::to_owned);
        let present = || fields.get("presentMatch")?.flag();
        let value = text("exactMatch")
            .map(ValueMatch::Exact)
            .or_else(|| text("prefixMatch").map(ValueMatch::Prefix))
            .or_else(|| present().map(ValueMatch::Present))?;
        let inverted = fields.get("invertMatch").and_then(|node| node.flag());
        Some(Self {
            name: name?,
            value,
            inverted: inverted.unwrap_or(false),
        })
    }
}

pub(super) fn header_name(node: &Node<'_>) -> Option<HeaderName> {
    let name = node.text()?.parse().ok();
    if name.is_none() {
        node.fail("expected the name of a header, in lower case");
    }
    name
}
