//! The steps of the browser app and the phone app: packages, types, build.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

use crate::process::Program;
use crate::repo::Repo;

/// Installs the packages the lock files name, unless they are the ones there.
pub(crate) fn install(repo: &Repo) -> Result<()> {
    apps(repo).iter().try_for_each(|app| install_packages(app))
}

/// The browser app and the phone app.
fn apps(repo: &Repo) -> [PathBuf; 2] {
    [repo.web(), phone(repo)]
}

/// The phone app.
pub(crate) fn phone(repo: &Repo) -> PathBuf {
    repo.path("clients/mobile")
}

/// `npm ci` in `folder`, unless its packages are those of the lock file.
pub(crate) fn install_packages(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let wanted = packages(&lock).with_context(|| format!("{} cannot be read", lock.display()))?;
    let present = packages(&folder.join("node_modules/.package-lock.json")).unwrap_or_default();
    if are_installed(&wanted, &present) {
        return Ok(());
    }
    let flags = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    Program::new("npm").args(flags).within(folder).run()
}

/// The packages of a lock file by their folder; the app itself is not one.
fn packages(lock: &Path) -> Result<Map<String, Value>> {
    let mut lock: Value = serde_json::from_slice(&fs::read(lock)?)?;
    let packages = lock
        .get_mut("packages")
        .map(Value::take)
        .unwrap_or_default();
    let Value::Object(mut packages) = packages else {
        bail!("names no packages");
    };
    packages.remove("");
    Ok(packages)
}

/// Whether npm's note of what it installed is what the lock file asks for.
/// Packages for other platforms are optional and not installed.
fn are_installed(wanted: &Map<String, Value>, present: &Map<String, Value>) -> bool {
    let version = |package: &Value| package.get("version").cloned();
    let is_there = |(path, package): (&String, &Value)| match present.get(path) {
        Some(found) => version(found) == version(package),
        None => package.get("optional") == Some(&Value::Bool(true)),
    };
    let is_wanted = |path: &String| wanted.contains_key(path);
    !present.is_empty() && wanted.iter().all(is_there) && present.keys().all(is_wanted)
}

/// A program that `npm ci` brought.
pub(crate) fn tool(repo: &Repo, name: &str) -> Result<PathBuf> {
    let path = repo.web().join("node_modules/.bin").join(name);
    if !path.exists() {
        bail!("clients/web does not bring `{name}`: is it in its devDependencies?");
    }
    Ok(path)
}

/// Runs a script that the `package.json` of both apps holds.
pub(crate) fn script(repo: &Repo, name: &str) -> Result<()> {
    for app in apps(repo) {
        Program::new("npm")
            .args(["run", "--silent", name])
            .within(app)
            .run()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).expect("is an object")
    }

    #[test]
    fn packages_of_the_lock_file_are_not_installed_again() {
        let lock = r#"{"a":{"version":"1"},"b-mac":{"version":"1","optional":true}}"#;
        assert!(are_installed(&map(lock), &map(r#"{"a":{"version":"1"}}"#)));
        assert!(are_installed(&map(lock), &map(lock)));
    }

    #[test]
    fn an_absent_an_outdated_and_a_removed_package_call_for_an_install() {
        let lock = map(r#"{"a":{"version":"1"}}"#);
        assert!(!are_installed(&lock, &map("{}")));
        assert!(!are_installed(&lock, &map(r#"{"a":{"version":"2"}}"#)));
        assert!(!are_installed(
            &lock,
            &map(r#"{"a":{"version":"1"},"b":{"version":"1"}}"#)
        ));
    }
}
