//! The rules that come with this build: `rules/*.toml`, one file per language.
//!
//! A change of a rule is a new version of it; a rule that is to go is retired
//! by a version that says so.

use serde::Deserialize;

use super::Rule;

const FILES: [(&str, &str); 3] = [
    ("en.toml", include_str!("../../rules/en.toml")),
    ("zh.toml", include_str!("../../rules/zh.toml")),
    ("ja.toml", include_str!("../../rules/ja.toml")),
];

/// A bundled file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("rules/{file}: {source}")]
pub(crate) struct BundleError {
    file: &'static str,
    source: Box<toml::de::Error>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    version: i32,
    category: String,
    region: String,
    score: f64,
    description: String,
    #[serde(default)]
    patterns: Vec<String>,
    #[serde(default)]
    exceptions: Vec<String>,
    #[serde(default)]
    retired: bool,
    #[serde(default)]
    shadow: bool,
    /// The law that forbids it; without one, the terms do.
    #[serde(default)]
    law: String,
}

/// All bundled rules.
///
/// # Errors
/// A file is not what it should be: a fault of this build.
pub(crate) fn rules() -> Result<Vec<Rule>, BundleError> {
    let mut rules = Vec::new();
    for (file, text) in FILES {
        let read: File = toml::from_str(text).map_err(|source| BundleError {
            file,
            source: Box::new(source),
        })?;
        rules.extend(read.rule.into_iter().map(Rule::from));
    }
    Ok(rules)
}

impl From<Entry> for Rule {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            version: entry.version,
            category: entry.category,
            description: entry.description,
            region: entry.region,
            score: entry.score,
            patterns: entry.patterns,
            exceptions: entry.exceptions,
            is_retired: entry.retired,
            is_shadow: entry.shadow,
            is_law: !entry.law.is_empty(),
            ground_reference: entry.law,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::rules;
    use crate::domain::screen::Screen;

    const CATEGORIES: [&str; 6] = [
        "hate",
        "sexual_minors",
        "violence_threat",
        "self_harm",
        "illegal_goods",
        "spam_scam",
    ];

    #[test]
    fn the_bundled_rules_can_be_used_and_are_well_formed() {
        let rules = rules().unwrap();
        let mut seen = BTreeSet::new();
        let mut categories = BTreeSet::new();
        for rule in &rules {
            assert!(
                seen.insert((rule.id.clone(), rule.version)),
                "{} stands twice",
                rule.id
            );
            assert!(CATEGORIES.contains(&rule.category.as_str()), "{}", rule.id);
            categories.insert(rule.category.clone());
            assert!((0.0..=1.0).contains(&rule.score), "{}", rule.id);
            assert!(rule.description.ends_with('.'), "{}", rule.id);
            let region = rule.region.as_str();
            let is_code = region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase());
            assert!(region == "*" || is_code, "{}", rule.id);
            assert_eq!(rule.patterns.is_empty(), rule.is_retired, "{}", rule.id);
        }
        assert_eq!(categories.len(), CATEGORIES.len());
        assert!(Screen::new(rules).is_ok());
    }
}
