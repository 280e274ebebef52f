//! Where things are: the source tree and cargo's target folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// The source tree and the target folder that belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Repo {
    root: PathBuf,
    target: PathBuf,
}

impl Repo {
    /// The tree this task was started for: the one cargo built it from, else
    /// the one around the current folder.
    pub(crate) fn find() -> Result<Self> {
        let from_cargo = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let start = match from_cargo {
            Some(folder) => folder,
            None => std::env::current_dir().context("the current folder cannot be read")?,
        };
        let root = start
            .ancestors()
            .find(|folder| folder.join("xtask/Cargo.toml").is_file())
            .with_context(|| format!("{} is not inside the repository", start.display()))?
            .to_path_buf();
        let target = target_folder(&root)?;
        Ok(Self { root, target })
    }

    /// The root of the source tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the source tree.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's target folder, wherever the environment put it.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The Python environment with `nats-server` and `moto_server`; the tests'
    /// own harness looks for its engines here.
    pub(crate) fn venv(&self) -> PathBuf {
        self.target.join("engines")
    }

    /// The Python client.
    pub(crate) fn python(&self) -> PathBuf {
        self.path("clients/python")
    }

    /// The browser app, which also brings the contract tools.
    pub(crate) fn web(&self) -> PathBuf {
        self.path("clients/web")
    }
}

/// Asks cargo, because `--target-dir`, the environment and the configuration
/// all have a say.
fn target_folder(root: &Path) -> Result<PathBuf> {
    let output = Command::new(cargo())
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("cargo cannot be started")?;
    if !output.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
    metadata["target_directory"]
        .as_str()
        .map(PathBuf::from)
        .context("cargo metadata names no target folder")
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
