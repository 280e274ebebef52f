//! Names of files, safe wherever they are unpacked.

use std::collections::HashSet;

/// Longest name without its extension, in bytes: file systems hold 255, and a
/// number may follow.
const MAX_STEM_BYTES: usize = 180;
/// What Windows keeps for devices, whatever the extension.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// A file name without its extension, made of any text; `cover` where nothing
/// of it is left.
pub(crate) fn stem(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars().filter(|letter| !is_unseen(*letter)) {
        let letter = match letter {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
            letter if letter.is_whitespace() => ' ',
            letter => letter,
        };
        if letter == ' ' && name.ends_with(' ') {
            continue;
        }
        if name.len() + letter.len_utf8() > MAX_STEM_BYTES {
            break;
        }
        name.push(letter);
    }
    // Windows drops dots and blanks at the end; elsewhere a dot in front hides.
    let name = name.trim_matches([' ', '.', '-']);
    let device = name.split('.').next().unwrap_or_default().trim();
    if name.is_empty() {
        return "cover".to_owned();
    }
    if DEVICES.contains(&device.to_lowercase().as_str()) {
        return format!("_{name}");
    }
    name.to_owned()
}

/// Control characters, and those that only turn or join what stands around
/// them, such as the marks that make `gpj.exe` look like `exe.jpg`.
fn is_unseen(letter: char) -> bool {
    (letter.is_control() && !letter.is_whitespace())
        || matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
}

/// Names of one archive, each given once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// The name with its extension; a number tells it from one that is taken,
    /// which counts in any case: many file systems do not see case.
    pub(crate) fn unique(&mut self, stem: &str, extension: &str) -> String {
        let mut name = format!("{stem}.{extension}");
        let mut number = 1;
        while !self.taken.insert(name.to_lowercase()) {
            number += 1;
            name = format!("{stem} ({number}).{extension}");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_STEM_BYTES, Names, stem};

    #[test]
    fn names_are_safe_wherever_they_are_unpacked() {
        for (text, name) in [
            ("Ship it on Friday", "Ship it on Friday"),
            ("封面：夏天", "封面：夏天"),
            ("../../etc/passwd", "etc-passwd"),
            ("C:\\windows\\system32", "C--windows-system32"),
            ("a\nb\tc\0d", "a b cd"),
            (".hidden.", "hidden"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("what? \"this\" <one>|", "what- -this- -one"),
            ("  ", "cover"),
            ("...", "cover"),
        ] {
            assert_eq!(stem(text), name, "{text:?}");
        }
        let long = stem(&"é".repeat(500));
        assert_eq!(long.len(), MAX_STEM_BYTES);
    }

    #[test]
    fn equal_names_are_told_apart_whatever_their_case() {
        let mut names = Names::default();
        let given: Vec<String> = ["a", "A", "a (2)", "b", "a"]
            .iter()
            .map(|stem| names.unique(stem, "png"))
            .collect();
        assert_eq!(
            given,
            ["a.png", "A (2).png", "a (2) (2).png", "b.png", "a (3).png"]
        );
        assert_eq!(names.unique("a", "jpg"), "a.jpg");
    }
}
