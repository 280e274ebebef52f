//! Decision records are numbered without gaps and state whether they hold.

use super::{File, Finding, Tree};

const FOLDER: &str = "docs/adr/";

/// `NNN-title.md` from 001 on, each with a title and a status.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut expected = 1;
    let records = tree.files().filter(|file| file.path.starts_with(FOLDER));
    for file in records.filter(|file| !file.path.ends_with("/README.md")) {
        match number(&file.path[FOLDER.len()..]) {
            Some(number) if number == expected => expected += 1,
            Some(number) => {
                let told = format!("{expected:03} was expected here: numbers have no gaps");
                found.push(Finding::violation(&file.path, told));
                expected = number + 1;
            }
            None => found.push(Finding::violation(&file.path, "is not named NNN-title.md")),
        }
        found.extend(lacks(file));
    }
    found
}

fn number(name: &str) -> Option<u32> {
    let (digits, title) = name.strip_suffix(".md")?.split_once('-')?;
    let is_title =
        !title.is_empty() && title.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (digits.len() == 3 && is_title).then(|| digits.parse().ok())?
}

fn lacks(file: &File) -> Vec<Finding> {
    let text = file.as_text();
    let mut found = Vec::new();
    if !text.starts_with("# ") {
        found.push(Finding::violation(&file.path, "starts without a title").at(1));
    }
    if !text.lines().any(|line| {
        line.trim_start_matches(['*', '-', ' '])
            .starts_with("Status")
    }) {
        found.push(Finding::violation(&file.path, "has no line `Status: …`"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> usize {
        let record =
            |name: &&str| File::text(format!("{FOLDER}{name}"), "# A\n\nStatus: accepted\n");
        check(&Tree::new(names.iter().map(record))).len()
    }

    #[test]
    fn a_gap_a_double_and_an_odd_name_are_found() {
        assert_eq!(found(&["001-a.md", "002-b.md", "README.md"]), 0);
        assert_eq!(found(&["001-a.md", "003-b.md", "004-c.md"]), 1);
        assert_eq!(found(&["001-a.md", "001-b.md"]), 1);
        assert_eq!(found(&["001-a.md", "decision.md"]), 1);
    }

    #[test]
    fn a_record_without_a_status_is_found() {
        let record = File::text(format!("{FOLDER}001-a.md"), "# A\n");
        assert_eq!(check(&Tree::new([record])).len(), 1);
    }
}
