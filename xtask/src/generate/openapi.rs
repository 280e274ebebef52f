//! The OpenAPI document of every BFF, printed by an example of its crate.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use super::Artefacts;
use crate::process::Program;
use crate::repo::Repo;

pub(super) fn generate(repo: &Repo) -> Result<Artefacts> {
    let mut artefacts = Artefacts::default();
    for bff in bffs(repo)? {
        let example = format!("openapi_{bff}");
        // For the whole workspace, because with features chosen for one
        // package alone cargo would compile half of it a second time.
        let build = ["build", "--quiet", "--workspace", "--example", &example];
        Program::cargo(repo).args(build).run()?;
        let program = Program::new(repo.target().join("debug/examples").join(&example));
        let document = program.read()?;
        serde_json::from_str::<serde_json::Value>(&document)
            .with_context(|| format!("{example} printed no JSON"))?;
        let path = format!("bff/{bff}/openapi.json").into();
        artefacts.files.insert(path, document.into_bytes());
    }
    Ok(artefacts)
}

/// The names of the BFFs, in order.
fn bffs(repo: &Repo) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(repo.path("bff")).context("bff")? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    ensure!(!names.is_empty(), "there is no BFF under bff/");
    names.sort();
    Ok(names)
}
