//! What runs the platform on Kubernetes, from the roster and the contracts.

use anyhow::Result;

use super::Artefacts;
use crate::buf;
use crate::k8s::{self, Callers};
use crate::repo::Repo;

pub(super) fn generate(repo: &Repo) -> Result<Artefacts> {
    let contracts = buf::program(repo)?
        .args(["build", "--output", "-#format=json"])
        .read()?;
    let files = k8s::files(&Callers::read(&contracts)?);
    Ok(Artefacts {
        files: files
            .into_iter()
            .map(|(path, text)| (path, text.into_bytes()))
            .collect(),
        owned: k8s::FOLDERS.iter().map(Into::into).collect(),
    })
}
