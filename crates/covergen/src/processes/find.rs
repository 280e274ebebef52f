//! Where the programs of engines are on this machine.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::bail;

/// Where Debian keeps PostgreSQL, off the path, a folder per version.
const DEBIAN_POSTGRES: &str = "/usr/lib/postgresql";

/// The folder with `initdb` and `postgres`.
pub(super) fn postgres() -> anyhow::Result<PathBuf> {
    let is_it = |folder: &PathBuf| is_postgres(folder);
    if let Some(named) = env::var_os("COVERGEN_POSTGRES_BIN").map(PathBuf::from) {
        if is_it(&named) {
            return Ok(named);
        }
        bail!("COVERGEN_POSTGRES_BIN is to name the folder with `initdb` and `postgres`");
    }
    if let Some(found) = path().find(is_it).or_else(newest_of_debian) {
        return Ok(found);
    }
    bail!(
        "PostgreSQL was not found: install it (Debian: `apt-get install postgresql`), name the \
         folder with its programs in COVERGEN_POSTGRES_BIN, or name a running server with \
         `--postgres postgres://user@host/covergen_{{service}}`"
    )
}

pub(super) fn nats() -> anyhow::Result<PathBuf> {
    program(
        "nats-server",
        "COVERGEN_NATS_SERVER",
        "Debian 13: `apt-get install nats-server`; in the source tree: `cargo xtask install`",
        "--nats nats://host:4222",
    )
}

pub(super) fn redis() -> anyhow::Result<PathBuf> {
    program(
        "redis-server",
        "COVERGEN_REDIS_SERVER",
        "Debian: `apt-get install redis-server`",
        "--redis redis://host:6379",
    )
}

/// A program by its own variable, on the path, or among those that
/// `cargo xtask install` put into the target folder this one was built in.
fn program(name: &str, variable: &str, install: &str, told: &str) -> anyhow::Result<PathBuf> {
    if let Some(named) = env::var_os(variable).map(PathBuf::from) {
        if named.is_file() {
            return Ok(named);
        }
        bail!("{variable} is to name the program {name}");
    }
    let found = path()
        .chain(built_beside())
        .map(|folder| folder.join(name))
        .find(|program| program.is_file());
    if let Some(found) = found {
        return Ok(found);
    }
    bail!(
        "{name} was not found: install it ({install}), name the program in {variable}, or name \
         a running server with `{told}`"
    )
}

/// A program of the system, if it is there.
pub(super) fn on_path(name: &str) -> Option<PathBuf> {
    path()
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn path() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

fn built_beside() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map(|target| target.join("engines/bin"))
}

fn is_postgres(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

fn newest_of_debian() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN_POSTGRES).ok()?.flatten();
    versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            is_postgres(&folder).then_some((version, folder))
        })
        .max()
        .map(|(_, folder)| folder)
}
