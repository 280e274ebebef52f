//! Which crate may depend on which: arrows point one way.

use super::Finding;
use super::Tree;
use super::manifests::{Kind, Member, members};

/// The crates under `crates/` from the ground up. A crate may depend on those
/// of its own row and of the rows above it in this list.
const ROWS: [(u8, &[&str]); 9] = [
    (
        0,
        &[
            "archive",
            "failpoint",
            "grpc",
            "ids",
            "imaging",
            "proto-codegen",
        ],
    ),
    (1, &["identity", "render", "studio"]),
    (2, &["proto"]),
    (
        3,
        &[
            "bff-codegen",
            "cache",
            "events",
            "mail",
            "mesh",
            "objects",
            "providers",
            "store",
        ],
    ),
    (4, &["saga", "telemetry"]),
    (5, &["chassis", "simulation"]),
    (SERVICES, &[]),
    (7, &["bff", "bff-graphql", "edge"]),
    (9, &["covergen", "faults"]),
];
const SERVICES: u8 = 6;
const BFFS: u8 = 8;
const XTASK: u8 = 10;

/// The row of the member in `folder`; none when it has no place yet.
fn row(folder: &str) -> Option<u8> {
    match folder.split_once('/') {
        None => Some(XTASK),
        Some(("services", _)) => Some(SERVICES),
        Some(("bff", _)) => Some(BFFS),
        Some((_, name)) => ROWS
            .iter()
            .find(|(_, names)| names.contains(&name))
            .map(|(row, _)| *row),
    }
}

/// No arrow points back, and no service knows another one's crate. Tests are
/// free: they run a service beside the real ones it calls.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let members = members(tree);
    let mut found = Vec::new();
    for member in &members {
        if member.folder != "crates/testkit" && row(member.folder).is_none() {
            let told = "has no place among the rows in xtask/src/tidy/directions.rs";
            found.push(Finding::violation(member.manifest_path(), told));
        }
        for (kind, name, _) in member.dependencies() {
            let target = members.iter().find(|other| other.name() == name);
            if let Some(why) = target.and_then(|target| refusal(member, kind, target)) {
                let told = format!("must not depend on `{name}`: {why}");
                found.push(Finding::violation(member.manifest_path(), told));
            }
        }
    }
    found
}

fn refusal(from: &Member<'_>, kind: Kind, to: &Member<'_>) -> Option<&'static str> {
    let is_service = |member: &Member<'_>| member.folder.starts_with("services/");
    if to.folder == "crates/testkit" {
        let allowed = kind == Kind::Dev || matches!(from.folder, "xtask" | "crates/faults");
        return (!allowed).then_some("it is for tests");
    }
    if kind == Kind::Dev {
        return None;
    }
    if is_service(from) && is_service(to) {
        return Some("services meet through generated clients only");
    }
    if is_service(to) && from.folder != "crates/covergen" {
        return Some("only the platform's binary puts services together");
    }
    let (from, to) = (row(from.folder)?, row(to.folder)?);
    (to > from).then_some("the arrow points back")
}

#[cfg(test)]
mod tests {
    use super::super::File;
    use super::*;

    fn tree(from: &str, table: &str, to: &str) -> Tree {
        let manifest = |folder: &str, rest: &str| {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            let text = format!("[package]\nname = \"covergen-{name}\"\n{rest}");
            File::text(format!("{folder}/Cargo.toml"), text)
        };
        let name = to.rsplit('/').next().unwrap_or(to);
        let dependency = format!("[{table}]\ncovergen-{name}.workspace = true\n");
        Tree::new([manifest(from, &dependency), manifest(to, "")])
    }

    fn refused(from: &str, table: &str, to: &str) -> bool {
        !check(&tree(from, table, to)).is_empty()
    }

    #[test]
    fn a_service_that_depends_on_another_is_found_but_its_tests_may_run_it() {
        assert!(refused("services/cover", "dependencies", "services/user"));
        assert!(refused(
            "services/cover",
            "build-dependencies",
            "services/user"
        ));
        assert!(!refused(
            "services/cover",
            "dev-dependencies",
            "services/user"
        ));
        assert!(!refused("crates/covergen", "dependencies", "services/user"));
    }

    #[test]
    fn an_arrow_that_points_back_is_found() {
        assert!(refused("crates/store", "dependencies", "crates/chassis"));
        assert!(refused("crates/chassis", "dependencies", "services/user"));
        assert!(refused("services/user", "dependencies", "crates/bff"));
        assert!(refused("crates/render", "dependencies", "crates/proto"));
        assert!(!refused("services/user", "dependencies", "crates/chassis"));
        assert!(!refused(
            "bff/web",
            "build-dependencies",
            "crates/bff-codegen"
        ));
    }

    #[test]
    fn the_test_kit_is_for_tests() {
        assert!(refused("services/user", "dependencies", "crates/testkit"));
        assert!(!refused(
            "services/user",
            "dev-dependencies",
            "crates/testkit"
        ));
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        assert!(refused("crates/novelty", "dependencies", "crates/ids"));
    }
}
