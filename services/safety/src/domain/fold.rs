//! Letters that look alike become one: the skeleton of UTS #39, then what that
//! table leaves to the reader (small capitals, letters in boxes, leet).

use unicode_normalization::char::is_combining_mark;

/// What a character is to a reader of Latin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A letter, or something that cannot be told from one.
    Letter(char),
    /// A digit, and the letter it may stand for.
    Digit(char),
    /// A sign that may stand for a letter between letters.
    Sign(char),
    /// White space.
    Space,
    /// The end of a sentence or a line.
    Stop,
    /// Any other mark.
    Mark,
    /// Part of the letter before.
    Nothing,
}

/// Shapes of a character. Most have one; `m` is `rn`, as in UTS #39.
pub(super) fn shapes(ch: char, mut each: impl FnMut(Shape)) {
    if ch.is_ascii() {
        ascii(ch, &mut each);
        return;
    }
    if let Some(letter) = boxed(ch) {
        ascii(letter, &mut each);
        return;
    }
    match ch {
        '€' => each(Shape::Sign('e')),
        '¢' => each(Shape::Sign('c')),
        '\u{85}' | '\u{2028}' | '\u{2029}' | '。' | '，' | '！' | '？' | '；' | '、' | '…' =>
        {
            each(Shape::Stop);
        }
        _ if ch.is_whitespace() => each(Shape::Space),
        _ if is_combining_mark(ch) => each(Shape::Nothing),
        _ if ch.is_alphanumeric() => skeleton(ch, &mut each),
        _ => {
            // A few look-alikes of letters are no letters themselves.
            let mut buffer = [0; 4];
            let mut likeness = unicode_security::skeleton(ch.encode_utf8(&mut buffer));
            match (likeness.next(), likeness.next()) {
                (Some(like), None) if like.is_ascii_alphabetic() => ascii(like, &mut each),
                _ => each(Shape::Mark),
            }
        }
    }
}

/// The skeleton of one letter, as ASCII where there is a likeness.
fn skeleton(ch: char, each: &mut impl FnMut(Shape)) {
    let mut buffer = [0; 4];
    let mut seen = false;
    for like in unicode_security::skeleton(ch.encode_utf8(&mut buffer)) {
        if is_combining_mark(like) {
            continue;
        }
        for lower in like.to_lowercase() {
            let plain = small_capital(lower).unwrap_or(lower);
            if plain.is_ascii_alphanumeric() {
                seen = true;
                // A letter that looks like a digit looks like its letter.
                letter(leet(plain).unwrap_or(plain), each);
            } else if plain.is_alphanumeric() {
                seen = true;
                each(Shape::Letter(plain));
            }
        }
    }
    if !seen {
        each(Shape::Mark);
    }
}

fn ascii(ch: char, each: &mut impl FnMut(Shape)) {
    match ch {
        'a'..='z' | 'A'..='Z' => letter(ch.to_ascii_lowercase(), each),
        '0'..='9' => each(Shape::Digit(leet(ch).unwrap_or(ch))),
        '@' => each(Shape::Sign('a')),
        '$' => each(Shape::Sign('s')),
        '!' | '|' => each(Shape::Sign('l')),
        ',' | ';' | '?' | '\n' | '\r' => each(Shape::Stop),
        _ if ch.is_ascii_whitespace() => each(Shape::Space),
        _ => each(Shape::Mark),
    }
}

fn letter(lower: char, each: &mut impl FnMut(Shape)) {
    match lower {
        'm' => {
            each(Shape::Letter('r'));
            each(Shape::Letter('n'));
        }
        'w' => {
            each(Shape::Letter('v'));
            each(Shape::Letter('v'));
        }
        other => each(Shape::Letter(other)),
    }
}

fn leet(digit: char) -> Option<char> {
    Some(match digit {
        '0' => 'o',
        '1' => 'l',
        '2' => 'z',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '6' | '9' => 'g',
        '7' => 't',
        '8' => 'b',
        _ => return None,
    })
}

/// The class of letters that a reader takes for each other without noticing:
/// `i`, `l` and `1` are one.
pub(super) const fn class(letter: char) -> char {
    match letter {
        'l' => 'i',
        other => other,
    }
}

/// Letters as emoji: regional indicators, and those in filled circles and
/// squares, which NFKC leaves as they are.
fn boxed(ch: char) -> Option<char> {
    let base = match ch {
        '\u{1F1E6}'..='\u{1F1FF}' => 0x1F1E6,
        '\u{1F150}'..='\u{1F169}' => 0x1F150,
        '\u{1F170}'..='\u{1F189}' => 0x1F170,
        _ => return None,
    };
    char::from_u32(u32::from(ch) - base + u32::from('a'))
}

fn small_capital(ch: char) -> Option<char> {
    Some(match ch {
        'ᴀ' => 'a',
        'ʙ' => 'b',
        'ᴄ' => 'c',
        'ᴅ' => 'd',
        'ᴇ' => 'e',
        'ꜰ' => 'f',
        'ɢ' => 'g',
        'ʜ' => 'h',
        'ɪ' => 'i',
        'ᴊ' => 'j',
        'ᴋ' => 'k',
        'ʟ' => 'l',
        'ᴍ' => 'm',
        'ɴ' => 'n',
        'ᴏ' => 'o',
        'ᴘ' => 'p',
        'ʀ' => 'r',
        'ꜱ' => 's',
        'ᴛ' => 't',
        'ᴜ' => 'u',
        'ᴠ' => 'v',
        'ᴡ' => 'w',
        'ʏ' => 'y',
        'ᴢ' => 'z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Shape, class, shapes};

    fn letters(text: &str) -> String {
        let mut out = String::new();
        for ch in text.chars() {
            shapes(ch, |shape| match shape {
                Shape::Letter(ch) | Shape::Digit(ch) | Shape::Sign(ch) => out.push(class(ch)),
                Shape::Space => out.push(' '),
                Shape::Stop | Shape::Mark => out.push('.'),
                Shape::Nothing => {}
            });
        }
        out
    }

    #[test]
    fn look_alikes_of_other_scripts_read_like_latin() {
        let plain = letters("cocaine");
        for disguised in [
            "сосаіnе",
            "СОСАІΝЕ",
            "ᴄᴏᴄᴀɪɴᴇ",
            "c0c41n3",
            "🅲🅾🅲🅰🅸🅽🅴",
            "ϲοϲаіոе",
            "çôçàïñé",
        ] {
            assert_eq!(letters(disguised), plain, "{disguised}");
        }
    }

    #[test]
    fn an_m_is_what_it_looks_like() {
        assert_eq!(letters("modern"), letters("rnodem"));
        assert_eq!(letters("vvin"), letters("win"));
        assert_eq!(letters("SELL"), letters("se11"));
    }

    #[test]
    fn marks_are_no_letters() {
        assert_eq!(letters("a-b c, d"), "a.b c. d");
        assert_eq!(letters("a🔥b"), "a.b");
    }
}
