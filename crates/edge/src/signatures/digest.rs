//! `Content-Digest` (RFC 9530).

use covergen_bff::ContentDigest;
use http::HeaderMap;
use sfv::{BareItem, ListEntry};

use super::input::dictionary;
use super::refusal::Refusal;

pub(super) const HEADER: &str = "content-digest";

/// What the header says of the body: at least one digest that can be checked.
/// Those of other algorithms are passed over, as the RFC has it.
pub(super) fn parse(headers: &HeaderMap) -> Result<Vec<ContentDigest>, Refusal> {
    let stated = dictionary(headers, HEADER)?.unwrap_or_default();
    let mut found = Vec::new();
    for (algorithm, value) in stated {
        let (bytes, make): (usize, fn(Vec<u8>) -> ContentDigest) = match algorithm.as_str() {
            "sha-256" => (32, ContentDigest::Sha256),
            "sha-512" => (64, ContentDigest::Sha512),
            _ => continue,
        };
        let ListEntry::Item(sfv::Item {
            bare_item: BareItem::ByteSequence(digest),
            ..
        }) = value
        else {
            return Err(Refusal::invalid("Content-Digest does not hold bytes"));
        };
        if digest.len() != bytes {
            let why = format!("Content-Digest's {algorithm} does not have {bytes} bytes");
            return Err(Refusal::invalid(why));
        }
        found.push(make(digest));
    }
    if found.is_empty() {
        return Err(Refusal::invalid(
            "Content-Digest holds neither sha-256 nor sha-512",
        ));
    }
    Ok(found)
}
