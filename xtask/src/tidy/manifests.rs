//! Every crate's manifest: versions at the root, lints from the workspace.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{File, Finding, Tree};

/// The kinds of dependencies a manifest lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Build,
    Dev,
}

/// A member of the workspace.
pub(super) struct Member<'a> {
    /// The folder, from the root of the tree.
    pub(super) folder: &'a str,
    pub(super) manifest: Table,
}

impl Member<'_> {
    pub(super) fn manifest_path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// The package's name; empty when the manifest states none.
    pub(super) fn name(&self) -> &str {
        let package = self.manifest.get("package");
        package
            .and_then(|package| package.get("name")?.as_str())
            .unwrap_or_default()
    }

    /// Every dependency with its kind, also those for one target only.
    pub(super) fn dependencies(&self) -> Vec<(Kind, &str, &Value)> {
        let targets = self.manifest.get("target").and_then(Value::as_table);
        let targets = targets
            .into_iter()
            .flat_map(Table::values)
            .filter_map(Value::as_table);
        let kinds = [
            ("dependencies", Kind::Normal),
            ("build-dependencies", Kind::Build),
            ("dev-dependencies", Kind::Dev),
        ];
        let mut found = Vec::new();
        for table in targets.chain([&self.manifest]) {
            for (key, kind) in kinds {
                let listed = table.get(key).and_then(Value::as_table);
                let listed = listed.into_iter().flatten();
                found.extend(listed.map(|(name, value)| (kind, name.as_str(), value)));
            }
        }
        found
    }
}

/// The members whose manifests can be read.
pub(super) fn members(tree: &Tree) -> Vec<Member<'_>> {
    let parse = |file| member(file)?.ok();
    tree.files().filter_map(parse).collect()
}

/// The member a file is the manifest of; none for other files.
fn member(file: &File) -> Option<Result<Member<'_>, Finding>> {
    let folder = file.path.strip_suffix("/Cargo.toml")?;
    let inside = ["crates/", "services/", "bff/"].iter().any(|parent| {
        folder
            .strip_prefix(parent)
            .is_some_and(|name| !name.contains('/'))
    });
    if !inside && folder != "xtask" {
        return None;
    }
    let parsed = file.as_text().parse::<Table>();
    let refuse = |error: toml::de::Error| Finding::violation(&file.path, error.to_string());
    Some(
        parsed
            .map(|manifest| Member { folder, manifest })
            .map_err(refuse),
    )
}

/// Manifests can be read, take everything shared from the workspace, and the
/// workspace lists nothing that no crate uses.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let unreadable = tree.files().filter_map(|file| member(file)?.err());
    let mut found: Vec<Finding> = unreadable.collect();
    for member in members(tree) {
        found.extend(shares(&member));
        found.extend(versions_at_root(&member));
    }
    found.extend(unused_at_root(tree));
    found
}

/// Edition, licence of lints and the like come from the workspace.
fn shares(member: &Member<'_>) -> Vec<Finding> {
    let inherits = |table: &str, key: &str| {
        let table = member.manifest.get(table);
        let value = table.and_then(|table| table.get(key));
        let value = value.and_then(|value| value.get("workspace").or(Some(value)));
        value.and_then(Value::as_bool) == Some(true)
    };
    let keys = ["version", "edition", "rust-version", "publish"];
    let own = keys.iter().filter(|key| !inherits("package", key));
    let mut found: Vec<Finding> = own
        .map(|key| {
            Finding::violation(
                member.manifest_path(),
                format!("`{key}.workspace = true` is missing"),
            )
        })
        .collect();
    if !inherits("lints", "workspace") {
        let told = "`[lints] workspace = true` is missing";
        found.push(Finding::violation(member.manifest_path(), told));
    }
    if member
        .manifest
        .get("package")
        .is_none_or(|package| package.get("description").is_none())
    {
        found.push(Finding::violation(
            member.manifest_path(),
            "a description is missing",
        ));
    }
    found
}

fn versions_at_root(member: &Member<'_>) -> Vec<Finding> {
    let elsewhere = |value: &Value| {
        let inherited = value.get("workspace").and_then(Value::as_bool) == Some(true);
        !inherited
            || ["version", "path", "git"]
                .iter()
                .any(|key| value.get(key).is_some())
    };
    let own = member
        .dependencies()
        .into_iter()
        .filter(|(_, _, value)| elsewhere(value));
    own.map(|(_, name, _)| {
        let told = format!("`{name}` must take its version from the root: `workspace = true`");
        Finding::violation(member.manifest_path(), told)
    })
    .collect()
}

fn unused_at_root(tree: &Tree) -> Vec<Finding> {
    let Some(root) = tree.get("Cargo.toml") else {
        return vec![Finding::violation(
            "Cargo.toml",
            "the workspace's manifest is missing",
        )];
    };
    let Ok(root) = root.as_text().parse::<Table>() else {
        return vec![Finding::violation("Cargo.toml", "this is not TOML")];
    };
    let listed = root
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"));
    let listed = listed
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::keys);
    let members = members(tree);
    let used: BTreeSet<&str> = members
        .iter()
        .flat_map(Member::dependencies)
        .map(|(_, name, _)| name)
        .collect();
    let unused = listed.filter(|name| !used.contains(name.as_str()));
    unused
        .map(|name| Finding::violation("Cargo.toml", format!("no crate uses `{name}`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nname = \"covergen-a\"\ndescription = \"A.\"\n\
        version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\n\
        publish.workspace = true\n[lints]\nworkspace = true\n[dependencies]\n\
        serde.workspace = true\n";

    fn found(manifest: &str, root: &str) -> Vec<String> {
        let root = format!("[workspace.dependencies]\nserde = \"1\"\n{root}");
        let root = File::text("Cargo.toml", root);
        let tree = Tree::new([root, File::text("crates/a/Cargo.toml", manifest)]);
        check(&tree)
            .into_iter()
            .map(|finding| finding.to_string())
            .collect()
    }

    #[test]
    fn a_manifest_that_shares_everything_is_fine() {
        assert_eq!(found(GOOD, ""), [""; 0]);
    }

    #[test]
    fn a_version_outside_the_root_is_found_for_every_kind() {
        for table in [
            "dependencies",
            "dev-dependencies",
            "target.'cfg(unix)'.build-dependencies",
        ] {
            let bad = GOOD.replace("[dependencies]\n", &format!("[{table}]\nrand = \"1\"\n"));
            let found = found(&bad, "");
            assert!(
                found.iter().any(|one| one.contains("`rand`")),
                "{table}: {found:?}"
            );
        }
        let bad = GOOD.replace(
            "serde.workspace = true",
            "serde = { workspace = true, path = \"x\" }",
        );
        assert_eq!(found(&bad, "").len(), 1);
    }

    #[test]
    fn a_manifest_without_the_shared_lints_or_edition_is_found() {
        assert_eq!(
            found(&GOOD.replace("[lints]\nworkspace = true\n", ""), "").len(),
            1
        );
        assert_eq!(
            found(
                &GOOD.replace("edition.workspace = true", "edition = \"2021\""),
                ""
            )
            .len(),
            1
        );
    }

    #[test]
    fn a_dependency_that_nobody_uses_is_found() {
        assert_eq!(
            found(GOOD, "rand = \"1\"\n"),
            ["error: Cargo.toml: no crate uses `rand`"]
        );
    }
}
