//! What a reader sees of a text: compatibility forms made plain (NFKC, UAX
//! #15) and the invisible left out, each character with its place.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

/// A character, and the code points of the text as given that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) ch: char,
    /// First code point.
    pub(super) from: u32,
    /// Code point after the last.
    pub(super) to: u32,
}

/// The code points of a text as they are.
pub(super) fn cells(text: &str) -> Vec<Cell> {
    let place = |(ch, from)| Cell {
        ch,
        from,
        to: from + 1,
    };
    text.chars().zip(0..).map(place).collect()
}

/// The same in NFKC, without what is not seen.
///
/// A base character is normalised together with what combines with it, so
/// every character that comes out stands for exactly those code points.
pub(super) fn normalise(given: &[Cell]) -> Vec<Cell> {
    let mut plain = Vec::with_capacity(given.len());
    let mut cluster = String::new();
    let mut seen = given
        .iter()
        .filter(|cell| !is_ignorable(cell.ch))
        .peekable();
    while let Some(first) = seen.next() {
        if first.ch.is_ascii() && seen.peek().is_none_or(|next| next.ch.is_ascii()) {
            plain.push(*first);
            continue;
        }
        cluster.clear();
        cluster.push(first.ch);
        let (mut from, mut to) = (first.from, first.to);
        while let Some(next) = seen.next_if(|next| combines(next.ch)) {
            cluster.push(combining(next.ch));
            from = from.min(next.from);
            to = to.max(next.to);
        }
        let composed = cluster.nfkc().filter(|ch| !is_ignorable(*ch));
        plain.extend(composed.map(|ch| Cell { ch, from, to }));
    }
    plain
}

/// The voiced sound marks that stand alone, as those that combine: after a
/// kana they are read the same, and NFKC would put a space before them.
const fn combining(ch: char) -> char {
    match ch {
        '\u{309B}' => '\u{3099}',
        '\u{309C}' => '\u{309A}',
        other => other,
    }
}

/// Whether a character may become one with the one before it.
fn combines(ch: char) -> bool {
    let is_jamo = matches!(ch, '\u{1160}'..='\u{11FF}' | '\u{D7B0}'..='\u{D7FF}');
    // The half-width voiced sound marks become combining ones under NFKC.
    let is_sound_mark = matches!(ch, '\u{309B}' | '\u{309C}' | '\u{FF9E}' | '\u{FF9F}');
    is_jamo || is_sound_mark || canonical_combining_class(ch) != 0 || is_combining_mark(ch)
}

/// `Default_Ignorable_Code_Point` of the Unicode Character Database
/// (DerivedCoreProperties.txt): nothing is drawn for it.
fn is_ignorable(ch: char) -> bool {
    matches!(
        ch,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::{cells, normalise};

    fn read(text: &str) -> (String, Vec<(u32, u32)>) {
        let plain = normalise(&cells(text));
        (
            plain.iter().map(|cell| cell.ch).collect(),
            plain.iter().map(|cell| (cell.from, cell.to)).collect(),
        )
    }

    #[test]
    fn compatibility_forms_become_plain_and_keep_their_place() {
        assert_eq!(read("Ａｂ"), ("Ab".to_owned(), vec![(0, 1), (1, 2)]));
        assert_eq!(
            read("x㎏"),
            ("xkg".to_owned(), vec![(0, 1), (1, 2), (1, 2)])
        );
        assert_eq!(read("𝓬𝓸"), ("co".to_owned(), vec![(0, 1), (1, 2)]));
    }

    #[test]
    fn what_combines_becomes_one_with_its_base() {
        assert_eq!(read("ﾊﾞa"), ("バa".to_owned(), vec![(0, 2), (2, 3)]));
        assert_eq!(read("e\u{301}x"), ("éx".to_owned(), vec![(0, 2), (2, 3)]));
        assert_eq!(read("\u{1100}\u{1161}"), ("가".to_owned(), vec![(0, 2)]));
    }

    #[test]
    fn the_invisible_is_left_out_also_inside_a_cluster() {
        let (plain, places) = read("a\u{200B}b\u{FE0F}\u{2060}c\u{E0041}");
        assert_eq!(plain, "abc");
        assert_eq!(places, [(0, 1), (2, 3), (5, 6)]);
        assert_eq!(read("e\u{200D}\u{301}").0, "é");
        assert_eq!(read("\u{200B}\u{FEFF}").0, "");
    }
}
