//! The image.
use anyhow::Result;
use std::path::PathBuf;
use crate::repo::Repo;
pub(crate) fn run(_: &Repo, _: Option<PathBuf>) -> Result<()> { Ok(()) }
