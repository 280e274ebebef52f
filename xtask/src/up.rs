//! Builds everything and runs the platform in the foreground.

use anyhow::Result;

use crate::process::Program;
use crate::repo::Repo;
use crate::{fonts, web};

/// Builds the browser app and the release binary, fetches the fonts, and
/// becomes `covergen up`, which tells where it listens.
pub(crate) fn run(repo: &Repo, args: &[String]) -> Result<()> {
    web::install(repo)?;
    web::script(repo, "build")?;
    fonts::fetch(repo)?;
    let build = ["build", "--release", "--package", "covergen"];
    Program::cargo(repo).args(build).run()?;
    let mut covergen = Program::new(repo.target().join("release/covergen")).within(repo.root());
    covergen = covergen.arg("up").args(args);
    if !args
        .iter()
        .any(|arg| arg == "--data" || arg.starts_with("--data="))
    {
        covergen = covergen.arg("--data").arg(repo.path("data"));
    }
    Err(covergen.replace())
}
