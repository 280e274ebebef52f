//! Compiling scratch contracts.

use std::path::Path;

use covergen_bff_codegen::{Audience, BuildErrors, Generated, Generator, compile};

/// Lines of every scratch contract before what a test writes.
const HEAD: &str = r#"syntax = "proto3";
package covergen.scratch.v1;
import "buf/validate/validate.proto";
import "covergen/bff/v1/annotations.proto";
import "covergen/bff/v1/warning.proto";
import "google/api/annotations.proto";
import "google/api/httpbody.proto";
import "google/protobuf/any.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
"#;

/// Number of the first line that a test writes.
pub(crate) const FIRST_LINE: usize = 13;

/// Generates for the web from a contract whose body is `body`.
pub(crate) fn generate(body: &str) -> Result<Generated, BuildErrors> {
    generate_for(Audience::Web, body)
}

pub(crate) fn generate_for(audience: Audience, body: &str) -> Result<Generated, BuildErrors> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let protos = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"))
        .join("../../proto");
    for package in ["buf", "google", "covergen/bff"] {
        copy(&protos.join(package), &folder.path().join(package));
    }
    let own = folder.path().join("covergen/scratch/v1");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("scratch.proto"), format!("{HEAD}{body}")).unwrap();
    let descriptors = compile(&[folder.path()], &folder.path().join("covergen"))?;
    Generator::new(audience).run(&descriptors)
}

/// A service with one RPC that has these options.
pub(crate) fn rpc(signature: &str, options: &str) -> String {
    format!("service Scratch {{\n  rpc {signature} {{\n{options}\n  }}\n}}\n")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// As [`generate_for`], from two versions of the contract side by side.
pub(crate) fn generate_versions(first: &str, second: &str) -> Result<Generated, BuildErrors> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let protos = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"))
        .join("../../proto");
    for package in ["buf", "google", "covergen/bff"] {
        copy(&protos.join(package), &folder.path().join(package));
    }
    for (version, body) in [("v1", first), ("v2", second)] {
        let own = folder.path().join("covergen/scratch").join(version);
        std::fs::create_dir_all(&own).unwrap();
        let head = HEAD.replace("scratch.v1", &format!("scratch.{version}"));
        std::fs::write(own.join("scratch.proto"), format!("{head}{body}")).unwrap();
    }
    let descriptors = compile(&[folder.path()], &folder.path().join("covergen"))?;
    Generator::new(Audience::Partner).run(&descriptors)
}
