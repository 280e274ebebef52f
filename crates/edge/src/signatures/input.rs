//! `Signature-Input` and `Signature`: which signatures a request bears.

use http::HeaderMap;
use sfv::{BareItem, Dictionary, InnerList, KeyRef, ListEntry, ListSerializer, Parameters, Parser};

use super::refusal::Refusal;

/// Most signatures of one request that are looked at.
const MOST: usize = 8;
/// Most components of one signature.
const MOST_COMPONENTS: usize = 64;
/// Longest nonce, in characters, and shortest.
const NONCE_CHARS: std::ops::RangeInclusive<usize> = 8..=256;

/// One signature and what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signed {
    /// What it covers, each once, in the order of the signature base.
    pub(super) components: Vec<String>,
    /// Components and parameters as the signature base repeats them.
    pub(super) parameters: String,
    pub(super) created: Option<i64>,
    pub(super) expires: Option<i64>,
    pub(super) key_id: Option<String>,
    pub(super) algorithm: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) signature: Vec<u8>,
}

impl Signed {
    pub(super) fn covers(&self, component: &str) -> bool {
        self.components.iter().any(|covered| covered == component)
    }

    pub(super) fn names(&self, id: &str) -> bool {
        self.key_id.as_deref() == Some(id)
    }
}

/// Reads the signatures of a request; at least one. That one of them cannot be
/// taken is no reason against another.
pub(super) fn parse(headers: &HeaderMap) -> Result<Vec<Result<Signed, Refusal>>, Refusal> {
    let (inputs, signatures) = (
        dictionary(headers, "signature-input")?,
        dictionary(headers, "signature")?,
    );
    let (inputs, mut signatures) = match (inputs, signatures) {
        (None, None) => return Err(Refusal::Required),
        (Some(inputs), Some(signatures)) => (inputs, signatures),
        (None, Some(_)) => return Err(Refusal::invalid("Signature-Input is missing")),
        (Some(_), None) => return Err(Refusal::invalid("Signature is missing")),
    };
    if inputs.len() > MOST {
        return Err(Refusal::invalid(format!("there are more than {MOST}")));
    }
    let mut found = Vec::new();
    for (label, input) in inputs {
        let Some(signature) = signatures.shift_remove(&label) else {
            continue;
        };
        found.push(one(input, signature));
    }
    if found.is_empty() {
        return Err(Refusal::invalid(
            "no label of Signature-Input is one of Signature",
        ));
    }
    Ok(found)
}

/// A header that is a dictionary (RFC 9651), its lines joined.
pub(super) fn dictionary(
    headers: &HeaderMap,
    name: &'static str,
) -> Result<Option<Dictionary>, Refusal> {
    let lines: Vec<&[u8]> = headers.get_all(name).iter().map(|v| v.as_bytes()).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let joined = lines.join(&b", "[..]);
    Parser::new(&joined)
        .parse::<Dictionary>()
        .map(Some)
        .map_err(|_| Refusal::invalid(format!("{name} is not a dictionary of RFC 9651")))
}

fn one(input: ListEntry, signature: ListEntry) -> Result<Signed, Refusal> {
    let ListEntry::InnerList(list) = input else {
        return Err(Refusal::invalid("Signature-Input does not list components"));
    };
    let ListEntry::Item(sfv::Item {
        bare_item: BareItem::ByteSequence(signature),
        ..
    }) = signature
    else {
        return Err(Refusal::invalid("Signature does not hold bytes"));
    };
    let components = components(&list)?;
    let given = &list.params;
    Ok(Signed {
        components,
        created: integer(given, "created")?,
        expires: integer(given, "expires")?,
        key_id: text(given, "keyid")?,
        algorithm: text(given, "alg")?,
        nonce: nonce(text(given, "nonce")?)?,
        parameters: serialized(list),
        signature,
    })
}

fn components(list: &InnerList) -> Result<Vec<String>, Refusal> {
    if list.items.len() > MOST_COMPONENTS {
        let why = format!("it covers more than {MOST_COMPONENTS} components");
        return Err(Refusal::invalid(why));
    }
    let mut names: Vec<String> = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let BareItem::String(name) = &item.bare_item else {
            return Err(Refusal::invalid("a component's name is not a string"));
        };
        let name = name.as_str();
        // Each of `sf`, `key`, `bs`, `tr`, `req` and `name` makes another text
        // of a component. A parameter passed over would be a hole.
        if let Some((parameter, _)) = item.params.first() {
            let why = format!(
                "components are taken without parameters, and one has `{}`",
                short(parameter.as_str())
            );
            return Err(Refusal::invalid(why));
        }
        if names.iter().any(|known| known == name) {
            let why = format!("`{}` is covered twice", short(name));
            return Err(Refusal::invalid(why));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// The inner list as RFC 9421 repeats it: strictly serialized, whatever blanks
/// the header had.
fn serialized(list: InnerList) -> String {
    let mut serializer = ListSerializer::new();
    serializer.members(std::iter::once(&ListEntry::InnerList(list)));
    serializer.finish().unwrap_or_default()
}

fn integer(given: &Parameters, name: &'static str) -> Result<Option<i64>, Refusal> {
    match parameter(given, name) {
        None => Ok(None),
        Some(BareItem::Integer(value)) => Ok(Some(i64::from(*value))),
        Some(_) => Err(Refusal::invalid(format!("`{name}` is not an integer"))),
    }
}

fn text(given: &Parameters, name: &'static str) -> Result<Option<String>, Refusal> {
    match parameter(given, name) {
        None => Ok(None),
        Some(BareItem::String(value)) => Ok(Some(value.as_str().to_owned())),
        Some(_) => Err(Refusal::invalid(format!("`{name}` is not a string"))),
    }
}

fn parameter<'a>(given: &'a Parameters, name: &'static str) -> Option<&'a BareItem> {
    KeyRef::from_str(name).ok().and_then(|name| given.get(name))
}

fn nonce(given: Option<String>) -> Result<Option<String>, Refusal> {
    match given {
        Some(nonce) if !NONCE_CHARS.contains(&nonce.len()) => {
            let (least, most) = (NONCE_CHARS.start(), NONCE_CHARS.end());
            let why = format!("`nonce` does not have {least} to {most} characters");
            Err(Refusal::invalid(why))
        }
        other => Ok(other),
    }
}

/// The beginning of a name, for a sentence.
pub(super) fn short(name: &str) -> String {
    name.chars().take(64).collect()
}
