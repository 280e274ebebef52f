//! Words that must not stand in the tree.
//!
//! They are put together from parts here, so that these rules keep themselves.

use super::rust_source::functions;
use super::{File, Finding, Tree};

/// One finding per line of `files` for which `judge` has something to say.
fn per_line<'a>(
    files: impl Iterator<Item = &'a File>,
    judge: impl Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files {
        for (index, line) in file.as_text().lines().enumerate() {
            if let Some(message) = judge(line) {
                found.push(Finding::violation(&file.path, message).at(index + 1));
            }
        }
    }
    found
}

/// No absolute path of the machine something was written on.
pub(super) fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let folders = ["work", "root", "Users", "home"].map(|name| format!("/{name}/"));
    per_line(tree.files().filter(|file| !file.is_foreign()), |line| {
        let folder = folders.iter().find(|folder| starts_a_path(line, folder))?;
        Some(format!("`{folder}` is a path of one machine"))
    })
}

/// Whether `folder` stands in `line` as the start of a path, not inside one.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_.-/}*".contains(c))
    })
}

/// No address of a package registry, so that mirrors and offline copies work.
pub(super) fn registry_hosts(tree: &Tree) -> Vec<Finding> {
    let hosts = [
        ["registry", "npmjs"],
        ["static", "crates.io"],
        ["index", "crates.io"],
        ["pypi", "org"],
        ["files", "pythonhosted"],
        ["deb", "debian.org"],
    ];
    let hosts = hosts.map(|parts| parts.join("."));
    per_line(tree.files(), |line| {
        let host = hosts.iter().find(|host| line.contains(host.as_str()))?;
        Some(format!(
            "`{host}` is a package registry; leave it to the client's settings"
        ))
    })
}

/// Nothing unfinished or switched off by its own words.
pub(super) fn unfinished(tree: &Tree) -> Vec<Finding> {
    let words = [
        ["to", "do!("],
        ["unimple", "mented!("],
        ["#[ig", "nore"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["HA", "CK:"],
        ["TO", "DO"],
        ["@pytest.mark.", "skip"],
        ["test.", "skip("],
        ["test.", "only("],
        ["it.", "skip("],
        ["it.", "only("],
        ["describe.", "skip("],
        ["describe.", "only("],
    ];
    let words = words.map(|parts| parts.concat());
    let code = tree
        .files()
        .filter(|file| is_code(file) && !file.is_foreign());
    per_line(code, |line| {
        let word = words.iter().find(|word| line.contains(word.as_str()))?;
        Some(format!("`{word}`: finish it or take it out"))
    })
}

/// No test sleeps or asserts what is always true.
pub(super) fn idle_tests(tree: &Tree) -> Vec<Finding> {
    let words = [
        ["assert!(", "true)"],
        ["expect(", "true)"],
        ["assert.ok(", "true)"],
        ["waitFor", "Timeout("],
    ];
    let words = words.map(|parts| parts.concat());
    let tests = || tree.files().filter(|file| file.is_test() && is_code(file));
    let idle = per_line(tests(), |line| {
        let word = words.iter().find(|word| line.contains(word.as_str()))?;
        Some(format!(
            "`{word}` in a test: assert what can fail, wait for what is expected"
        ))
    });
    let sleeping = tests().flat_map(sleeps);
    idle.into_iter().chain(sleeping).collect()
}

/// Sleeping lines, but for those of a bounded wait for something real, which
/// has a name of its own so that it is written once.
fn sleeps(file: &File) -> Vec<Finding> {
    let functions = functions(file.as_text());
    let is_wait = |line: usize| {
        let around = functions
            .iter()
            .filter(|one| (one.line..one.line + one.lines).contains(&line));
        let mut names = around.map(|one| one.name.as_str());
        names.any(|name| {
            ["eventually", "until", "wait_until", "drop"]
                .iter()
                .any(|wait| name.starts_with(wait))
        })
    };
    let word = ["sle", "ep("].concat();
    let lines = file
        .as_text()
        .lines()
        .enumerate()
        .map(|(index, text)| (index + 1, text));
    // A database that is told to be busy is what a test is about, not its wait.
    let busy = ["pg_", &word].concat();
    let sleeping =
        lines.filter(|(line, text)| text.replace(&busy, "").contains(&word) && !is_wait(*line));
    let judge = |(line, text): (usize, &str)| {
        // Tokio's may be on a paused clock, which a reader has to tell.
        let told = "sleeps: wait in a function `eventually…` for what is expected";
        let finding = match text.contains("tokio::") {
            true => Finding::warning(&file.path, told),
            false => Finding::violation(&file.path, told),
        };
        finding.at(line)
    };
    sleeping.map(judge).collect()
}

fn is_code(file: &File) -> bool {
    let ends = [".rs", ".ts", ".tsx", ".py", ".mjs", ".proto", ".sh"];
    ends.iter().any(|end| file.path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(path: &str, line: &str) -> Tree {
        Tree::new([File::text(path, format!("first\n{line}\n"))])
    }

    #[test]
    fn a_path_of_a_machine_is_found_and_one_inside_a_url_is_not() {
        let planted = format!("open {}/x", "/root");
        let found = machine_paths(&tree("docs/a.md", &planted));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, Some(2));
        let inside = format!("https://example.org{}/x and $HOME{0}/x", "/work");
        assert!(machine_paths(&tree("docs/a.md", &inside.replace("$HOME", "a"))).is_empty());
    }

    #[test]
    fn a_registry_is_found_in_lock_files_too() {
        let planted = format!(
            "\"resolved\": \"https://{}.org/a\"",
            ["registry", "npmjs"].join(".")
        );
        assert_eq!(
            registry_hosts(&tree("clients/web/package-lock.json", &planted)).len(),
            1
        );
    }

    #[test]
    fn unfinished_code_is_found_and_an_iterator_that_skips_is_not() {
        let planted = ["to", "do!()"].concat();
        assert_eq!(unfinished(&tree("crates/a/src/a.rs", &planted)).len(), 1);
        assert!(unfinished(&tree("crates/a/src/a.rs", "rows.skip(1)")).is_empty());
        let switched_off = ["test.", "only(\"a\", () => {})"].concat();
        assert_eq!(
            unfinished(&tree("clients/web/a.test.ts", &switched_off)).len(),
            1
        );
    }

    #[test]
    fn a_test_that_sleeps_is_found_and_a_bounded_wait_is_not() {
        let sleep = ["thread::", "sle", "ep(second)"].concat();
        let planted = format!("fn a() {{ {sleep} }}\nfn eventually() {{\n{sleep} }}");
        let found = idle_tests(&tree("crates/a/tests/it/a.rs", &planted));
        assert_eq!(
            found.iter().map(|one| one.line).collect::<Vec<_>>(),
            [Some(2)]
        );
        assert!(idle_tests(&tree("crates/a/src/a.rs", &planted)).is_empty());
    }
}
