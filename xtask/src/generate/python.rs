//! The generated part of the Python client, from the partner's OpenAPI
//! document as it is committed.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::Artefacts;
use crate::install;
use crate::process::Program;
use crate::repo::Repo;

/// What the generator reads.
const DOCUMENT: &str = "bff/partner/openapi.json";
/// What it writes.
const FOLDER: &str = "clients/python/src/covergen/gen";

pub(super) fn generate(repo: &Repo) -> Result<Artefacts> {
    let scratch = tempfile::tempdir()?;
    let python = Program::new(install::ensure_python(repo)?);
    python
        .args(["-B", "-m", "generate"])
        .arg(repo.path(DOCUMENT))
        .arg(scratch.path().join(FOLDER))
        .within(repo.python())
        .run()?;
    let artefacts = Artefacts::collect(scratch.path(), vec![PathBuf::from(FOLDER)])?;
    ensure!(
        artefacts.files.keys().any(|path| path.starts_with(FOLDER)),
        "the generator writes nothing to {FOLDER}"
    );
    Ok(artefacts)
}
