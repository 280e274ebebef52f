//! What is depended on, judged by `cargo deny`: in a test run where it is
//! installed, before benches and soaks always.
//!
//! It takes minutes to build, so it is not among the programs that a checkout
//! has to have: `cargo install cargo-deny` brings it, or the first bench, into
//! the target folder.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process::Program;
use crate::repo::Repo;
use crate::steps::Steps;

const PROGRAM: &str = "cargo-deny";

const NAME: &str = "dependencies: licences, doubles and sources";

/// What can be judged without a list that has to be fetched.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// Adds the step, or says why there is none.
pub(crate) fn step(repo: &Repo, steps: &mut Steps) -> Result<()> {
    let Some(deny) = installed(repo) else {
        steps.skip(NAME, "cargo-deny is not installed");
        return Ok(());
    };
    let database = cargo_home().is_some_and(|home| has_advisories(&home));
    if !database {
        steps.skip("dependencies: advisories", "their database is not at hand");
    }
    steps.step(NAME, || judge(repo, &deny, database))
}

/// Judges, and installs what judges where it is missing.
pub(crate) fn always(repo: &Repo) -> Result<()> {
    let deny = match installed(repo) {
        Some(deny) => deny,
        None => install(repo)?,
    };
    let database = cargo_home().is_some_and(|home| has_advisories(&home));
    judge(repo, &deny, database)
}

fn judge(repo: &Repo, deny: &Path, with_advisories: bool) -> Result<()> {
    let judging = Program::new(deny).args(arguments(with_advisories));
    judging.within(repo.root()).run()
}

/// The program, where it is: among those of the machine or of its owner, or in
/// the target folder.
fn installed(repo: &Repo) -> Option<PathBuf> {
    let within = |folder: PathBuf| folder.join("bin").join(PROGRAM);
    let ours = within(folder(repo));
    std::iter::once(PathBuf::from(PROGRAM))
        .chain(cargo_home().map(within))
        .chain([ours])
        .find(|program| Program::new(program).arg("--version").succeeds())
}

fn install(repo: &Repo) -> Result<PathBuf> {
    let folder = folder(repo);
    let install = Program::cargo(repo).args(["install", "--locked", PROGRAM, "--root"]);
    install.arg(&folder).run()?;
    Ok(folder.join("bin").join(PROGRAM))
}

fn folder(repo: &Repo) -> PathBuf {
    repo.target().join("tools")
}

fn arguments(with_advisories: bool) -> Vec<&'static str> {
    let mut arguments = vec!["--all-features", "check"];
    if with_advisories {
        // As it is: a test run does not wait for somebody else's server.
        arguments.extend(["--disable-fetch", "advisories"]);
    }
    arguments.extend(CHECKS);
    arguments
}

/// Whether a database of advisories was fetched before.
fn has_advisories(cargo_home: &Path) -> bool {
    let found = cargo_home.join("advisory-dbs").read_dir();
    found.is_ok_and(|mut entries| entries.next().is_some())
}

fn cargo_home() -> Option<PathBuf> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advisories_are_judged_where_their_database_is_and_never_fetched() {
        let home = tempfile::tempdir().expect("a folder");
        assert!(!has_advisories(home.path()));
        std::fs::create_dir_all(home.path().join("advisory-dbs")).expect("a folder");
        assert!(!has_advisories(home.path()), "an empty one is none");
        std::fs::create_dir_all(home.path().join("advisory-dbs/one")).expect("a folder");
        assert!(has_advisories(home.path()));
        assert_eq!(
            arguments(false).join(" "),
            "--all-features check bans licenses sources"
        );
        assert_eq!(
            arguments(true).join(" "),
            "--all-features check --disable-fetch advisories bans licenses sources"
        );
    }
}
