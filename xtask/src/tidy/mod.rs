//! The house rules, each a function from the tree to what it found.
//!
//! Purpose: what a reviewer would otherwise have to say twice. A rule reads a
//! [`Tree`] in memory, so its tests plant a violation and see it found.
//!
//! Modules in reading order: [`tree`] reads the files; [`finding`] is what a
//! rule reports; then one module per group of rules.

mod adr;
mod crates;
mod directions;
mod finding;
mod lengths;
mod lock;
mod manifests;
mod readme;
mod rust_source;
mod services;
mod tree;
mod words;

use std::path::Path;

use anyhow::{Result, bail};

pub use finding::{Finding, Severity};
pub use tree::{File, Tree};

/// Every rule, in the order in which findings are printed.
const RULES: [fn(&Tree) -> Vec<Finding>; 13] = [
    lengths::files,
    lengths::functions,
    lengths::bytes,
    words::machine_paths,
    words::registry_hosts,
    words::unfinished,
    words::idle_tests,
    crates::documented,
    manifests::check,
    lock::doubles,
    directions::check,
    services::check,
    |tree| [adr::check(tree), readme::check(tree)].concat(),
];

/// Everything the rules find in the tree.
pub fn check(tree: &Tree) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule(tree)).collect()
}

/// The packages whose doc comments have examples that run.
pub(crate) fn packages_with_examples(root: &Path) -> Result<Vec<String>> {
    Ok(crates::with_examples(&Tree::read(root)?))
}

/// Checks the tree at `root`, prints what is found and fails on violations.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let findings = check(&tree);
    for finding in &findings {
        eprintln!("{finding}");
    }
    let violations = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Violation);
    match violations.count() {
        0 => Ok(()),
        count => bail!("{count} violations of the house rules"),
    }
}
