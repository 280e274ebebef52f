//! What is wrong with a message, and where in it.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// Violations kept of one message; what is beyond adds nothing a caller could
/// not find by asking again, and the list travels in a bounded header.
const MAX_VIOLATIONS: usize = 32;

/// Longest path of a violation: messages may hold each other a hundred deep.
const MAX_PATH_BYTES: usize = 512;

/// A message that can be held against the rules of its contract.
///
/// Generated for every message. Servers call it before a handler runs (see
/// [`ValidatingCodec`](crate::codec::ValidatingCodec)); nothing else needs to.
pub trait Validate {
    /// Adds every violation in the message at `path` to `out`.
    fn validate(&self, path: &Path<'_>, out: &mut Vec<Violation>);

    /// Holds a whole message against its rules.
    ///
    /// # Errors
    /// Every violation, at most 32.
    fn check(&self) -> Result<(), Violations> {
        let mut out = Vec::new();
        self.validate(&Path::Root, &mut out);
        if out.is_empty() {
            Ok(())
        } else {
            Err(Violations(out))
        }
    }
}

impl<T: Validate> Validate for Box<T> {
    fn validate(&self, path: &Path<'_>, out: &mut Vec<Violation>) {
        (**self).validate(path, out);
    }
}

/// Where in a message something stands. A list linked towards the root, so
/// that walking a valid message allocates nothing.
#[derive(Clone, Copy)]
pub enum Path<'a> {
    /// The message itself.
    Root,
    /// A field, by its JSON name.
    Field(&'a Path<'a>, &'a str),
    /// An item of a list.
    Index(&'a Path<'a>, usize),
    /// A value of a map.
    Key(&'a Path<'a>, &'a dyn fmt::Display),
}

impl<'a> Path<'a> {
    /// The field `name` of the message here.
    #[must_use]
    pub fn field(&'a self, name: &'a str) -> Self {
        Self::Field(self, name)
    }

    /// Item `index` of the list here.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self::Index(self, index)
    }

    /// The value of `key` in the map here.
    #[must_use]
    pub fn key(&'a self, key: &'a dyn fmt::Display) -> Self {
        Self::Key(self, key)
    }
}

/// As in `sizes[2].width` or `labels["team"]`.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Keys come from outside and may be of any length.
        const MAX_KEY_CHARS: usize = 64;
        match self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
            Self::Key(parent, key) => {
                let key: String = key.to_string().chars().take(MAX_KEY_CHARS).collect();
                write!(f, "{parent}[{key:?}]")
            }
        }
    }
}

impl fmt::Debug for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, in the names of proto3 JSON.
    pub field: String,
    /// Stable id of the rule, such as `string.min_len`.
    pub rule: Cow<'static, str>,
    /// What the rule asks, for people: `must have at least 3 characters`.
    pub description: String,
}

impl Violation {
    /// The rule's id as `ErrorInfo` spells reasons: `STRING_MIN_LEN`.
    #[must_use]
    pub fn reason(&self) -> String {
        self.rule.replace('.', "_").to_uppercase()
    }
}

/// Notes a broken rule, up to the bound.
pub(crate) fn violated(
    path: &Path<'_>,
    rule: impl Into<Cow<'static, str>>,
    description: impl Into<String>,
    out: &mut Vec<Violation>,
) {
    if out.len() < MAX_VIOLATIONS {
        let mut field = path.to_string();
        field.truncate(field.floor_char_boundary(MAX_PATH_BYTES));
        out.push(Violation {
            field,
            rule: rule.into(),
            description: description.into(),
        });
    }
}

/// Everything wrong with a message; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// A single violation that no annotation could state, found by a handler.
    #[must_use]
    pub fn one(
        field: impl Into<String>,
        rule: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self(vec![Violation {
            field: field.into(),
            rule: Cow::Borrowed(rule),
            description: description.into(),
        }])
    }
}

impl Deref for Violations {
    type Target = [Violation];

    fn deref(&self) -> &[Violation] {
        &self.0
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(
                f,
                "{separator}{}: {}",
                violation.field, violation.description
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}
