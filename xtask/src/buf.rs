//! `buf`, the contract tool, as the browser app's packages bring it.

use anyhow::{Result, bail};

use crate::process::Program;
use crate::repo::Repo;
use crate::web;

/// The image of the contracts that clients in the field were built against.
pub(crate) const BASELINE: &str = "proto/baseline.binpb";

/// `buf` in the source tree, with the packages it needs.
pub(crate) fn program(repo: &Repo) -> Result<Program> {
    web::install(repo)?;
    let buf = web::tool(repo, "buf")?;
    Ok(Program::new(buf).within(repo.root()))
}

/// The contracts keep to the style rules.
pub(crate) fn lint(repo: &Repo) -> Result<()> {
    program(repo)?.arg("lint").run()
}

/// The contracts still serve clients built against the baseline.
pub(crate) fn breaking(repo: &Repo) -> Result<()> {
    if !repo.path(BASELINE).is_file() {
        bail!("{BASELINE} is missing: `cargo xtask baseline` writes it");
    }
    program(repo)?
        .args(["breaking", "--against", BASELINE])
        .run()
}
