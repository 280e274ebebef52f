//! One version of a crate, unless `deny.toml` lists the older one.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::{Finding, Tree};

/// Every crate that is there twice is listed, and nothing else is.
pub(super) fn doubles(tree: &Tree) -> Vec<Finding> {
    let table = |path| {
        tree.get(path)
            .and_then(|file| file.as_text().parse::<Table>().ok())
    };
    let (Some(lock), Some(deny)) = (table("Cargo.lock"), table("deny.toml")) else {
        return vec![Finding::violation(
            "deny.toml",
            "it or Cargo.lock cannot be read",
        )];
    };
    let versions = versions(&lock);
    let listed = listed(&deny);
    let mut found = Vec::new();
    for (name, versions) in &versions {
        let unlisted = versions
            .iter()
            .filter(|version| !listed.contains(&format!("{name}@{version}")));
        let unlisted: Vec<&str> = unlisted.copied().collect();
        if unlisted.len() > 1 {
            let told = format!(
                "`{name}` is there as {}: unify or list it",
                unlisted.join(" and ")
            );
            found.push(Finding::violation("deny.toml", told));
        }
    }
    for entry in &listed {
        let (name, version) = entry.split_once('@').unwrap_or((entry, ""));
        let versions = versions.get(name);
        let is_double = versions.is_some_and(|all| all.len() > 1 && all.contains(version));
        if !is_double {
            let told = format!("`{entry}` is not there twice any more: take it off the list");
            found.push(Finding::violation("deny.toml", told));
        }
    }
    found
}

fn versions(lock: &Table) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let packages = lock.get("package").and_then(Value::as_array);
    for package in packages.into_iter().flatten() {
        let text = |key| package.get(key).and_then(Value::as_str);
        if let (Some(name), Some(version)) = (text("name"), text("version")) {
            versions.entry(name).or_default().insert(version);
        }
    }
    versions
}

/// The `name@version` entries of `[bans] skip`.
fn listed(deny: &Table) -> BTreeSet<String> {
    let skip = deny
        .get("bans")
        .and_then(|bans| bans.get("skip"))
        .and_then(Value::as_array);
    let name = |entry: &Value| Some(entry.get("crate")?.as_str()?.to_owned());
    skip.into_iter().flatten().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::File;
    use super::*;

    fn found(versions: &[&str], skip: &str) -> usize {
        let package =
            |version: &&str| format!("[[package]]\nname = \"a\"\nversion = \"{version}\"\n");
        let lock: String = versions.iter().map(package).collect();
        let deny = format!("[bans]\nskip = [{skip}]\n");
        doubles(&Tree::new([
            File::text("Cargo.lock", lock),
            File::text("deny.toml", deny),
        ]))
        .len()
    }

    #[test]
    fn a_crate_that_is_there_twice_is_found_unless_the_older_is_listed() {
        let older = "{ crate = \"a@1.0.0\", reason = \"b\" }";
        assert_eq!(found(&["1.0.0", "2.0.0"], ""), 1);
        assert_eq!(found(&["1.0.0", "2.0.0"], older), 0);
        assert_eq!(found(&["1.0.0", "2.0.0", "3.0.0"], older), 1);
    }

    #[test]
    fn an_entry_that_is_not_needed_any_more_is_found() {
        let older = "{ crate = \"a@1.0.0\", reason = \"b\" }";
        assert_eq!(found(&["2.0.0"], older), 1);
        assert_eq!(found(&["1.0.0"], older), 1);
    }
}
