//! All rules at once: one automaton finds every phrase in the stream of
//! letters, then each find is judged by what stands between its letters.

mod judge;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

use super::letters::{Letter, Reading, collapse, has_run, join, read};
use super::pattern::{Forms, PatternError, Phrase, phrases};
use super::text::{Cell, cells, normalise};
use super::{EVERYWHERE, Match, Rule, Verdict, bidi, percent};

/// Matches in one answer: more tell nobody anything.
const MAX_MATCHES: usize = 64;

/// Phrases of all rules together.
pub(crate) const MAX_PHRASES: usize = 200_000;

/// The rules, ready to match. Built once per revision of the rules.
#[derive(Default)]
pub(crate) struct Screen {
    rules: Vec<Rule>,
    plain: Option<Finder>,
    /// For texts with drawn-out letters.
    collapsed: Option<Finder>,
}

/// An automaton and what each of its phrases belongs to.
struct Finder {
    automaton: AhoCorasick,
    entries: Vec<Entry>,
}

struct Entry {
    phrase: Phrase,
    /// Index of the rule.
    rule: usize,
    /// A match inside this one is none.
    is_exception: bool,
}

/// A place in a text, by rule: first code point and the one after the last.
type Finds = BTreeSet<(usize, u32, u32)>;

impl Screen {
    /// Makes ready to match.
    ///
    /// # Errors
    /// A pattern cannot be used.
    pub(crate) fn new(rules: Vec<Rule>) -> Result<Self, PatternError> {
        let mut plain = Vec::new();
        let mut collapsed = Vec::new();
        for (rule, texts) in rules.iter().enumerate() {
            let patterns = texts.patterns.iter().map(|pattern| (pattern, false));
            let exceptions = texts.exceptions.iter().map(|pattern| (pattern, true));
            for (pattern, is_exception) in patterns.chain(exceptions) {
                for forms in phrases(pattern)? {
                    let entry = |phrase| Entry {
                        phrase,
                        rule,
                        is_exception,
                    };
                    let Forms {
                        plain: as_is,
                        collapsed: once,
                    } = forms;
                    plain.push(entry(as_is));
                    collapsed.extend(once.map(entry));
                }
            }
        }
        Ok(Self {
            plain: Finder::new(plain)?,
            collapsed: Finder::new(collapsed)?,
            rules,
        })
    }

    /// What the rules of some regions say about texts; of all regions when
    /// none is named.
    pub(crate) fn check(&self, texts: &[String], regions: &[String]) -> Verdict {
        let applies = |rule: &Rule| {
            regions.is_empty() || rule.region == EVERYWHERE || regions.contains(&rule.region)
        };
        let (mut matches, mut shadow) = (Vec::new(), Vec::new());
        for (text, text_index) in texts.iter().zip(0..) {
            for (rule, start, end) in widest(self.finds(text)) {
                let rule = &self.rules[rule];
                let into = if rule.is_shadow {
                    &mut shadow
                } else {
                    &mut matches
                };
                if applies(rule) {
                    into.push(Match {
                        rule_id: rule.id.clone(),
                        rule_version: rule.version,
                        category: rule.category.clone(),
                        region: rule.region.clone(),
                        score: rule.score,
                        text_index,
                        start: i32::try_from(start).unwrap_or(i32::MAX),
                        end: i32::try_from(end).unwrap_or(i32::MAX),
                    });
                }
            }
        }
        Verdict {
            matches: worst_first(matches),
            shadow: worst_first(shadow),
            ..Verdict::default()
        }
    }

    /// Phrases of all rules together.
    pub(crate) fn phrase_count(&self) -> usize {
        self.plain.as_ref().map_or(0, |finder| finder.entries.len())
    }

    fn finds(&self, text: &str) -> Finds {
        let mut finds = Finds::new();
        let given = cells(text);
        let decoded = percent::decode(&given);
        for text in [Some(given), decoded].iter().flatten() {
            self.find_in(text, &mut finds);
            if let Some(drawn) = bidi::drawn(text) {
                self.find_in(&drawn, &mut finds);
            }
        }
        finds
    }

