//! Generates the partner audience's handlers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use covergen_bff_codegen::{Audience, BuildErrors, Generator, compile};

fn main() -> ExitCode {
    // Read when the script runs: a target folder may serve several clones.
    let home = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let protos = Path::new(&home).join("../../proto");
    println!("cargo::rerun-if-changed={}", protos.display());
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    match generate(&protos, &out_dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => {
            eprintln!("{errors}");
            ExitCode::FAILURE
        }
    }
}

fn generate(protos: &Path, out_dir: &Path) -> Result<(), BuildErrors> {
    let descriptors = compile(&[protos], &protos.join("covergen"))?;
    Generator::new(Audience::Partner).write(&descriptors, out_dir)
}
