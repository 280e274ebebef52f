//! A JSON document whose members keep the order they are written in.

/// One JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Doc {
    Bool(bool),
    /// A number, as it is to be printed.
    Number(String),
    Text(String),
    List(Vec<Doc>),
    Object(Vec<(String, Doc)>),
}

/// A number as JSON prints it.
pub(crate) struct Number(String);

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(value.to_string())
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self(value.to_string())
    }
}

impl Doc {
    pub(crate) fn object<const N: usize>(members: [(&str, Doc); N]) -> Self {
        Self::Object(
            members
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
        )
    }

    pub(crate) fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    pub(crate) fn number(value: impl Into<Number>) -> Self {
        Self::Number(value.into().0)
    }

    pub(crate) fn texts<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Self {
        Self::List(
            values
                .into_iter()
                .map(|value| Self::Text(value.into()))
                .collect(),
        )
    }

    pub(crate) fn reference(section: &str, name: &str) -> Self {
        Self::object([("$ref", Self::text(format!("#/components/{section}/{name}")))])
    }

    /// Adds a member to an object.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Doc) -> Self {
        self.set(name, value);
        self
    }

    /// Adds a member to an object, or replaces it.
    pub(crate) fn set(&mut self, name: &str, value: Doc) {
        if let Self::Object(members) = self {
            match members.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = value,
                None => members.push((name.to_owned(), value)),
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Object(members) => members.is_empty(),
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The document with two spaces of margin per level and a final newline.
    pub(crate) fn print(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, level: usize) {
        let margin = |out: &mut String, level: usize| {
            out.push('\n');
            out.push_str(&"  ".repeat(level));
        };
        match self {
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(value) => out.push_str(value),
            Self::Text(value) => write_text(out, value),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::Object(members) if members.is_empty() => out.push_str("{}"),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    margin(out, level + 1);
                    item.write(out, level + 1);
                }
                margin(out, level);
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    margin(out, level + 1);
                    write_text(out, name);
                    out.push_str(": ");
                    value.write(out, level + 1);
                }
                margin(out, level);
                out.push('}');
            }
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if u32::from(letter) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
