//! What a newcomer starts from.

use super::{Finding, Tree};

/// The two commands a newcomer needs.
const COMMANDS: [&str; 2] = ["cargo xtask up", "cargo xtask test"];

/// The README names both commands and the CI entry runs one of them.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let text = |path| tree.get(path).map(super::File::as_text).unwrap_or_default();
    for command in COMMANDS
        .iter()
        .filter(|command| !text("README.md").contains(**command))
    {
        found.push(Finding::violation(
            "README.md",
            format!("does not name `{command}`"),
        ));
    }
    if !text(".ci/run").contains(COMMANDS[1]) {
        found.push(Finding::violation(
            ".ci/run",
            format!("does not run `{}`", COMMANDS[1]),
        ));
    }
    if !tree.get(".ci/run").is_some_and(|file| file.executable) {
        found.push(Finding::violation(
            ".ci/run",
            "cannot be executed: chmod +x",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::File;
    use super::*;

    #[test]
    fn a_readme_that_names_both_commands_is_fine_and_anything_less_is_found() {
        let readme = File::text("README.md", COMMANDS.join("\n"));
        let mut ci = File::text(".ci/run", COMMANDS[1]);
        assert_eq!(check(&Tree::new([readme.clone(), ci.clone()])).len(), 1);
        ci.executable = true;
        assert!(check(&Tree::new([readme, ci.clone()])).is_empty());
        assert_eq!(
            check(&Tree::new([File::text("README.md", COMMANDS[0]), ci])).len(),
            1
        );
    }
}
