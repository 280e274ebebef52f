//! A copy of the source tree.

use std::fs;
use std::path::{Path, PathBuf};

/// The tree this test was built from.
pub(crate) fn real() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("lies in the tree").to_path_buf()
}

/// Copies what a build needs.
pub(crate) fn copy_into(to: &Path) {
    for name in [
        "Cargo.toml",
        "Cargo.lock",
        "clippy.toml",
        "proto",
        "crates",
        "services",
        "bff",
        "xtask",
    ] {
        copy(&real().join(name), &to.join(name));
    }
}

/// Makes `to` the same as `from`. Files that are the same already are left
/// alone, so that what was built from them is still fresh.
pub(crate) fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        let bytes = fs::read(from).expect("can be read");
        if !fs::read(to).is_ok_and(|found| found == bytes) {
            fs::write(to, bytes).expect("can be written");
        }
        return;
    }
    fs::create_dir_all(to).expect("can be made");
    let entries = fs::read_dir(from).expect("can be listed");
    let names: Vec<_> = entries
        .map(|entry| entry.expect("is listed").file_name())
        // Installed, and not of the tree: others may be at work there.
        .filter(|name| name != "node_modules")
        .collect();
    for old in fs::read_dir(to).expect("can be listed") {
        let old = old.expect("is listed");
        if !names.contains(&old.file_name()) {
            let path = old.path();
            let removed = if path.is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            };
            removed.expect("can be removed");
        }
    }
    for name in names {
        copy(&from.join(&name), &to.join(&name));
    }
}
