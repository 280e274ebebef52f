//! Rules for lists and maps as a whole.

use std::collections::HashSet;
use std::hash::Hash;

use super::count;
use crate::validate::{Path, Violation, violated};

/// Rules of one list.
#[derive(Debug)]
pub struct ListRules {
    /// Least number of items.
    pub min_items: Option<u64>,
    /// Greatest number of items.
    pub max_items: Option<u64>,
}

impl ListRules {
    /// No rule.
    pub const NONE: Self = Self {
        min_items: None,
        max_items: None,
    };

    /// Judges a list of `len` items.
    pub fn check(&self, len: usize, path: &Path<'_>, out: &mut Vec<Violation>) {
        let len = len as u64;
        if let Some(least) = self.min_items.filter(|least| len < *least) {
            violated(
                path,
                "repeated.min_items",
                format!("must have at least {}", count(least, "item")),
                out,
            );
        }
        if let Some(most) = self.max_items.filter(|most| len > *most) {
            violated(
                path,
                "repeated.max_items",
                format!("must have at most {}", count(most, "item")),
                out,
            );
        }
    }
}

/// Rules of one map.
#[derive(Debug)]
pub struct MapRules {
    /// Least number of entries.
    pub min_pairs: Option<u64>,
    /// Greatest number of entries.
    pub max_pairs: Option<u64>,
}

impl MapRules {
    /// No rule.
    pub const NONE: Self = Self {
        min_pairs: None,
        max_pairs: None,
    };

    /// Judges a map of `len` entries.
    pub fn check(&self, len: usize, path: &Path<'_>, out: &mut Vec<Violation>) {
        let len = len as u64;
        if let Some(least) = self.min_pairs.filter(|least| len < *least) {
            violated(
                path,
                "map.min_pairs",
                format!("must have at least {least} entries"),
                out,
            );
        }
        if let Some(most) = self.max_pairs.filter(|most| len > *most) {
            violated(
                path,
                "map.max_pairs",
                format!("must have at most {most} entries"),
                out,
            );
        }
    }
}

/// Judges that no item equals another, by keys that are equal where items are.
pub fn unique<K: Hash + Eq>(
    mut keys: impl Iterator<Item = K>,
    path: &Path<'_>,
    out: &mut Vec<Violation>,
) {
    let mut seen = HashSet::new();
    if !keys.all(|key| seen.insert(key)) {
        violated(path, "repeated.unique", "must not have equal items", out);
    }
}
