//! What is wrong with a contract stops the build, with its place.

// A test that cannot go on has failed; clippy exempts `#[test]` functions only,
// not the helpers they call.
#![allow(clippy::unwrap_used)]

mod methods;
mod output;
mod rules;
mod syntax;

use std::path::{Path, PathBuf};

use covergen_proto_codegen::{Contracts, Error, Generator};
use tempfile::TempDir;

/// Everything that a contract of these tests may use.
const HEAD: &str = "syntax = \"proto3\";
package covergen.broken.v1;
import \"buf/validate/validate.proto\";
import \"covergen/bff/v1/annotations.proto\";
import \"covergen/mesh/v1/annotations.proto\";
import \"google/protobuf/any.proto\";
import \"google/protobuf/struct.proto\";
import \"google/protobuf/timestamp.proto\";
";

/// The line after [`HEAD`].
const FIRST_LINE: u32 = 9;

/// A folder with one contract, which starts with [`HEAD`].
struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new(body: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("proto/covergen/broken/v1/broken.proto");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::create_dir_all(folder.path().join("out")).unwrap();
        std::fs::write(file, format!("{HEAD}{body}\n")).unwrap();
        Self { folder }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn run(&self) -> Result<Contracts, Error> {
        let proto = self.folder.path().join("proto");
        // Read when the test runs: a target folder may serve several clones.
        let home = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
        let vendored = Path::new(&home).join("../../proto");
        Generator {
            contracts: proto.clone(),
            includes: vec![proto, vendored],
            packages: vec!["covergen.broken".to_owned()],
            out_dir: self.out(),
            out_prefix: String::new(),
        }
        .run()
    }
}

/// What is wrong with a contract, line by line.
fn problems(body: &str) -> Vec<String> {
    match Fixture::new(body).run() {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

/// Asserts that the contract has one problem, whose text holds `expected`.
#[track_caller]
fn refused(body: &str, expected: &str) {
    let problems = problems(body);
    assert!(
        matches!(problems.as_slice(), [problem] if problem.contains(expected)),
        "{problems:#?}"
    );
}

#[track_caller]
fn taken(body: &str) {
    assert_eq!(problems(body), [""; 0]);
}
