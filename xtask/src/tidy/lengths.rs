//! How long files and functions may be.

use super::rust_source::functions as functions_of;
use super::{File, Finding, Tree};

/// A longer file fails the check.
const FILE_LINES: usize = 600;
/// A longer file is worth a thought about a split.
const FILE_LINES_WARNED: usize = 400;
/// A longer contract fails the check. One file holds a service with all its
/// messages, each field with its comment and rules: it is looked things up in,
/// and moving a message to another file breaks whoever imports it.
const CONTRACT_LINES: usize = 1_400;
/// A longer function is worth a thought about a split.
const FUNCTION_LINES: usize = 70;
/// A larger file does not belong into a source tree.
const FILE_BYTES: u64 = 1_500_000;

/// What people write by hand and read from top to bottom.
const SOURCE_ENDS: [&str; 7] = [".rs", ".ts", ".tsx", ".py", ".proto", ".css", ".mjs"];

fn is_source(file: &File) -> bool {
    SOURCE_ENDS.iter().any(|end| file.path.ends_with(end)) && !file.is_foreign()
}

/// Source files stay short enough to be read in one sitting.
pub(super) fn files(tree: &Tree) -> Vec<Finding> {
    let judge = |file: &File| {
        let lines = file.as_text().lines().count();
        let told = format!("{lines} lines; split it where a reader would look for two things");
        let limit = if file.path.ends_with(".proto") {
            CONTRACT_LINES
        } else {
            FILE_LINES
        };
        match lines {
            _ if lines > limit => Some(Finding::violation(&file.path, told)),
            _ if lines > FILE_LINES_WARNED => Some(Finding::warning(&file.path, told)),
            _ => None,
        }
    };
    tree.files()
        .filter(|file| is_source(file))
        .filter_map(judge)
        .collect()
}

/// Functions stay short enough to be seen at once.
pub(super) fn functions(tree: &Tree) -> Vec<Finding> {
    let rust = tree
        .files()
        .filter(|file| file.path.ends_with(".rs") && !file.is_foreign());
    let judge = |file: &File| -> Vec<Finding> {
        let long = functions_of(file.as_text());
        let long = long
            .into_iter()
            .filter(|function| function.lines > FUNCTION_LINES);
        long.map(|function| {
            let told = format!("function `{}` has {} lines", function.name, function.lines);
            Finding::warning(&file.path, told).at(function.line)
        })
        .collect()
    };
    rust.flat_map(judge).collect()
}

/// No large file is in the tree.
pub(super) fn bytes(tree: &Tree) -> Vec<Finding> {
    let large = tree.files().filter(|file| file.bytes > FILE_BYTES);
    let tell = |file: &File| {
        Finding::violation(
            &file.path,
            format!("{} bytes; fetch it instead", file.bytes),
        )
    };
    large.map(tell).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Severity;
    use super::*;

    fn of_lines(path: &str, lines: usize) -> File {
        File::text(path, "x\n".repeat(lines))
    }

    #[test]
    fn a_long_file_is_found_and_a_generated_one_is_not() {
        let tree = Tree::new([
            of_lines("crates/a/src/long.rs", 601),
            of_lines("crates/a/src/longish.rs", 401),
            of_lines("crates/a/src/short.rs", 400),
            of_lines("clients/web/src/gen/long_pb.ts", 601),
            of_lines("proto/google/api/long.proto", 601),
        ]);
        let found = files(&tree);
        let seen: Vec<_> = found
            .iter()
            .map(|one| (one.severity, one.path.as_str()))
            .collect();
        let long = (Severity::Violation, "crates/a/src/long.rs");
        assert_eq!(seen, [long, (Severity::Warning, "crates/a/src/longish.rs")]);
    }

    #[test]
    fn a_long_function_is_found_at_its_line() {
        let body = "    let x = 1;\n".repeat(69);
        let text = format!("\nfn fits() {{\n{body}}}\n\nfn long() {{\n    ();\n{body}}}\n");
        let text = text.replacen("    let x = 1;\n", "", 1);
        let found = functions(&Tree::new([File::text("crates/a/src/a.rs", text)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].message.contains("`long` has 72 lines"),
            "{}",
            found[0]
        );
        assert_eq!(found[0].line, Some(73));
    }

    #[test]
    fn a_large_file_is_found() {
        let mut file = File::text("assets/a.bin", "");
        file.bytes = FILE_BYTES + 1;
        assert_eq!(bytes(&Tree::new([file])).len(), 1);
    }
}
