//! Text that is stored backwards and drawn forwards.
//!
//! An override (UAX #9) makes every letter run from right to left: what is
//! stored as `eniacoc` is read as `cocaine`. The order that is drawn is found
//! as the standard does it, with every letter taken for one of Latin or Han,
//! which the rules are about. How lines are broken is not known here.

use super::text::Cell;

/// Deepest nesting that is looked at, as in the standard.
const MAX_LEVEL: u8 = 125;

const OVERRIDE_LEFT: char = '\u{202E}';

/// Embeddings and isolates that are open.
#[derive(Clone, Copy)]
struct Open {
    level: u8,
    /// Letters run as the level does, not as they would.
    is_override: bool,
    is_isolate: bool,
    /// It is nested too deep to count.
    has_no_room: bool,
}

/// The text in the order in which it is drawn; `None` where that is its own.
pub(super) fn drawn(given: &[Cell]) -> Option<Vec<Cell>> {
    if !given.iter().any(|cell| cell.ch == OVERRIDE_LEFT) {
        return None;
    }
    let mut out = Vec::with_capacity(given.len());
    // Each paragraph begins anew.
    for paragraph in given.split_inclusive(|cell| is_paragraph_end(cell.ch)) {
        let mut seen = levels(paragraph);
        reorder(&mut seen);
        out.extend(seen.into_iter().map(|(cell, _)| cell));
    }
    Some(out)
}

fn is_paragraph_end(ch: char) -> bool {
    matches!(ch, '\n' | '\r' | '\u{85}' | '\u{2029}')
}

/// What is seen, each with its level: odd ones run from right to left.
fn levels(paragraph: &[Cell]) -> Vec<(Cell, u8)> {
    let mut open: Vec<Open> = Vec::new();
    let mut seen = Vec::with_capacity(paragraph.len());
    for cell in paragraph {
        let base = open.last().map_or(0, |open| open.level);
        let (odd, even) = ((base + 1) | 1, (base + 2) & !1);
        let (level, is_override, is_isolate) = match cell.ch {
            OVERRIDE_LEFT => (odd, true, false),
            '\u{202D}' => (even, true, false),
            '\u{202B}' => (odd, false, false),
            '\u{202A}' => (even, false, false),
            '\u{2067}' => (odd, false, true),
            '\u{2066}' | '\u{2068}' => (even, false, true),
            '\u{202C}' => {
                open.pop_if(|last| !last.is_isolate);
                continue;
            }
            '\u{2069}' => {
                if let Some(at) = open.iter().rposition(|one| one.is_isolate) {
                    open.truncate(at);
                }
                continue;
            }
            ch if is_paragraph_end(ch) => {
                seen.push((*cell, 0));
                continue;
            }
            _ => {
                let is_override = open.last().is_some_and(|open| open.is_override);
                // A letter that is free to runs from left to right.
                let own = if is_override { base } else { (base + 1) & !1 };
                seen.push((*cell, own));
                continue;
            }
        };
        // Deeper ones change nothing, nor does what opens within them (X2 to X5c).
        let outer = open.last().copied();
        let has_no_room = level > MAX_LEVEL || outer.is_some_and(|outer| outer.has_no_room);
        open.push(Open {
            level: if has_no_room { base } else { level },
            is_override: match outer {
                Some(outer) if has_no_room => outer.is_override,
                _ => is_override,
            },
            is_isolate,
            has_no_room,
        });
    }
    seen
}

/// Rule L2: from the highest level down, whatever is as high is turned round.
fn reorder(seen: &mut [(Cell, u8)]) {
    let highest = seen.iter().map(|(_, level)| *level).max().unwrap_or(0);
    for level in (1..=highest).rev() {
        for run in seen.chunk_by_mut(|a, b| (a.1 >= level) == (b.1 >= level)) {
            if run[0].1 >= level {
                run.reverse();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::drawn;
    use crate::domain::text::cells;

    fn read(text: &str) -> Option<String> {
        Some(drawn(&cells(text))?.iter().map(|cell| cell.ch).collect())
    }

    #[test]
    fn what_an_override_turns_round_is_read_as_it_is_drawn() {
        assert_eq!(read("a \u{202E}eniacoc\u{202C} b").unwrap(), "a cocaine b");
        assert_eq!(read("\u{202E}eniacoc").unwrap(), "cocaine", "to the end");
        // One within another, and one that puts its letters right again.
        assert_eq!(read("\u{202E}fe\u{202D}cd\u{202C}ba").unwrap(), "abcdef");
        assert_eq!(read("\u{2066}\u{202E}cba\u{2069}de").unwrap(), "abcde");
        assert_eq!(read("\u{202E}cba\nde").unwrap(), "abc\nde");
    }

    #[test]
    fn embeddings_leave_the_letters_of_latin_alone() {
        assert_eq!(read("plain"), None);
        assert_eq!(read("\u{202B}abc\u{202C}"), None);
        assert_eq!(read("\u{2067}abc\u{2069}\u{202E}\u{202C}").unwrap(), "abc");
    }

    #[test]
    fn nesting_without_end_and_closing_without_opening_do_no_harm() {
        let deep = format!("{}cba", "\u{202E}".repeat(1000));
        assert_eq!(read(&deep).unwrap(), "abc");
        // What has no room in the nesting turns nothing round again.
        let beyond = format!("{}\u{202A}eniacoc", "\u{202E}".repeat(63));
        assert_eq!(read(&beyond).unwrap(), "cocaine");
        assert_eq!(
            read(&format!("{}a\u{202E}cb", "\u{2069}\u{202C}".repeat(1000))).unwrap(),
            "abc"
        );
    }
}
