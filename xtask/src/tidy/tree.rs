//! The files of the source tree, in memory.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Folders by name that hold nothing of ours.
const SKIPPED_NAMES: [&str; 8] = [
    ".git",
    "target",
    "node_modules",
    "dist",
    "test-results",
    "__pycache__",
    ".venv",
    ".idea",
];

/// Folders by path that hold nothing of ours.
const SKIPPED_PATHS: [&str; 2] = ["data", "assets/fonts/fetched"];

/// One file.
#[derive(Debug, Clone)]
pub struct File {
    /// From the root of the tree, with `/` between folders.
    pub path: String,
    /// The text; none when it is not UTF-8.
    pub text: Option<String>,
    /// Size in bytes.
    pub bytes: u64,
    /// Whether the file's owner may execute it.
    pub executable: bool,
}

impl File {
    /// A file of text.
    pub fn text(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            path: path.into(),
            bytes: text.len() as u64,
            text: Some(text),
            executable: false,
        }
    }

    /// Whether the file is generated or taken over: its author is not us.
    pub(super) fn is_foreign(&self) -> bool {
        let generated = self.path.contains("/gen/") || self.path.ends_with(".lock");
        let vendored = ["proto/google/", "proto/buf/"]
            .iter()
            .any(|at| self.path.starts_with(at));
        generated || vendored || self.path.ends_with("package-lock.json")
    }

    /// Whether the file is a test.
    pub(super) fn is_test(&self) -> bool {
        let in_folder = self.path.contains("/tests/") || self.path.starts_with("tests/");
        in_folder || self.path.contains(".test.") || self.path.contains(".spec.")
    }

    /// The text; empty when it is not UTF-8.
    pub(super) fn as_text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// All files, by path.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// A tree of these files.
    pub fn new(files: impl IntoIterator<Item = File>) -> Self {
        let mut files: Vec<File> = files.into_iter().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// Reads the files under `root`, but for folders that are not ours.
    ///
    /// # Errors
    /// When a file or folder cannot be read.
    pub fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        read_folder(root, "", &mut files)?;
        Ok(Self::new(files))
    }

    /// Every file, ordered by path.
    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// The file at `path`.
    pub(super) fn get(&self, path: &str) -> Option<&File> {
        let at = self
            .files
            .binary_search_by(|file| file.path.as_str().cmp(path));
        at.ok().map(|index| &self.files[index])
    }

    /// Whether there is a file at `path`.
    pub(super) fn has(&self, path: &str) -> bool {
        self.get(path).is_some()
    }

    /// The names of the folders directly in `folder`, once each.
    pub(super) fn folders_in(&self, folder: &str) -> Vec<&str> {
        let prefix = format!("{folder}/");
        let inside = self
            .files
            .iter()
            .filter_map(|file| file.path.strip_prefix(&prefix));
        let mut names: Vec<&str> = inside
            .filter_map(|rest| rest.split_once('/'))
            .map(|(name, _)| name)
            .collect();
        names.dedup();
        names
    }
}

fn read_folder(root: &Path, inside: &str, files: &mut Vec<File>) -> Result<()> {
    let folder = root.join(inside);
    let entries = fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if inside.is_empty() {
            name.clone()
        } else {
            format!("{inside}/{name}")
        };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let skipped = SKIPPED_NAMES.contains(&name.as_str());
            if !skipped && !SKIPPED_PATHS.contains(&path.as_str()) {
                read_folder(root, &path, files)?;
            }
        } else if kind.is_file() {
            files.push(read_file(&entry, path)?);
        }
    }
    Ok(())
}

fn read_file(entry: &fs::DirEntry, path: String) -> Result<File> {
    let metadata = entry.metadata()?;
    let bytes = fs::read(entry.path()).with_context(|| path.clone())?;
    Ok(File {
        path,
        text: String::from_utf8(bytes).ok(),
        bytes: metadata.len(),
        executable: metadata.permissions().mode() & 0o100 != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_are_not_ours_are_not_read() {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["src", "data", "web/node_modules/x", "src/data"] {
            fs::create_dir_all(root.path().join(folder)).expect("creates");
            fs::write(root.path().join(folder).join("a.rs"), "").expect("writes");
        }
        let tree = Tree::read(root.path()).expect("reads");
        let paths: Vec<_> = tree.files().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["src/a.rs", "src/data/a.rs"]);
        assert_eq!(tree.folders_in("src"), ["data"]);
    }
}
