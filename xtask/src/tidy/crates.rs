//! Every crate says what it is for.

use super::manifests::members;
use super::{Finding, Tree};

/// Every crate's first file starts with its documentation.
pub(super) fn documented(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in members(tree) {
        let roots = ["src/lib.rs", "src/main.rs"].map(|file| format!("{}/{file}", member.folder));
        let present: Vec<_> = roots.iter().filter_map(|path| tree.get(path)).collect();
        if present.is_empty() {
            found.push(Finding::violation(
                &roots[0],
                "the crate has neither this nor main.rs",
            ));
        }
        for file in present {
            if !file.as_text().starts_with("//! ") {
                let told = "starts without `//!`: say what the crate is for";
                found.push(Finding::violation(&file.path, told).at(1));
            }
        }
    }
    found
}

/// The packages whose doc comments have examples that run.
pub(super) fn with_examples(tree: &Tree) -> Vec<String> {
    let has_examples = |folder: &str| {
        let sources = format!("{folder}/src/");
        let mut files = tree.files().filter(|file| file.path.starts_with(&sources));
        files.any(|file| has_example(file.as_text()))
    };
    let members = members(tree);
    let with = members.iter().filter(|member| has_examples(member.folder));
    with.map(|member| member.name().to_owned()).collect()
}

/// Whether a fence in a doc comment opens code that rustdoc runs.
fn has_example(source: &str) -> bool {
    let mut is_open = false;
    for line in source.lines() {
        let line = line.trim_start();
        let comment = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"));
        let Some(kind) = comment.and_then(|text| text.trim_start().strip_prefix("```")) else {
            continue;
        };
        if !is_open && ["", "rust", "no_run", "should_panic"].contains(&kind.trim()) {
            return true;
        }
        is_open = !is_open;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::File;
    use super::*;

    #[test]
    fn a_crate_without_documentation_is_found() {
        let tree = |text: &str| {
            Tree::new([
                File::text("crates/a/Cargo.toml", "[package]\nname = \"covergen-a\"\n"),
                File::text("crates/a/src/lib.rs", text),
            ])
        };
        assert_eq!(documented(&tree("mod a;\n")).len(), 1);
        assert!(documented(&tree("//! Does a.\n")).is_empty());
    }

    #[test]
    fn an_example_that_runs_is_told_from_a_drawing() {
        assert!(has_example(
            "/// ```text\n/// a\n/// ```\n//! ```\n//! a();\n//! ```\n"
        ));
        assert!(!has_example(
            "/// ```text\n/// a\n/// ```\n    /// ```toml\n/// ```\n"
        ));
    }
}
