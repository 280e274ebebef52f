//! What is depended on, judged by `cargo deny` where it is installed.
//!
//! It is not among the programs that a checkout has to have: CI always runs
//! it, `cargo install cargo-deny` brings it here.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process::Program;
use crate::repo::Repo;
use crate::steps::Steps;

const NAME: &str = "dependencies: licences, doubles and sources";

/// What can be judged without a list that has to be fetched.
const CHECKS: [&str; 3] = ["bans", "licenses", "sources"];

/// Adds the step, or says why there is none.
pub(crate) fn step(repo: &Repo, steps: &mut Steps) -> Result<()> {
    if !Program::cargo(repo).args(["deny", "--version"]).succeeds() {
        steps.skip(NAME, "cargo-deny is not installed");
        return Ok(());
    }
    let database = cargo_home().is_some_and(|home| has_advisories(&home));
    if !database {
        steps.skip("dependencies: advisories", "their database is not at hand");
    }
    steps.step(NAME, || {
        Program::cargo(repo).args(arguments(database)).run()
    })
}

fn arguments(with_advisories: bool) -> Vec<&'static str> {
    let mut arguments = vec!["deny", "--all-features", "check"];
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
            "deny --all-features check bans licenses sources"
        );
        assert_eq!(
            arguments(true).join(" "),
            "deny --all-features check --disable-fetch advisories bans licenses sources"
        );
    }
}
