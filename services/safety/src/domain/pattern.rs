//! What rules are written in: phrases, with alternatives in parentheses.
//!
//! `(buy|sell) (cheap |)cocaine` stands for four phrases. A phrase is read the
//! way texts are, so any spelling that looks like it is it.

use super::letters::{Gap, Letter, Reading, collapse, read};
use super::text::{cells, normalise};

/// Phrases that one pattern may stand for.
const MAX_PHRASES: usize = 4_096;

/// Letters that a phrase has at least: less would match everywhere.
const MIN_LETTERS: usize = 2;

/// Letters at most.
const MAX_LETTERS: usize = 128;

/// Letters that a phrase of Latin still has at least after its repetitions are
/// taken out, to be looked for in texts with drawn-out letters.
const MIN_COLLAPSED: usize = 6;

/// A pattern that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternError {
    /// Parentheses do not match.
    #[error("`{0}`: parentheses do not match, or stand in each other")]
    Parentheses(String),
    /// It stands for more phrases than one pattern may.
    #[error("`{0}`: more than {MAX_PHRASES} phrases")]
    TooMany(String),
    /// A phrase is too short or too long.
    #[error("`{0}`: a phrase has {MIN_LETTERS} to {MAX_LETTERS} letters")]
    Length(String),
    /// All phrases together are too many.
    #[error("the rules are too large to be matched with")]
    TooLarge,
}

/// One phrase, ready to be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// The letters, without anything between them.
    pub(super) letters: String,
    /// For each letter, whether a word begins with it.
    pub(super) starts_word: Vec<bool>,
}

impl Phrase {
    fn new(letters: &[Letter]) -> Self {
        Self {
            letters: letters.iter().map(|letter| letter.ch).collect(),
            starts_word: letters
                .iter()
                .map(|letter| letter.gap > Gap::None)
                .collect(),
        }
    }
}

/// A phrase as it is, and as it is looked for among drawn-out letters.
pub(super) struct Forms {
    pub(super) plain: Phrase,
    pub(super) collapsed: Option<Phrase>,
}

/// The phrases that a pattern stands for.
pub(super) fn phrases(pattern: &str) -> Result<Vec<Forms>, PatternError> {
    expand(pattern)?
        .iter()
        .map(|phrase| {
            let (letters, _) = read(&normalise(&cells(phrase)), Reading::Leet);
            if !(MIN_LETTERS..=MAX_LETTERS).contains(&letters.len()) {
                return Err(PatternError::Length(phrase.clone()));
            }
            let once = collapse(&letters);
            let fits = once.len() >= MIN_COLLAPSED && !once[0].is_cjk;
            Ok(Forms {
                plain: Phrase::new(&letters),
                collapsed: fits.then(|| Phrase::new(&once)),
            })
        })
        .collect()
}

fn expand(pattern: &str) -> Result<Vec<String>, PatternError> {
    let wrong = || PatternError::Parentheses(pattern.to_owned());
    let mut phrases = vec![String::new()];
    let mut rest = pattern;
    while !rest.is_empty() {
        let (plain, group) = match rest.split_once('(') {
            Some((plain, group)) => (plain, Some(group)),
            None => (rest, None),
        };
        if plain.contains(')') {
            return Err(wrong());
        }
        for phrase in &mut phrases {
            phrase.push_str(plain);
        }
        let Some(group) = group else { break };
        let (choices, after) = group.split_once(')').ok_or_else(wrong)?;
        if choices.contains('(') {
            return Err(wrong());
        }
        phrases = phrases
            .iter()
            .flat_map(|phrase| choices.split('|').map(move |one| format!("{phrase}{one}")))
            .collect();
        if phrases.len() > MAX_PHRASES {
            return Err(PatternError::TooMany(pattern.to_owned()));
        }
        rest = after;
    }
    Ok(phrases)
}

#[cfg(test)]
mod tests {
    use super::{PatternError, expand, phrases};

    #[test]
    fn alternatives_make_every_phrase() {
        assert_eq!(
            expand("(buy|sell) (cheap |)tea").unwrap(),
            ["buy cheap tea", "buy tea", "sell cheap tea", "sell tea"]
        );
        assert_eq!(expand("plain").unwrap(), ["plain"]);
        assert_eq!(expand("冰(块|)").unwrap(), ["冰块", "冰"]);
    }

    #[test]
    fn a_pattern_that_cannot_be_used_is_refused() {
        for wrong in ["a(b", "a)b", "((a|b)|c)", "a|b)"] {
            let refused = expand(wrong);
            assert_eq!(refused, Err(PatternError::Parentheses(wrong.to_owned())));
        }
        let many = "(a|b|c|d|e|f|g|h)".repeat(5);
        assert!(matches!(expand(&many), Err(PatternError::TooMany(_))));
        for length in ["", "a", "冰", "...", &"ab".repeat(65)] {
            let refused = phrases(length).err();
            assert_eq!(refused, Some(PatternError::Length(length.to_owned())));
        }
    }

    #[test]
    fn words_begin_where_they_do() {
        let phrase = &phrases("go on").unwrap()[0].plain;
        assert_eq!(phrase.letters, "goon");
        assert_eq!(phrase.starts_word, [true, false, true, false]);
    }
}
