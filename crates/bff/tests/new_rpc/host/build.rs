//! Generates the handlers, as the build scripts of the platform's BFFs do, and
//! the messages.

use std::error::Error;
use std::path::PathBuf;

use covergen_bff_codegen::{Audience, Generator, compile};
use prost::Message as _;
use prost_types::FileDescriptorSet;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .ok_or(format!("no {name}"))
    };
    let out_dir = folder("OUT_DIR")?;
    let contracts = folder("COVERGEN_CONTRACTS")?;
    let protos = folder("CARGO_MANIFEST_DIR")?.join("proto");
    println!("cargo::rerun-if-changed={}", protos.display());
    let descriptors = compile(&[&protos, &contracts], &protos)?;
    let mut generator = Generator::new(Audience::Partner);
    generator.rust_root = "crate::messages".to_owned();
    generator.strip_package = String::new();
    generator.validates = false;
    generator.write(&descriptors, &out_dir)?;

    let mut set = FileDescriptorSet::decode(&*descriptors)?;
    set.file
        .retain(|file| file.package().starts_with("covergen.notes"));
    for file in &mut set.file {
        file.dependency.clear();
    }
    tonic_prost_build::configure()
        .build_client(false)
        .build_server(false)
        .bytes(".")
        .btree_map(".")
        .out_dir(out_dir)
        .include_file("messages.rs")
        .compile_fds(set)?;
    Ok(())
}
