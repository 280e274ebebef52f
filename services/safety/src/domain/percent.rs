//! Percent-encoding undone, with places kept.

use super::text::Cell;

/// How often a text is decoded: encoding twice is a known trick, encoding
/// more often is not read by anybody.
const ROUNDS: usize = 3;

/// The text with every `%XX` decoded as UTF-8; `None` when there is none.
/// Bytes that are not UTF-8 become U+FFFD.
pub(super) fn decode(given: &[Cell]) -> Option<Vec<Cell>> {
    let mut decoded = round(given)?;
    for _ in 1..ROUNDS {
        match round(&decoded) {
            Some(again) => decoded = again,
            None => break,
        }
    }
    Some(decoded)
}

fn round(given: &[Cell]) -> Option<Vec<Cell>> {
    if !given.iter().any(|cell| cell.ch == '%') {
        return None;
    }
    let mut out = Vec::with_capacity(given.len());
    // A run of encoded bytes, each with its place.
    let mut run: Vec<(u8, u32, u32)> = Vec::new();
    let mut found = false;
    let mut rest = given;
    while let [first, after @ ..] = rest {
        if let Some(byte) = escaped(rest) {
            found = true;
            run.push((byte, first.from, rest[2].to));
            rest = &rest[3..];
        } else {
            flush(&mut run, &mut out);
            out.push(*first);
            rest = after;
        }
    }
    flush(&mut run, &mut out);
    found.then_some(out)
}

fn escaped(cells: &[Cell]) -> Option<u8> {
    let [percent, high, low, ..] = cells else {
        return None;
    };
    if percent.ch != '%' {
        return None;
    }
    let byte = high.ch.to_digit(16)? * 16 + low.ch.to_digit(16)?;
    u8::try_from(byte).ok()
}

fn flush(run: &mut Vec<(u8, u32, u32)>, out: &mut Vec<Cell>) {
    let bytes: Vec<u8> = run.iter().map(|(byte, ..)| *byte).collect();
    let mut places = run.as_slice();
    // A character, and the bytes it stood for.
    let mut push = |ch, length| {
        let (own, rest) = places.split_at(length);
        if let [(_, from, _), ..] = own
            && let [.., (.., to)] = own
        {
            out.push(Cell {
                ch,
                from: *from,
                to: *to,
            });
        }
        places = rest;
    };
    for chunk in bytes.utf8_chunks() {
        for ch in chunk.valid().chars() {
            push(ch, ch.len_utf8());
        }
        if !chunk.invalid().is_empty() {
            push(char::REPLACEMENT_CHARACTER, chunk.invalid().len());
        }
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::decode;
    use crate::domain::text::cells;

    fn read(text: &str) -> Option<(String, Vec<(u32, u32)>)> {
        let decoded = decode(&cells(text))?;
        Some((
            decoded.iter().map(|cell| cell.ch).collect(),
            decoded.iter().map(|cell| (cell.from, cell.to)).collect(),
        ))
    }

    #[test]
    fn each_character_keeps_the_place_of_its_escapes() {
        let (text, places) = read("a%62%E5%86%B0c").unwrap();
        assert_eq!(text, "ab冰c");
        assert_eq!(places, [(0, 1), (1, 4), (4, 13), (13, 14)]);
    }

    #[test]
    fn what_was_encoded_twice_is_decoded_twice() {
        assert_eq!(read("%2562").unwrap().0, "b");
        assert_eq!(read("%2562").unwrap().1, [(0, 5)]);
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(read("100% sure"), None);
        assert_eq!(read("50%z1 %"), None);
        assert_eq!(read("plain"), None);
    }

    #[test]
    fn an_overlong_form_is_no_character() {
        // `c` in two, three and four bytes; a surrogate; past the last one.
        for (overlong, bytes) in [
            ("%C1%A3", 2),
            ("%E0%81%A3", 3),
            ("%F0%80%81%A3", 4),
            ("%ED%A0%80", 3),
            ("%F4%90%80%80", 4),
        ] {
            let (text, places) = read(&format!("{overlong}%6Fcaine")).unwrap();
            assert_eq!(text, format!("{}ocaine", "\u{FFFD}".repeat(bytes)));
            assert_eq!(places.len(), text.chars().count());
        }
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        assert_eq!(read("%FF%FE").unwrap().0, "\u{FFFD}\u{FFFD}");
        let (text, places) = read("%E5%86x%EF%BF%BD%FF").unwrap();
        assert_eq!(text, "\u{FFFD}x\u{FFFD}\u{FFFD}");
        assert_eq!(places, [(0, 6), (6, 7), (7, 16), (16, 19)]);
        // The sign for such bytes, and such bytes, and more after them.
        let (text, places) = read("%EF%BF%BD%FF%41").unwrap();
        assert_eq!(text, "\u{FFFD}\u{FFFD}A");
        assert_eq!(places, [(0, 9), (9, 12), (12, 15)]);
    }
}
