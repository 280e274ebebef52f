//! What the Python client is checked and tested with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process::Program;

/// Installs the packages that `list` names into `folder`, a virtual
/// environment, unless they are the ones there; hands back its interpreter.
pub(super) fn ensure(folder: &Path, list: &Path) -> Result<PathBuf> {
    let wanted = fs::read_to_string(list).with_context(|| list.display().to_string())?;
    if let Some(python) = interpreter(folder, &wanted) {
        return Ok(python);
    }
    if !is_recent() {
        bail!("Python 3.11 or newer is needed as `python3`");
    }
    // What an older list named may be in the way of the new one.
    let venv = Program::new("python3").args(["-m", "venv", "--clear"]);
    venv.arg(folder).run_quietly()?;
    let pip = Program::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"])
        .arg("--requirement")
        .arg(list)
        .run_quietly()?;
    fs::write(installed(folder), &wanted)?;
    interpreter(folder, &wanted).context("the environment holds no interpreter")
}

/// The interpreter in `folder`, where it comes with the packages of the list.
pub(super) fn interpreter(folder: &Path, wanted: &str) -> Option<PathBuf> {
    let present = fs::read_to_string(installed(folder)).ok()?;
    let python = folder.join("bin/python");
    (present == wanted && python.is_file()).then_some(python)
}

/// The list of what is installed, written once all of it is.
fn installed(folder: &Path) -> PathBuf {
    folder.join("installed.txt")
}

fn is_recent() -> bool {
    let judge = "import sys; sys.exit(sys.version_info < (3, 11))";
    Program::new("python3").args(["-c", judge]).succeeds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_counts_once_all_of_its_list_is_installed() {
        let folder = tempfile::tempdir().expect("a folder");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("creates");
        fs::write(bin.join("python"), "").expect("writes");
        assert_eq!(interpreter(folder.path(), "a==1\n"), None);
        fs::write(installed(folder.path()), "a==1\n").expect("writes");
        assert_eq!(
            interpreter(folder.path(), "a==1\n"),
            Some(bin.join("python"))
        );
        assert_eq!(interpreter(folder.path(), "a==2\n"), None);
    }
}
