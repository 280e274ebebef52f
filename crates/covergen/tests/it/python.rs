//! The Python client's tests, against the real platform.
//!
//! They start and kill platforms themselves, as they need one that comes back
//! at the same addresses.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

#[tokio::test]
async fn the_python_client_keeps_its_promises() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients/python");
    let scratch = tempfile::tempdir().unwrap();
    let python = python();
    let run = Command::new(&python)
        .args(["-B", "-m", "pytest", "--quiet", "--tb=short"])
        .arg("--basetemp")
        .arg(scratch.path().join("pytest"))
        .current_dir(folder)
        .env("COVERGEN_TEST_BINARY", env!("CARGO_BIN_EXE_covergen"))
        // Nothing is left beside the sources.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("COVERGEN_BASE_URL")
        .env_remove("COVERGEN_API_KEY")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(1800), run)
        .await
        .expect("the tests end")
        .unwrap_or_else(|error| panic!("{}: {error}", python.display()));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{text}");
    println!("{text}");
}

/// The interpreter with what the tests need: as named, else where
/// `cargo xtask install` puts it.
fn python() -> PathBuf {
    if let Some(named) = env::var_os("COVERGEN_TEST_PYTHON") {
        return named.into();
    }
    let program = env::current_exe().expect("this program has a path");
    let target = program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .expect("it is in cargo's target folder");
    let python = target.join("python/bin/python");
    assert!(
        python.is_file(),
        "{} is not there: cargo xtask install",
        python.display()
    );
    python
}
