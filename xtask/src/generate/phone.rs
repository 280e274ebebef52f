//! TypeScript types of the mobile REST, for the phone app, from the mobile
//! OpenAPI document as it is committed.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::Artefacts;
use crate::process::Program;
use crate::repo::Repo;
use crate::web;

/// What the generator reads.
const DOCUMENT: &str = "bff/mobile/openapi.json";
/// What it writes, and where.
const FOLDER: &str = "clients/mobile/src/gen";
const FILE: &str = "api.ts";

pub(super) fn generate(repo: &Repo) -> Result<Artefacts> {
    let scratch = tempfile::tempdir()?;
    // The generator stands on nothing but Node.
    Program::new("node")
        .arg("gen/types.mjs")
        .arg(repo.path(DOCUMENT))
        .arg(scratch.path().join(FOLDER).join(FILE))
        .within(web::phone(repo))
        .run()?;
    let artefacts = Artefacts::collect(scratch.path(), vec![PathBuf::from(FOLDER)])?;
    ensure!(
        artefacts
            .files
            .contains_key(&PathBuf::from(FOLDER).join(FILE)),
        "the generator writes no {FOLDER}/{FILE}"
    );
    Ok(artefacts)
}