    fn find_in(&self, given: &[Cell], finds: &mut Finds) {
        let plain = normalise(given);
        let (letters, has_leet) = read(&plain, Reading::Plain);
        self.find_among(&letters, finds);
        if has_leet {
            self.find_among(&read(&plain, Reading::Leet).0, finds);
        }
        if let Some(joined) = join(&letters) {
            self.find_among(&joined, finds);
        }
    }

    fn find_among(&self, letters: &[Letter], finds: &mut Finds) {
        if let Some(finder) = &self.plain {
            finder.find(letters, finds);
        }
        if let Some(finder) = self.collapsed.as_ref().filter(|_| has_run(letters)) {
            finder.find(&collapse(letters), finds);
        }
    }
}

/// Where letters stand in the text as given; turned round, the last is first.
fn place(rule: usize, letters: &[Letter]) -> (usize, u32, u32) {
    let from = letters.iter().map(|letter| letter.from).min();
    let to = letters.iter().map(|letter| letter.to).max();
    (rule, from.unwrap_or_default(), to.unwrap_or_default())
}

fn worst_first(mut matches: Vec<Match>) -> Vec<Match> {
    matches.sort_by(|a, b| {
        let place = |found: &Match| (found.text_index, found.start, found.end);
        b.score
            .total_cmp(&a.score)
            .then_with(|| place(a).cmp(&place(b)))
            .then_with(|| a.rule_id.cmp(&b.rule_id))
    });
    matches.truncate(MAX_MATCHES);
    matches
}

/// Of a rule's finds that lie in each other, the widest stays: `buy cocaine
/// online` and `buy cocaine` are one finding.
fn widest(finds: Finds) -> Vec<(usize, u32, u32)> {
    let mut finds: Vec<_> = finds.into_iter().collect();
    finds.sort_unstable_by_key(|&(rule, start, end)| (rule, start, Reverse(end)));
    // By now whatever covers a find stands before it, and reaches furthest.
    let mut reached = (usize::MAX, 0);
    finds.retain(|&(rule, _, end)| {
        let is_covered = reached.0 == rule && end <= reached.1;
        if !is_covered {
            reached = (rule, end);
        }
        !is_covered
    });
    finds
}

impl Finder {
    fn new(entries: Vec<Entry>) -> Result<Option<Self>, PatternError> {
        if entries.is_empty() {
            return Ok(None);
        }
        if entries.len() > MAX_PHRASES {
            return Err(PatternError::TooLarge);
        }
        let automaton = AhoCorasick::new(entries.iter().map(|entry| &entry.phrase.letters))
            .map_err(|_| PatternError::TooLarge)?;
        Ok(Some(Self { automaton, entries }))
    }

    fn find(&self, letters: &[Letter], finds: &mut Finds) {
        let mut stream = String::with_capacity(letters.len());
        // The letter that begins at a byte of the stream, and the end.
        let mut at_byte = Vec::with_capacity(letters.len() + 1);
        for letter in letters {
            at_byte.push(stream.len());
            stream.push(letter.ch);
        }
        let index = |byte: usize| at_byte.partition_point(|begin| *begin < byte);
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        let mut excepted: Vec<(usize, usize, usize)> = Vec::new();
        for hit in self.automaton.find_overlapping_iter(&stream) {
            let entry = &self.entries[hit.pattern().as_usize()];
            let (start, end) = (index(hit.start()), index(hit.end()));
            if judge::reads_as(letters, start..end, &entry.phrase) {
                let into = if entry.is_exception {
                    &mut excepted
                } else {
                    &mut found
                };
                into.push((entry.rule, start, end));
            }
        }
        for (rule, start, end) in found {
            let is_excepted = excepted
                .iter()
                .any(|&(of, from, to)| of == rule && from <= start && end <= to);
            if !is_excepted {
                finds.insert(place(rule, &letters[start..end]));
            }
        }
    }
}

#[cfg(test)]
mod tests;
