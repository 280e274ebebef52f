//! A text as the stream of letters that is matched: nothing but letters, each
//! with its place and with what stood before it.

use super::fold::{Shape, class, shapes};
use super::han;
use super::text::Cell;

/// What stands between a letter and the one before it, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing that is seen.
    None,
    /// Marks, such as a dot or an emoji.
    Mark,
    /// White space, and perhaps marks.
    Space,
    /// The end of a sentence or a line.
    Stop,
}

/// A letter of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letter {
    /// What is compared.
    pub(super) ch: char,
    /// What it was before letters became classes.
    own: char,
    pub(super) is_cjk: bool,
    /// What stands before it; the first letter of a text has a [`Gap::Stop`].
    pub(super) gap: Gap,
    /// First code point of the text as given.
    pub(super) from: u32,
    /// Code point after the last.
    pub(super) to: u32,
}

/// How digits and signs are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As what separates letters.
    Plain,
    /// As the letters they may stand for.
    Leet,
}

/// The letters of a text, and whether another reading would differ.
pub(super) fn read(cells: &[Cell], reading: Reading) -> (Vec<Letter>, bool) {
    let mut letters: Vec<Letter> = Vec::with_capacity(cells.len());
    let mut gap = Gap::Stop;
    let mut has_leet = false;
    for (at, cell) in cells.iter().enumerate() {
        if cell.ch == 'ー' {
            // Drawn out or not, a kana reads the same.
            continue;
        }
        if han::is_cjk(cell.ch) {
            letters.push(letter(cell, han::fold(cell.ch), true, gap));
            gap = Gap::None;
            continue;
        }
        shapes(cell.ch, |shape| {
            let read = match shape {
                Shape::Letter(own) => Ok(own),
                Shape::Digit(own) => {
                    has_leet = true;
                    leet(reading, own)
                }
                Shape::Sign(own) if stands_for_letter(cells, at) => {
                    has_leet = true;
                    leet(reading, own)
                }
                Shape::Sign(_) if cell.ch == '!' => Err(Gap::Stop),
                Shape::Sign(_) | Shape::Mark => Err(Gap::Mark),
                Shape::Space => Err(Gap::Space),
                Shape::Stop => Err(Gap::Stop),
                Shape::Nothing => Err(Gap::None),
            };
            match read {
                Ok(own) => {
                    letters.push(letter(cell, own, false, gap));
                    gap = Gap::None;
                }
                Err(wider) => gap = gap.max(wider),
            }
        });
    }
    (letters, has_leet)
}

fn letter(cell: &Cell, own: char, is_cjk: bool, gap: Gap) -> Letter {
    Letter {
        ch: class(own),
        own,
        is_cjk,
        gap,
        from: cell.from,
        to: cell.to,
    }
}

fn leet(reading: Reading, own: char) -> Result<char, Gap> {
    match reading {
        Reading::Leet => Ok(own),
        Reading::Plain => Err(Gap::Mark),
    }
}

/// Whether a sign can be read as a letter: within a word any can, at the ends
/// of one a single `@` or `$` can, and `!!!` is what it is.
fn stands_for_letter(cells: &[Cell], at: usize) -> bool {
    let is_sign = |cell: &&Cell| "@$!|€¢".contains(cell.ch);
    let (before, after) = (&cells[..at], &cells[at + 1..]);
    let left = before.iter().rev().take_while(is_sign).count();
    let right = after.iter().take_while(is_sign).count();
    let is_letter = |cell: Option<&Cell>| cell.is_some_and(|cell| cell.ch.is_alphanumeric());
    let begins = is_letter(before.iter().rev().nth(left));
    let ends = is_letter(after.get(right));
    let is_single = left + right == 0 && !matches!(cells[at].ch, '!' | '|');
    (begins && ends) || (is_single && (begins || ends))
}

/// Whether a letter is drawn out, as in `cocaaaine`.
pub(super) fn has_run(letters: &[Letter]) -> bool {
    letters
        .windows(3)
        .any(|three| repeats(&three[0], &three[1]) && repeats(&three[1], &three[2]))
}

