//! A scaffolded service has the shape, and it compiles.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use xtask::scaffold;
use xtask::tidy::{self, Tree};

use crate::tree;

/// A name that will not become a service.
const NAME: &str = "scaffolded";

#[test]
fn a_scaffolded_service_keeps_the_house_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    tree::copy_into(folder.path());
    scaffold::create(folder.path(), NAME).expect("scaffolds");
    let tree = Tree::read(folder.path()).expect("can be read");
    let found: Vec<String> = tidy::check(&tree)
        .into_iter()
        .map(|finding| finding.to_string())
        .filter(|finding| finding.contains(NAME))
        .collect();
    assert_eq!(found, [""; 0]);
    let roster = folder.path().join("crates/covergen/src/roster.rs");
    let roster = fs::read_to_string(roster).expect("is there");
    assert_eq!(roster.matches("covergen_scaffolded::service()").count(), 1);
    let cluster = folder.path().join("xtask/src/k8s/roster.rs");
    let cluster = fs::read_to_string(cluster).expect("is there");
    let line = "\n    Unit::service(\"scaffolded\", SMALL),\n    Unit::bff(";
    assert_eq!(cluster.matches(line).count(), 1);
}

#[test]
fn a_name_that_is_taken_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    tree::copy_into(folder.path());
    for taken in ["cover", "store", "events"] {
        assert!(scaffold::create(folder.path(), taken).is_err(), "{taken}");
    }
    assert!(!folder.path().join("services/store").exists());
    assert!(!folder.path().join("services/events").exists());
}

/// Checked in a folder that stays, with the target folder of the run itself:
/// only what depends on the contracts is compiled again.
#[test]
fn a_scaffolded_service_and_its_tests_compile() {
    let target = target_folder();
    let folder = target.join("scaffold");
    let scratch = tempfile::tempdir().expect("a folder");
    tree::copy_into(scratch.path());
    scaffold::create(scratch.path(), NAME).expect("scaffolds");
    tree::copy(scratch.path(), &folder);
    let package = format!("covergen-{NAME}");
    let mut check = Command::new(env!("CARGO"));
    // What cargo tells a test makes some build scripts run again.
    let told = std::env::vars_os().map(|(name, _)| name);
    let ours = |name: &OsString| name.to_string_lossy().starts_with("CARGO_");
    told.filter(|name| ours(name) && name != "CARGO_HOME")
        .for_each(|name| {
            check.env_remove(name);
        });
    let check = check
        .args([
            "check",
            "--offline",
            "--quiet",
            "--all-targets",
            "--package",
            &package,
        ])
        .env("CARGO_TARGET_DIR", &target)
        .current_dir(&folder)
        .output()
        .expect("cargo starts");
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}

/// The target folder this test was built into.
fn target_folder() -> std::path::PathBuf {
    let program = std::env::current_exe().expect("has a path");
    let is_target = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    program
        .ancestors()
        .find(is_target)
        .expect("cargo built this")
        .to_path_buf()
}
