//! Rules, verdicts, and how a text is read.
//!
//! Modules in reading order: `text` (code points to what a reader sees),
//! `percent`, `bidi` (what is stored backwards), `fold` (Latin and its
//! look-alikes), `han` (CJK), `letters` (the stream that is matched), `pattern`
//! (what rules are written in), `screen` (matching), `bundle` (the rules that
//! come with this build), `pdq` (how pictures are hashed), `gallery` (blocked
//! ones), `statement` (why a piece of work was stopped).

mod bidi;
pub(crate) mod bundle;
mod fold;
pub(crate) mod gallery;
mod han;
mod letters;
pub(crate) mod pattern;
pub(crate) mod pdq;
mod percent;
pub(crate) mod screen;
pub(crate) mod statement;
mod text;

use std::collections::BTreeMap;

/// Region of a rule that holds everywhere.
pub(crate) const EVERYWHERE: &str = "*";

/// One version of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) version: i32,
    /// Slug.
    pub(crate) category: String,
    /// What it forbids, in a sentence.
    pub(crate) description: String,
    /// ISO 3166-1 alpha-2 code, `EU`, or [`EVERYWHERE`].
    pub(crate) region: String,
    /// 0 to 1.
    pub(crate) score: f64,
    /// See [`pattern`].
    pub(crate) patterns: Vec<String>,
    /// Phrases in which a match is none; same form.
    pub(crate) exceptions: Vec<String>,
    /// This version takes the rule out of force.
    pub(crate) is_retired: bool,
    /// What it matches is noted, and never flagged.
    pub(crate) is_shadow: bool,
    /// A law forbids it, rather than the terms.
    pub(crate) is_law: bool,
    /// Clause of the law or the terms; may be empty.
    pub(crate) ground_reference: String,
}

/// One rule's match in one text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Match {
    pub(crate) rule_id: String,
    pub(crate) rule_version: i32,
    pub(crate) category: String,
    pub(crate) region: String,
    /// 0 to 1.
    pub(crate) score: f64,
    pub(crate) text_index: i32,
    /// First code point of the text as given.
    pub(crate) start: i32,
    /// Code point after the last.
    pub(crate) end: i32,
}

/// A picture that looks like a blocked one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ImageMatch {
    pub(crate) blocked_id: String,
    pub(crate) category: String,
    pub(crate) region: String,
    pub(crate) image_index: i32,
    /// Bits in which the hashes differ.
    pub(crate) distance: i32,
    pub(crate) turn: pdq::Turn,
    /// 0 to 1.
    pub(crate) score: f64,
}

/// What the rules say about some texts and pictures.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Verdict {
    /// Worst first.
    pub(crate) matches: Vec<Match>,
    /// What rules in shadow matched: for their authors, not for the verdict.
    pub(crate) shadow: Vec<Match>,
    /// Worst first.
    pub(crate) image_matches: Vec<ImageMatch>,
    /// One for each picture.
    pub(crate) prints: Vec<pdq::Print>,
}

impl Verdict {
    /// Whether anything stands against the work.
    pub(crate) fn is_flagged(&self) -> bool {
        !self.matches.is_empty() || !self.image_matches.is_empty()
    }

    /// The highest score of each category. Of several regions' rules the
    /// strictest counts.
    pub(crate) fn scores(&self) -> BTreeMap<String, f64> {
        let mut scores: BTreeMap<String, f64> = BTreeMap::new();
        let texts = self.matches.iter().map(|one| (&one.category, one.score));
        let images = self.image_matches.iter();
        let images = images.map(|one| (&one.category, one.score));
        for (category, found) in texts.chain(images) {
            let score = scores.entry(category.clone()).or_default();
            *score = score.max(found);
        }
        scores
    }
}
