//! Generates the web audience's handlers and compiles the web app in.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use covergen_bff_codegen::{Audience, BuildErrors, Generator, compile, embed};

fn main() -> ExitCode {
    // Read when the script runs: a target folder may serve several clones.
    let home = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let root = Path::new(&home).join("../..");
    let (protos, dist) = (root.join("proto"), root.join("clients/web/dist"));
    for path in [&protos, &dist] {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    match generate(&protos, &dist, &out_dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => {
            eprintln!("{errors}");
            ExitCode::FAILURE
        }
    }
}

fn generate(protos: &Path, dist: &Path, out_dir: &Path) -> Result<(), BuildErrors> {
    let descriptors = compile(&[protos], &protos.join("covergen"))?;
    Generator::new(Audience::Web).write(&descriptors, out_dir)?;
    embed(dist, out_dir)
}
