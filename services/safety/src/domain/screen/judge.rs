//! Whether letters in a row read as a phrase, by what stands between them.

use std::ops::Range;

use crate::domain::letters::{Gap, Letter};
use crate::domain::pattern::Phrase;

/// Letters of a phrase from which on spaces within its words are believed to
/// be a disguise: shorter ones arise between words by chance.
const MIN_SPACED: usize = 8;

/// Characters of CJK from which on the end of a sentence within a phrase is.
const MIN_STOPPED: usize = 4;

/// Whether the letters of a range, which are those of a phrase, read as it.
pub(super) fn reads_as(letters: &[Letter], range: Range<usize>, phrase: &Phrase) -> bool {
    let found = &letters[range.clone()];
    let after = letters.get(range.end);
    begins_alone(letters, range.start)
        && ends_alone(found, after)
        && words(phrase).all(|word| {
            let inner = &found[word];
            if inner[0].is_cjk || inner.iter().any(|letter| letter.is_cjk) {
                cjk_word(inner, found.len())
            } else {
                latin_word(inner, found.len())
            }
        })
}

/// A Latin word begins after a gap or a character that is read on its own.
fn begins_alone(letters: &[Letter], start: usize) -> bool {
    let first = &letters[start];
    let before = start.checked_sub(1).map(|before| &letters[before]);
    first.is_cjk || first.gap > Gap::None || before.is_none_or(|before| before.is_cjk)
}

fn ends_alone(found: &[Letter], after: Option<&Letter>) -> bool {
    let last_is_cjk = found.last().is_none_or(|last| last.is_cjk);
    last_is_cjk || after.is_none_or(|after| after.is_cjk || after.gap > Gap::None)
}

/// The words of a phrase, as ranges of its letters.
fn words(phrase: &Phrase) -> impl Iterator<Item = Range<usize>> {
    let starts = &phrase.starts_word;
    let begins = move |at: usize| at == 0 || starts[at];
    (0..starts.len())
        .filter(move |at| begins(*at))
        .map(move |at| {
            let next = (at + 1..starts.len()).find(|next| begins(*next));
            at..next.unwrap_or(starts.len())
        })
}

/// Anything may stand between characters that are read one by one, but a short
/// word does not reach across sentences.
fn cjk_word(word: &[Letter], phrase_len: usize) -> bool {
    phrase_len >= MIN_STOPPED || word[1..].iter().all(|letter| letter.gap < Gap::Stop)
}

/// A word of Latin reads as itself when nothing stands within it, when only
/// marks do, or when every letter stands alone (`c o c a i n e`).
fn latin_word(word: &[Letter], phrase_len: usize) -> bool {
    let inner = || word[1..].iter();
    let is_marked = inner().all(|letter| letter.gap != Gap::Space);
    // Two letters of one character, such as the `rn` of an `m`, are one.
    let is_spelled = word
        .windows(2)
        .all(|two| two[1].gap > Gap::None || two[0].from == two[1].from);
    is_marked || is_spelled || phrase_len >= MIN_SPACED
}