/// The stream with every letter once where it is repeated. Each keeps the
/// place of all of them.
pub(super) fn collapse(letters: &[Letter]) -> Vec<Letter> {
    let mut out: Vec<Letter> = Vec::with_capacity(letters.len());
    for letter in letters {
        match out.last_mut() {
            Some(last) if repeats(last, letter) => {
                // Either may come first where the text was turned round.
                last.from = last.from.min(letter.from);
                last.to = last.to.max(letter.to);
            }
            _ => out.push(*letter),
        }
    }
    out
}

/// The stream with characters that were taken apart put together again, as
/// `木仓` for `枪`; `None` when there are none. A whole one keeps the place of
/// both parts.
pub(super) fn join(letters: &[Letter]) -> Option<Vec<Letter>> {
    let whole = |left: &Letter, right: &Letter| {
        let are_near = left.is_cjk && right.is_cjk && right.gap <= Gap::Mark;
        are_near.then(|| han::whole(left.ch, right.ch)).flatten()
    };
    if !letters
        .windows(2)
        .any(|two| whole(&two[0], &two[1]).is_some())
    {
        return None;
    }
    let mut out = Vec::with_capacity(letters.len());
    let mut rest = letters;
    while let [first, after @ ..] = rest {
        rest = after;
        let joined = after.first().and_then(|next| {
            whole(first, next).map(|ch| Letter {
                ch,
                own: ch,
                from: first.from.min(next.from),
                to: first.to.max(next.to),
                ..*first
            })
        });
        if joined.is_some() {
            rest = &after[1..];
        }
        out.push(joined.unwrap_or(*first));
    }
    Some(out)
}

fn repeats(left: &Letter, right: &Letter) -> bool {
    !left.is_cjk && left.own == right.own && right.gap == Gap::None
}

#[cfg(test)]
mod tests {
    use super::{Gap, Reading, collapse, has_run, read};
    use crate::domain::text::{cells, normalise};

    fn stream(text: &str, reading: Reading) -> String {
        let (letters, _) = read(&normalise(&cells(text)), reading);
        let mut out = String::new();
        for letter in letters {
            out.push_str(match letter.gap {
                Gap::None => "",
                Gap::Mark => "-",
                Gap::Space => "_",
                Gap::Stop => "|",
            });
            out.push(letter.ch);
        }
        out
    }

    #[test]
    fn what_separates_letters_is_kept_beside_them() {
        assert_eq!(stream("a b.c, d", Reading::Plain), "|a_b-c|d");
        assert_eq!(stream("冰-毒。出 售", Reading::Plain), "|冰-毒|出_售");
        assert_eq!(stream("  (a)  ", Reading::Plain), "|a");
    }

    #[test]
    fn digits_and_signs_are_read_both_ways() {
        assert_eq!(stream("c0ca", Reading::Plain), "|c-ca");
        assert_eq!(stream("c0ca", Reading::Leet), "|coca");
        assert_eq!(stream("p@$s!", Reading::Leet), "|pass");
        assert_eq!(stream("k!ck it!", Reading::Leet), "|kick_it");
        assert_eq!(stream("c4r$!!! $10", Reading::Leet), "|car|sio");
        assert_eq!(stream("a @ b $ c", Reading::Leet), "|a_b_c");
    }

    #[test]
    fn a_repeated_letter_is_one_letter_at_all_their_places() {
        let (letters, _) = read(&cells("caaaar lll"), Reading::Plain);
        assert!(has_run(&letters));
        let once = collapse(&letters);
        let places: Vec<(u32, u32)> = once.iter().map(|one| (one.from, one.to)).collect();
        assert_eq!(places, [(0, 1), (1, 5), (5, 6), (7, 10)]);
        let (letters, _) = read(&cells("kill all"), Reading::Plain);
        assert!(!has_run(&letters));
    }
}
