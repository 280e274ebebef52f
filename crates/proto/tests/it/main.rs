//! The generated code at work, on a contract that uses everything the
//! generator knows and on the project's own.

// A test that cannot go on has failed; clippy exempts `#[test]` functions only,
// not the helpers they call.
#![allow(clippy::unwrap_used)]

mod contracts;
mod differential;
mod json;
mod methods;
mod redaction;
mod rules;
mod serve;

/// The contract in `tests/proto`, compiled by the build script.
#[allow(unreachable_pub)] // The generated table is public where it belongs to a library.
mod generated {
    include!(concat!(env!("OUT_DIR"), "/scratch/contracts.rs"));
    include!(concat!(env!("OUT_DIR"), "/scratch/methods.rs"));

    pub(crate) const DESCRIPTORS: &[u8] =
        include_bytes!(concat!(env!("OUT_DIR"), "/scratch/descriptors.binpb"));
}

use generated::scratch::v1 as scratch;

/// A message that keeps every rule.
fn ruled() -> scratch::Ruled {
    scratch::Ruled {
        request_id: "r-1".to_owned(),
        pattern: "ab-12".to_owned(),
        exact: "yes".to_owned(),
        outside: 11,
        agreed: true,
        items: vec![item("one")],
        item: Some(item("two")),
        title: "t".to_owned(),
        source: Some(scratch::ruled::Source::Url("u://".to_owned())),
        left: "l".to_owned(),
        ..Default::default()
    }
}

fn item(name: &str) -> scratch::Item {
    scratch::Item {
        name: name.to_owned(),
        children: Vec::new(),
    }
}
