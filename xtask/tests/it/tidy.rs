//! The rules on a whole tree with one thing wrong.

use std::fs;

use xtask::tidy::{self, Severity, Tree};

use crate::tree;

#[test]
fn a_violation_planted_in_the_real_tree_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    tree::copy_into(folder.path());
    let violations = || -> Vec<String> {
        let tree = Tree::read(folder.path()).expect("can be read");
        let found = tidy::check(&tree).into_iter();
        let violations = found.filter(|finding| finding.severity == Severity::Violation);
        violations.map(|finding| finding.to_string()).collect()
    };
    let before = violations();
    let planted = folder.path().join("crates/ids/src/planted.rs");
    fs::write(planted, "fn later() {\n}\n".repeat(301)).expect("can be written");
    let mut after = violations();
    after.retain(|one| !before.contains(one));
    assert_eq!(after.len(), 1, "{after:?}");
    assert!(
        after[0].starts_with("error: crates/ids/src/planted.rs: 602 lines"),
        "{after:?}"
    );
}
