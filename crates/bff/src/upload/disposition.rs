//! What a part of a form, or a bare file, says of itself.

use percent_encoding::percent_decode_str;

/// Longest file name that is passed on, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// A header value of the form `word; name=value; name="value"`.
pub(super) struct Parameters {
    /// The word before the first semicolon, in lower case.
    pub(super) word: String,
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// Takes a header value apart; none where it is malformed.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (word, mut rest) = text.split_once(';').unwrap_or((text, ""));
        let mut pairs = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', '\t', ';']);
            if rest.is_empty() {
                break;
            }
            let (name, after) = rest.split_once('=')?;
            let (value, left) = value(after.trim_start())?;
            pairs.push((name.trim().to_ascii_lowercase(), value));
            rest = left.trim_start();
            if !rest.is_empty() && !rest.starts_with(';') {
                return None;
            }
        }
        Some(Self {
            word: word.trim().to_ascii_lowercase(),
            pairs,
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.pairs.iter();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The file name, without folders; none where none is given.
    pub(super) fn filename(&self) -> Option<String> {
        let extended = self
            .get("filename*")
            .and_then(|value| value.split_once("''"))
            .filter(|(charset, _)| charset.eq_ignore_ascii_case("utf-8"))
            .and_then(|(_, value)| percent_decode_str(value).decode_utf8().ok());
        let name = match extended {
            Some(name) => name.into_owned(),
            None => as_browsers_write_it(self.get("filename")?),
        };
        Some(base_name(&name))
    }
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &quoted[at + 1..])),
            // Some browsers send a Windows path with bare backslashes; only
            // these two are escapes everywhere.
            '\\' => match letters.clone().next() {
                Some((_, escaped @ ('"' | '\\'))) => {
                    letters.next();
                    value.push(escaped);
                }
                _ => value.push('\\'),
            },
            letter => value.push(letter),
        }
    }
    None
}

/// Undoes the three escapes of the HTML standard's form encoding.
fn as_browsers_write_it(text: &str) -> String {
    text.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

/// The last step of a path, in either spelling, cut to its bound.
fn base_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name: String = last.chars().filter(|letter| !letter.is_control()).collect();
    name = name.trim().to_owned();
    while name.len() > MAX_NAME_BYTES {
        name.pop();
    }
    if matches!(name.as_str(), "." | "..") {
        name.clear();
    }
    name
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    fn filename(text: &str) -> Option<String> {
        Parameters::parse(text).unwrap().filename()
    }

    #[test]
    fn names_lose_folders_and_controls() {
        for (text, name) in [
            (r#"form-data; name="file"; filename="a.png""#, "a.png"),
            (r#"form-data; filename="..\..\a.png""#, "a.png"),
            (r#"form-data; filename="/etc/passwd""#, "passwd"),
            (r#"form-data; filename="..""#, ""),
            (r#"form-data; filename="a%0Ab%22.png""#, "ab\".png"),
            (r#"form-data; filename="q\"\\uote.png""#, "uote.png"),
            (r#"form-data; filename=plain.png ; name=x"#, "plain.png"),
            (
                "attachment; filename=\"x\"; filename*=UTF-8''%E5%B0%81%E9%9D%A2.png",
                "封面.png",
            ),
            (r#"form-data; filename="封面.png""#, "封面.png"),
        ] {
            assert_eq!(filename(text).as_deref(), Some(name), "{text}");
        }
        assert_eq!(filename("form-data; name=\"x\""), None);
        let long = format!("form-data; filename=\"{}\"", "é".repeat(300));
        assert_eq!(filename(&long).unwrap().len(), 254);
    }

    #[test]
    fn what_does_not_close_or_separate_is_malformed() {
        for text in [
            r#"form-data; name="x"#,
            r#"form-data; name"#,
            r#"form-data; name="x"y"#,
        ] {
            assert!(Parameters::parse(text).is_none(), "{text}");
        }
    }
}
