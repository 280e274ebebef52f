//! Words of scripts that write none: Chinese and Japanese titles break between
//! words, as a typesetter would, and not wherever the line is full.

use std::sync::LazyLock;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use unicode_script::{Script, UnicodeScript};

/// Forbids a line break and shows nothing.
const JOINER: char = '\u{2060}';
/// Longer words may break inside: a name of eight characters would otherwise
/// rule the size of the whole title.
const MAX_JOINED_CHARS: usize = 5;
/// One-character words that lean on what stands before them.
const ENCLITICS: &str = "的了吗呢吧啊着过们地得嗎過們着之はがをにのでともへやかねよな";

static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
    LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));

/// The same text with joiners inside the words of Chinese and Japanese.
pub(super) fn keep_together(text: &str) -> String {
    if !text.chars().any(is_unspaced) {
        return text.to_owned();
    }
    let mut joined = String::with_capacity(text.len() * 2);
    let bounds: Vec<usize> = SEGMENTER.segment_str(text).collect();
    let mut before = "";
    for pair in bounds.windows(2) {
        let word = &text[pair[0]..pair[1]];
        // Doubled words, as in 画画 or 人人, are one.
        let leans = (ENCLITICS.contains(word) || word == before) && joined.ends_with(is_unspaced);
        before = word;
        if leans {
            joined.push(JOINER);
        }
        let is_joined = word.chars().all(is_unspaced) && word.chars().count() <= MAX_JOINED_CHARS;
        for (index, character) in word.chars().enumerate() {
            if is_joined && index > 0 {
                joined.push(JOINER);
            }
            joined.push(character);
        }
    }
    joined
}

/// The same text with a line break after every clause, where it has several:
/// people read "Title: the rest" as two lines.
pub(super) fn by_clause(text: &str) -> Option<String> {
    const WIDE: &str = "：；。！？，";
    const NARROW: [&str; 7] = [": ", " – ", " — ", " | ", "? ", "! ", "; "];
    let mut broken = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let is_long_enough = broken
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.chars().count() > 1);
        if let Some(mark) = NARROW.iter().find(|mark| rest.starts_with(**mark))
            && is_long_enough
        {
            broken.push_str(mark.trim_end());
            broken.push('\n');
            rest = &rest[mark.len()..];
            continue;
        }
        broken.push(character);
        rest = &rest[character.len_utf8()..];
        if WIDE.contains(character) && is_long_enough && rest.chars().count() > 2 {
            broken.push('\n');
            rest = rest.trim_start();
        }
    }
    let lines = broken.matches('\n').count();
    (lines > text.matches('\n').count()).then_some(broken)
}

/// Takes the joiners out again.
pub(super) fn without_joiners(text: &str) -> String {
    text.replace(JOINER, "")
}

fn is_unspaced(character: char) -> bool {
    matches!(
        character.script(),
        Script::Han | Script::Hiragana | Script::Katakana
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        // What is left between joiners is where a line may end.
        let kept = keep_together(text);
        let mut words: Vec<String> = Vec::new();
        let mut is_open = false;
        for character in kept.chars() {
            if character == JOINER {
                is_open = true;
            } else {
                match words.last_mut() {
                    Some(word) if is_open => word.push(character),
                    _ => words.push(character.to_string()),
                }
                is_open = false;
            }
        }
        words
    }

    #[test]
    fn chinese_words_stay_whole() {
        assert_eq!(words("三十天学会画画"), ["三十", "天", "学会", "画画"]);
    }

    #[test]
    fn a_particle_stays_with_its_word() {
        assert!(words("开始的完整指南").contains(&"开始的".to_owned()));
    }

    #[test]
    fn other_scripts_are_left_alone() {
        assert_eq!(keep_together("Focus"), "Focus");
    }

    #[test]
    fn joiners_come_out_again() {
        let text = "はじめての自炊";
        assert_eq!(without_joiners(&keep_together(text)), text);
    }
}
