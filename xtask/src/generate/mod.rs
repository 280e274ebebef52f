//! The committed artefacts that are generated: written here, checked by diff.
//!
//! Every generator writes into a folder laid out like the tree. `write` copies
//! from there, `check` compares with it, so both always see the same output.

mod manifests;
mod openapi;
mod phone;
mod python;
mod typescript;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::repo::Repo;

/// Renews every committed artefact.
pub(crate) fn write(repo: &Repo) -> Result<()> {
    for artefacts in [typescript::generate(repo)?, manifests::generate(repo)?] {
        artefacts.install(repo.root())?;
    }
    openapi::generate(repo)?.install(repo.root())?;
    // Made of documents that were written just now.
    phone::generate(repo)?.install(repo.root())?;
    python::generate(repo)?.install(repo.root())
}

/// Fails when a committed artefact is not what its source gives today.
pub(crate) fn check(repo: &Repo) -> Result<()> {
    check_types(repo)?;
    check_manifests(repo)?;
    check_documents(repo)?;
    check_python(repo)
}

/// The TypeScript types match the contracts, and the mobile document.
pub(crate) fn check_types(repo: &Repo) -> Result<()> {
    typescript::generate(repo)?.compare(repo.root())?;
    phone::generate(repo)?.compare(repo.root())
}

/// What runs on Kubernetes matches the roster and the contracts.
pub(crate) fn check_manifests(repo: &Repo) -> Result<()> {
    manifests::generate(repo)?.compare(repo.root())
}

/// Renews what runs on Kubernetes, and nothing else.
pub(crate) fn write_manifests(repo: &Repo) -> Result<()> {
    manifests::generate(repo)?.install(repo.root())
}

/// The OpenAPI documents match the contracts.
pub(crate) fn check_documents(repo: &Repo) -> Result<()> {
    openapi::generate(repo)?.compare(repo.root())
}

/// The Python client matches the partner's committed document.
pub(crate) fn check_python(repo: &Repo) -> Result<()> {
    python::generate(repo)?.compare(repo.root())
}

/// Generated files by their path in the tree.
#[derive(Debug, Default)]
struct Artefacts {
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// Folders that hold generated files alone: whatever else is in them is
    /// left over from a contract that is gone.
    owned: Vec<PathBuf>,
}

impl Artefacts {
    /// Every file under `folder`, with its path from there.
    fn collect(folder: &Path, owned: Vec<PathBuf>) -> Result<Self> {
        let mut files = BTreeMap::new();
        for path in files_under(folder)? {
            let bytes = fs::read(folder.join(&path))?;
            files.insert(path, bytes);
        }
        Ok(Self { files, owned })
    }

    /// Left-over files in the owned folders of the tree.
    fn left_over(&self, root: &Path) -> Result<Vec<PathBuf>> {
        let mut left_over = Vec::new();
        for folder in &self.owned {
            let present = files_under(&root.join(folder))?;
            // Python keeps what it compiled beside the sources.
            let is_ours = |path: &PathBuf| path.iter().all(|part| part != "__pycache__");
            let present = present.into_iter().filter(is_ours);
            let present = present.map(|path| folder.join(path));
            left_over.extend(present.filter(|path| !self.files.contains_key(path)));
        }
        Ok(left_over)
    }

    fn install(&self, root: &Path) -> Result<()> {
        for path in self.left_over(root)? {
            fs::remove_file(root.join(path))?;
        }
        for (path, bytes) in &self.files {
            let target = root.join(path);
            if fs::read(&target).is_ok_and(|found| &found == bytes) {
                continue;
            }
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&target, bytes).with_context(|| format!("{}", target.display()))?;
            println!("wrote {}", path.display());
        }
        Ok(())
    }

    fn compare(&self, root: &Path) -> Result<()> {
        let mut stale = self.left_over(root)?;
        let differs = |(path, bytes): &(&PathBuf, &Vec<u8>)| {
            !fs::read(root.join(path)).is_ok_and(|found| &found == *bytes)
        };
        stale.extend(
            self.files
                .iter()
                .filter(differs)
                .map(|(path, _)| path.clone()),
        );
        if stale.is_empty() {
            return Ok(());
        }
        let list: Vec<_> = stale
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        bail!("stale, `cargo xtask gen` renews them:\n{}", list.join("\n"))
    }
}

/// The files under `folder` by their path from there; none when it is absent.
pub(crate) fn files_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inside) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder.join(&inside)) else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            let path = inside.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artefacts() -> (tempfile::TempDir, Artefacts) {
        let source = tempfile::tempdir().expect("a folder");
        fs::create_dir(source.path().join("gen")).expect("creates");
        fs::write(source.path().join("gen/a.ts"), "a").expect("writes");
        let artefacts = Artefacts::collect(source.path(), vec!["gen".into()]).expect("collects");
        (tempfile::tempdir().expect("a folder"), artefacts)
    }

    #[test]
    fn what_was_written_is_not_stale() {
        let (tree, artefacts) = artefacts();
        assert!(artefacts.compare(tree.path()).is_err());
        artefacts.install(tree.path()).expect("installs");
        artefacts.compare(tree.path()).expect("is fresh");
    }

    #[test]
    fn a_changed_and_a_left_over_file_are_stale_and_named() {
        let (tree, artefacts) = artefacts();
        artefacts.install(tree.path()).expect("installs");
        fs::write(tree.path().join("gen/a.ts"), "edited").expect("writes");
        fs::write(tree.path().join("gen/old.ts"), "gone").expect("writes");
        let told = artefacts
            .compare(tree.path())
            .expect_err("is stale")
            .to_string();
        assert!(
            told.contains("gen/a.ts") && told.contains("gen/old.ts"),
            "{told}"
        );
        artefacts.install(tree.path()).expect("installs");
        artefacts.compare(tree.path()).expect("is fresh again");
    }
}
