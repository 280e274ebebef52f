//! Rules, verdicts, and how a text is read.
//!
//! Modules in reading order: `text` (code points to what a reader sees),
//! `percent`, `fold` (Latin and its look-alikes), `han` (CJK), `letters` (the
//! stream that is matched), `pattern` (what rules are written in), `screen`
//! (matching), `bundle` (the rules that come with this build).

pub(crate) mod bundle;
mod fold;
mod han;
mod letters;
pub(crate) mod pattern;
mod percent;
pub(crate) mod screen;
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

/// What the rules say about some texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Verdict {
    /// Worst first.
    pub(crate) matches: Vec<Match>,
}

impl Verdict {
    /// The highest score of each category. Of several regions' rules the
    /// strictest counts.
    pub(crate) fn scores(&self) -> BTreeMap<String, f64> {
        let mut scores: BTreeMap<String, f64> = BTreeMap::new();
        for found in &self.matches {
            let score = scores.entry(found.category.clone()).or_default();
            *score = score.max(found.score);
        }
        scores
    }
}
