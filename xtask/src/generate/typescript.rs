//! TypeScript types of the contracts, for the browser app.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::Artefacts;
use crate::buf;
use crate::repo::Repo;

/// Where `buf.gen.yaml` puts the types.
const FOLDER: &str = "clients/web/src/gen";

pub(super) fn generate(repo: &Repo) -> Result<Artefacts> {
    let scratch = tempfile::tempdir()?;
    let buf = buf::program(repo)?;
    buf.args(["generate", "--output"])
        .arg(scratch.path())
        .run()?;
    let artefacts = Artefacts::collect(scratch.path(), vec![PathBuf::from(FOLDER)])?;
    ensure!(
        artefacts.files.keys().any(|path| path.starts_with(FOLDER)),
        "buf.gen.yaml writes nothing to {FOLDER}"
    );
    Ok(artefacts)
}
