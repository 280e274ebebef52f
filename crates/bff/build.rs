//! Generates the scratch surface that the tests run: everything the
//! generator knows, against a service of the tests' own, one whose versions
//! stand side by side, and a small one for the bench. They are compiled by
//! nothing but the tests and the bench.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use covergen_bff_codegen::{Audience, Generator, compile};
use prost::Message;
use prost_types::FileDescriptorSet;

fn main() -> ExitCode {
    // Read when the script runs: a target folder may serve several clones.
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let (contracts, scratch) = (root.join("../../proto"), root.join("tests/proto"));
    let bench = root.join("examples/bench_bff/proto");
    let versions = root.join("tests/versions");
    for path in [&contracts, &scratch, &versions, &bench] {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let mut generator = Generator::new(Audience::Web);
    generator.rust_root = "crate::scratch".to_owned();
    generator.strip_package = String::new();
    generator.validates = false;
    let tested = generate(&generator, &contracts, &scratch, &out_dir);
    let mut partner = Generator::new(Audience::Partner);
    partner.rust_root = "crate::shelf".to_owned();
    partner.strip_package = String::new();
    partner.validates = false;
    let tested =
        tested.and_then(|()| generate(&partner, &contracts, &versions, &out_dir.join("versions")));
    // The bench asks a peer for the same paths, and it knows of no prefix.
    generator.prefix = String::new();
    let generated =
        tested.and_then(|()| generate(&generator, &contracts, &bench, &out_dir.join("bench")));
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(
    generator: &Generator,
    contracts: &Path,
    scratch: &Path,
    out_dir: &Path,
) -> Result<(), Box<dyn std::error::Error>> {
    let descriptors = compile(&[scratch, contracts], scratch)?;
    std::fs::create_dir_all(out_dir)?;
    let whole = with_error_details(&descriptors, contracts)?;
    std::fs::write(out_dir.join("descriptors.binpb"), whole)?;
    generator.write(&descriptors, out_dir)?;
    messages(&descriptors, out_dir)?;
    Ok(())
}

/// The descriptors with those of google.rpc, for a peer that decodes what
/// errors carry. Bytes are joined, for decoding would drop the annotations.
fn with_error_details(
    descriptors: &[u8],
    contracts: &Path,
) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let known = FileDescriptorSet::decode(descriptors)?;
    let details = compile(&[contracts], &contracts.join("google/rpc"))?;
    let mut added = FileDescriptorSet::decode(&*details)?;
    added
        .file
        .retain(|file| known.file.iter().all(|known| known.name() != file.name()));
    Ok([descriptors, &added.encode_to_vec()].concat())
}

/// Message types and a tonic server for the scratch contract, without the
/// annotations it imports.
fn messages(descriptors: &[u8], out_dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut set = FileDescriptorSet::decode(descriptors)?;
    set.file.retain(|file| {
        let name = file.name();
        let annotations = ["buf/", "covergen/bff/v1/annotations", "covergen/mesh/"];
        let unused = ["google/api/annotations.proto", "google/api/http.proto"];
        !annotations.iter().any(|start| name.starts_with(start))
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
