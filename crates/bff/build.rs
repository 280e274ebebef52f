//! Generates the scratch surface that the tests run: everything the
//! generator knows, against a service of the tests' own. It is compiled by
//! nothing but the tests.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use covergen_bff_codegen::{Audience, BuildErrors, Generator, compile};
use prost::Message;
use prost_types::FileDescriptorSet;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (contracts, scratch) = (root.join("../../proto"), root.join("tests/proto"));
    for path in [&contracts, &scratch] {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    match generate(&contracts, &scratch, &out_dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(
    contracts: &Path,
    scratch: &Path,
    out_dir: &Path,
) -> Result<(), Box<dyn std::error::Error>> {
    let descriptors = compile(&[scratch, contracts], scratch)?;
    surface(&descriptors, out_dir)?;
    messages(&descriptors, out_dir)?;
    Ok(())
}

fn surface(descriptors: &[u8], out_dir: &Path) -> Result<(), BuildErrors> {
    let mut generator = Generator::new(Audience::Web);
    generator.rust_root = "crate::scratch".to_owned();
    generator.strip_package = String::new();
    generator.write(descriptors, out_dir)
}

/// Message types and a tonic server for the scratch contract, without the
/// annotations it imports.
fn messages(descriptors: &[u8], out_dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut set = FileDescriptorSet::decode(descriptors)?;
    set.file.retain(|file| {
        let name = file.name();
        let annotations = ["buf/", "covergen/bff/", "covergen/mesh/"];
        let unused = ["google/api/annotations.proto", "google/api/http.proto"];
        !annotations.iter().any(|folder| name.starts_with(folder))
            && !unused.contains(&name)
            && name != "google/protobuf/descriptor.proto"
    });
    tonic_prost_build::configure()
        .build_client(true)
        .compile_well_known_types(true)
        .bytes(".")
        .btree_map(".")
        .out_dir(out_dir)
        .include_file("scratch.rs")
        .compile_fds(set)?;
    Ok(())
}
