//! Generates the Rust of every contract under `proto/`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use covergen_proto_codegen::{Error, Generator};

fn main() -> ExitCode {
    // Read when the script runs: a target folder may serve several clones.
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let contracts = root.join("../../proto");
    let scratch = root.join("tests/proto");
    println!("cargo::rerun-if-changed={}", contracts.display());
    println!("cargo::rerun-if-changed={}", scratch.display());
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    match generate(&contracts, &scratch, &out_dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(contracts: &Path, scratch: &Path, out_dir: &Path) -> Result<(), Error> {
    Generator {
        contracts: contracts.join("covergen"),
        includes: vec![contracts.to_owned()],
        packages: vec!["google".to_owned(), "covergen".to_owned()],
        out_dir: out_dir.to_owned(),
        out_prefix: String::new(),
    }
    .run()?;
    // A contract that uses everything the generator knows, for the tests
    // alone: it takes milliseconds to write and is compiled by nothing else.
    let out_dir = out_dir.join("scratch");
    std::fs::create_dir_all(&out_dir).map_err(|source| Error::Io {
        path: out_dir.display().to_string(),
        source,
    })?;
    Generator {
        contracts: scratch.to_owned(),
        includes: vec![scratch.to_owned(), contracts.to_owned()],
        packages: vec!["covergen.scratch".to_owned()],
        out_dir,
        out_prefix: "scratch".to_owned(),
    }
    .run()?;
    Ok(())
}
