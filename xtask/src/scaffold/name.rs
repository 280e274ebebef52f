//! Names of services.

use std::fmt;

use anyhow::{Result, ensure};

/// A name is a module, a package, a path and a type, so it must be fit for all.
#[derive(Debug)]
pub(super) struct Name(String);

/// Words with a meaning in Rust or in contracts, and packages of our own that
/// are no services.
const RESERVED: [&str; 38] = [
    "as", "async", "await", "become", "bff", "box", "const", "continue", "crate", "dyn", "else",
    "enum", "extern", "fn", "for", "gen", "google", "if", "impl", "import", "let", "loop", "match",
    "message", "mod", "move", "option", "package", "priv", "pub", "ref", "return", "service",
    "static", "struct", "trait", "type", "use",
];

impl Name {
    pub(super) fn parse(name: &str) -> Result<Self> {
        let is_word = name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
        ensure!(
            is_word && starts && name.len() <= 24,
            "`{name}`: a service's name is one word of at most 24 lower-case letters and digits"
        );
        ensure!(
            !RESERVED.contains(&name),
            "`{name}` has a meaning of its own"
        );
        Ok(Self(name.to_owned()))
    }

    /// As the name of a type.
    fn of_type(&self) -> String {
        let (first, rest) = self.0.split_at(1);
        first.to_ascii_uppercase() + rest
    }

    /// The template with the name in it.
    pub(super) fn fill(&self, template: &str) -> String {
        let filled = template.replace("{{name}}", &self.0);
        filled
            .replace("{{Name}}", &self.of_type())
            .replace("__name__", &self.0)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fills_paths_types_and_modules() {
        let name = Name::parse("loyalty").expect("is a name");
        assert_eq!(
            name.fill("__name__: {{name}}::{{{Name}}}"),
            "loyalty: loyalty::{Loyalty}"
        );
    }

    #[test]
    fn what_is_no_module_or_no_path_is_refused() {
        for bad in [
            "",
            "Loyalty",
            "loy-alty",
            "../x",
            "2fa",
            "type",
            "bff",
            &"a".repeat(25),
        ] {
            assert!(Name::parse(bad).is_err(), "{bad}");
        }
    }
}
