//! Names of fields.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::FieldMask;

/// A path has no form in the other spelling.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad field path `{0}`")]
pub struct BadPath(String);

impl FieldMask {
    /// A mask of paths in the spelling of contracts: `brand.primary_color`.
    pub fn new<T: Into<String>>(paths: impl IntoIterator<Item = T>) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
        }
    }

    /// Whether the mask names the field at `path`, or something that holds it.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.paths.iter().any(|named| {
            named == "*"
                || path
                    .strip_prefix(named.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// The JSON form: `brand.primaryColor,title`.
    ///
    /// # Errors
    /// A path that does not come back from its JSON form as it was, such as
    /// one with capitals or with `_` before anything but a letter.
    pub fn to_json(&self) -> Result<String, BadPath> {
        let paths: Result<Vec<String>, BadPath> =
            self.paths.iter().map(|path| camel(path)).collect();
        Ok(paths?.join(","))
    }
}

/// Reads the JSON form.
impl FromStr for FieldMask {
    type Err = BadPath;

    fn from_str(text: &str) -> Result<Self, BadPath> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let paths: Result<Vec<String>, BadPath> = text.split(',').map(snake).collect();
        Ok(Self { paths: paths? })
    }
}

fn is_path(path: &str) -> bool {
    path == "*"
        || path.split('.').all(|name| {
            let starts = name
                .as_bytes()
                .first()
                .is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
            starts
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

fn camel(path: &str) -> Result<String, BadPath> {
    let bad = || BadPath(path.to_owned());
    let mut out = String::with_capacity(path.len());
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '_' => match characters.next() {
                Some(next) if next.is_ascii_lowercase() => out.push(next.to_ascii_uppercase()),
                _ => return Err(bad()),
            },
            'A'..='Z' => return Err(bad()),
            other => out.push(other),
        }
    }
    if is_path(path) { Ok(out) } else { Err(bad()) }
}

fn snake(path: &str) -> Result<String, BadPath> {
    if !is_path(path) || path.contains('_') {
        return Err(BadPath(path.chars().take(64).collect()));
    }
    let mut out = String::with_capacity(path.len() + 4);
    for character in path.chars() {
        if character.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    Ok(out)
}

impl Serialize for FieldMask {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.to_json().map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for FieldMask {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(ReadFieldMask)
    }
}

struct ReadFieldMask;

impl Visitor<'_> for ReadFieldMask {
    type Value = FieldMask;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field paths with commas between")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FieldMask, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_change_their_spelling_both_ways() {
        for (paths, json) in [
            (vec![], ""),
            (vec!["a.b", "c_d"], "a.b,cD"),
            (vec!["brand.primary_color"], "brand.primaryColor"),
            (vec!["a1.b2"], "a1.b2"),
            (vec!["*"], "*"),
        ] {
            let mask = FieldMask::new(paths);
            assert_eq!(serde_json::to_string(&mask).unwrap(), format!("{json:?}"));
            assert_eq!(
                serde_json::from_str::<FieldMask>(&format!("{json:?}")).unwrap(),
                mask
            );
        }
    }

    #[test]
    fn a_path_that_would_not_come_back_is_refused() {
        for path in [
            "fooBar", "foo__bar", "foo_", "foo_1", "", "a..b", "a b", "a,b", "ä",
        ] {
            assert!(
                FieldMask::new([path]).to_json().is_err(),
                "{path:?} is written"
            );
        }
        for text in ["foo_bar", "a,,b", "a,", ".a", "a.", "a b", "1a"] {
            assert!(text.parse::<FieldMask>().is_err(), "{text:?} is read");
        }
    }

    #[test]
    fn a_path_covers_what_is_below_it() {
        let mask = FieldMask::new(["brand"]);
        assert!(mask.covers("brand") && mask.covers("brand.name"));
        assert!(!mask.covers("brands") && !mask.covers("title"));
        assert!(FieldMask::new(["*"]).covers("anything"));
    }
}
