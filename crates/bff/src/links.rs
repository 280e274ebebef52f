//! Links from an answer to other routes, where the caller wants them.

use http::header::{LOCATION, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::call::Call;
use crate::json::Writer;

const PREFER: HeaderName = HeaderName::from_static("prefer");
pub(crate) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Everything but the unreserved characters of RFC 3986: whatever an id holds,
/// it stays inside its segment.
const SEGMENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same for a variable that covers several segments.
const PATH: AsciiSet = SEGMENT.remove(b'/');

/// One part of a link's address.
#[derive(Debug)]
pub enum Part {
    /// As it is.
    Literal(&'static str),
    /// The value of one segment; empty: the link leads nowhere.
    Segment(String),
    /// The value of several segments; empty: the link leads nowhere.
    Path(String),
}

/// The links of one answer.
#[derive(Debug, Default)]
pub(crate) struct Links {
    wanted: bool,
    /// What the caller asked for by header.
    asked: Option<bool>,
    found: Vec<(&'static str, &'static str, String)>,
}

impl Links {
    /// Whether the caller wants links: by its own word, else by its audience.
    pub(crate) fn of(headers: &HeaderMap, by_default: bool) -> Self {
        let asked = asked(headers);
        Self {
            wanted: asked.unwrap_or(by_default),
            asked,
            found: Vec::new(),
        }
    }

    /// Whether answers hold them.
    pub(crate) fn wanted(&self) -> bool {
        self.wanted
    }

    /// Adds the member `_links` to a finished object.
    pub(crate) fn close(&mut self, json: &mut Vec<u8>) {
        if self.found.is_empty() || json.last() != Some(&b'}') {
            return;
        }
        let mut writer = Writer::new();
        writer.map(
            self.found.drain(..).map(|(r, m, h)| (r, (m, h))),
            |w, (method, href)| {
                w.begin_object();
                w.field("href");
                w.string(&href);
                w.field("method");
                w.string(method);
                w.end_object();
            },
        );
        json.pop();
        if json.last() != Some(&b'{') {
            json.push(b',');
        }
        json.extend_from_slice(b"\"_links\":");
        json.extend_from_slice(&writer.into_bytes());
        json.push(b'}');
    }

    /// Says that the answer depends on the wish, and that it was heeded.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        headers.append(VARY, HeaderValue::from_static("prefer"));
        if let Some(applied) = self.applied() {
            headers.insert(PREFERENCE_APPLIED, applied);
        }
    }

    /// The wish that was heeded.
    pub(crate) fn applied(&self) -> Option<HeaderValue> {
        let word = if self.asked? { "links" } else { "links=off" };
        Some(HeaderValue::from_static(word))
    }
}

impl Call {
    /// Whether links need to be made at all.
    #[must_use]
    pub fn wants_links(&self) -> bool {
        self.links.wanted()
    }

    /// Adds a link, unless a value that its address needs is empty.
    pub fn link(&mut self, rel: &'static str, method: &'static str, parts: &[Part]) {
        if let Some(href) = address(parts) {
            self.links.found.push((rel, method, href));
        }
    }

    /// Names the place of what was made, unless a value that it needs is
    /// empty.
    pub fn locate(&mut self, parts: &[Part]) {
        let value = address(parts).and_then(|href| HeaderValue::try_from(href).ok());
        if let Some(value) = value {
            self.answer_headers.push((LOCATION, value));
        }
    }
}

/// The parts, joined; none where a value is empty.
fn address(parts: &[Part]) -> Option<String> {
    let mut href = String::new();
    for part in parts {
        match part {
            Part::Literal(text) => href.push_str(text),
            Part::Segment(value) | Part::Path(value) if value.is_empty() => return None,
            // Resolvers take these for steps, encoded or not.
            Part::Segment(value) if value == "." || value == ".." => return None,
            Part::Segment(value) => href.extend(utf8_percent_encode(value, &SEGMENT)),
            Part::Path(value) => href.extend(utf8_percent_encode(value, &PATH)),
        }
    }
    Some(href)
}

/// What `Prefer` (RFC 7240) says of links; of several, the first counts.
fn asked(headers: &HeaderMap) -> Option<bool> {
    let values = headers.get_all(PREFER);
    let mut wishes = values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    wishes.find_map(|wish| {
        let wish = wish.split(';').next().unwrap_or_default();
        let (name, value) = wish.split_once('=').unwrap_or((wish, ""));
        if !name.trim().eq_ignore_ascii_case("links") {
            return None;
        }
        let value = value.trim().trim_matches('"');
        match value.to_ascii_lowercase().as_str() {
            "" | "on" => Some(true),
            "off" => Some(false),
            // A preference that is not understood counts as not given.
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{Links, PREFER};

    fn of(values: &[&'static str]) -> Links {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(PREFER, HeaderValue::from_static(value));
        }
        Links::of(&headers, false)
    }

    #[test]
    fn a_wish_is_found_among_others() {
        for wanting in [
            &["links"][..],
            &["Links=on"],
            &["return=minimal, links"],
            &["respond-async", "wait=5, links;a=b"],
            &["links=\"on\", links=off"],
        ] {
            assert_eq!(of(wanting).asked, Some(true), "{wanting:?}");
        }
        assert_eq!(of(&["links=off"]).asked, Some(false));
        for silent in [&[][..], &["link"], &["links=sometimes"], &["return=links"]] {
            assert_eq!(of(silent).asked, None, "{silent:?}");
        }
    }

    #[test]
    fn links_are_the_last_member_of_an_object() {
        let mut links = of(&["links"]);
        for before in ["{}", "{\"a\":1}"] {
            links.found.push(("self", "GET", "/a".to_owned()));
            let mut json = before.as_bytes().to_vec();
            links.close(&mut json);
            let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
            assert_eq!(value["_links"]["self"]["href"], "/a");
        }
        links.found.push(("self", "GET", "/a".to_owned()));
        let mut list = b"[]".to_vec();
        links.close(&mut list);
        assert_eq!(list, b"[]");
    }
}
