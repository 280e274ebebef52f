use std::fmt;

use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// Longest key. Far below what S3 takes, and with room for a folder's path
/// below what file systems take.
pub const MAX_KEY_BYTES: usize = 512;

/// File systems take 255 bytes; engines add a few of their own.
const MAX_SEGMENT_BYTES: usize = 200;

/// The name of an object: segments of `[a-z0-9._-]` joined by `/`.
///
/// No segment is empty, begins with a dot or holds `..`, so a key is the same
/// in a folder, a bucket and a URL, and stays inside all of them. A key must
/// not be a folder of another one (`a` beside `a/b`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Reads a key.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] when it breaks the rules.
    pub fn parse(text: &str) -> Result<Self> {
        check(text)?;
        Ok(Self(text.to_owned()))
    }

    /// The key of an object named by its own content:
    /// `folder/ab/abcdef….extension`, the SHA-256 in hexadecimal. Storing the
    /// same bytes twice needs one object, and an object never changes, so it
    /// may be cached for ever.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] when the folder or extension breaks the rules.
    pub fn of_content(folder: &str, content: &[u8], extension: &str) -> Result<Self> {
        let digest = hex(&Sha256::digest(content));
        // Folders of at most 256 entries each stay quick to list.
        Self::parse(&format!("{folder}/{}/{digest}.{extension}", &digest[..2]))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// Checks a folder that is listed: a key's rules, or empty for everything.
pub(crate) fn check_folder(folder: &str) -> Result<()> {
    if folder.is_empty() {
        return Ok(());
    }
    check(folder)
}

fn check(text: &str) -> Result<()> {
    let refuse = |why| {
        Err(Error::InvalidKey {
            key: text.chars().take(64).collect(),
            why,
        })
    };
    if text.is_empty() || text.len() > MAX_KEY_BYTES {
        return refuse("1 to 512 bytes");
    }
    let clean = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._/-".contains(&b);
    if !text.bytes().all(clean) {
        return refuse("only a-z, 0-9, dot, underscore, hyphen and slash");
    }
    if text.contains("..") {
        return refuse("no two dots in a row");
    }
    for segment in text.split('/') {
        if segment.is_empty() || segment.len() > MAX_SEGMENT_BYTES {
            return refuse("segments of 1 to 200 bytes, no slash at the ends");
        }
        if segment.starts_with('.') {
            return refuse("no segment begins with a dot");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_keys_are_refused() {
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/..",
            "a..b",
            ".hidden",
            "a/.meta/b",
            "%2e%2e/a",
            "a%2fb",
            "a\0b",
            "a\\b",
            "a b",
            "A",
            "é",
            "a\n",
            "c:",
            "a?b",
            "a#b",
            "~",
            &"x".repeat(201),
            &"x/".repeat(300),
        ] {
            assert!(Key::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn ordinary_keys_are_taken_as_they_are() {
        for good in ["a", "covers/cov_0192/1920x1080.webp", "a-b/c.d_e/0"] {
            assert_eq!(Key::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn content_names_its_key() {
        let key = Key::of_content("media", b"abc", "png").unwrap();
        assert_eq!(
            key.as_str(),
            "media/ba/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.png"
        );
        assert!(Key::of_content("../media", b"abc", "png").is_err());
        assert!(Key::of_content("media", b"abc", "p/../ng").is_err());
    }
}
