//! The differences that are meant, read from the text beside this file.

use std::collections::BTreeSet;

pub(super) const DIVERGENCES: &str = include_str!("divergences.txt");

/// How a request is answered differently.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    /// Our status and theirs, or what differs between answers of one status.
    pub(super) kind: String,
    /// The request as it stands in the corpus.
    pub(super) request: String,
}

/// The lines; each stands under a reason.
pub(super) fn parse(text: &str) -> BTreeSet<Line> {
    let mut lines = BTreeSet::new();
    let mut has_reason = false;
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(reason) = line.strip_prefix("= ") {
            assert!(reason.contains('('), "names no specification: {reason}");
            has_reason = true;
        } else if !line.starts_with("# ") {
            assert!(has_reason, "without a reason: {line}");
            let (kind, request) = line.split_once(' ').expect("a kind and a request");
            let line = Line {
                kind: kind.to_owned(),
                request: request.to_owned(),
            };
            assert!(lines.insert(line), "listed twice: {request}");
        }
    }
    lines
}
