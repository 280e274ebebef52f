//! Compiles the `.proto` files into one descriptor pool.

use std::path::{Path, PathBuf};

use prost_reflect::{DescriptorPool, FileDescriptor};

use crate::Error;

/// Well-known types that are part of the API of `covergen-proto` whether or
/// not a contract uses them yet.
const WELL_KNOWN: [&str; 7] = [
    "google/protobuf/any.proto",
    "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
    "google/protobuf/wrappers.proto",
];

/// Files whose options the generator itself reads.
const READ_OPTIONS: [&str; 3] = [
    "buf/validate/validate.proto",
    "covergen/bff/v1/annotations.proto",
    "covergen/mesh/v1/annotations.proto",
];

/// Third-party files that only describe other contracts; no code is written
/// for them.
const DESCRIBE_ONLY: [&str; 4] = [
    "buf/",
    "google/api/annotations.proto",
    "google/api/http.proto",
    "google/protobuf/descriptor.proto",
];

/// Every contract, compiled.
#[derive(Debug)]
pub struct Contracts {
    /// All files with their imports, options and positions.
    pub pool: DescriptorPool,
    /// `FileDescriptorSet` without comments and positions: what reflection serves.
    pub descriptors: Vec<u8>,
    /// The same with comments and positions: what documents are made from.
    pub descriptors_with_source: Vec<u8>,
    /// The files that were read from `sources`, in name order.
    pub sources: Vec<PathBuf>,
}

impl Contracts {
    /// Compiles every `.proto` under `folder`, which stands under one of `includes`.
    ///
    /// # Errors
    /// When a file cannot be read or is not valid protobuf.
    pub fn compile(folder: &Path, includes: &[PathBuf]) -> Result<Self, Error> {
        let mut sources = Vec::new();
        find(folder, &mut sources)?;
        sources.sort();
        let mut compiler = protox::Compiler::new(includes).map_err(|error| describe(&error))?;
        compiler.include_imports(true).include_source_info(true);
        for name in WELL_KNOWN.iter().chain(&READ_OPTIONS) {
            compiler.open_file(name).map_err(|error| describe(&error))?;
        }
        for source in &sources {
            compiler
                .open_file(source)
                .map_err(|error| describe(&error))?;
        }
        let pool = compiler.descriptor_pool();
        let descriptors_with_source = compiler.encode_file_descriptor_set();
        compiler.include_source_info(false);
        Ok(Self {
            descriptors: compiler.encode_file_descriptor_set(),
            descriptors_with_source,
            pool,
            sources,
        })
    }

    /// The project's own files whose package starts with `prefix`, by name.
    pub(crate) fn files_of(&self, prefix: &str) -> Vec<FileDescriptor> {
        let mut files: Vec<FileDescriptor> = self
            .pool
            .files()
            .filter(|file| {
                let package = file.package_name();
                package == prefix || package.starts_with(&format!("{prefix}."))
            })
            .filter(|file| {
                !DESCRIBE_ONLY
                    .iter()
                    .any(|only| file.name().starts_with(only))
            })
            .collect();
        files.sort_by(|a, b| a.name().cmp(b.name()));
        files
    }
}

/// protox writes positions in its `Debug` form alone.
fn describe(error: &protox::Error) -> Error {
    Error::Compile(format!("{error:?}"))
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |source| Error::Io {
        path: folder.display().to_string(),
        source,
    };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            find(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            found.push(path);
        }
    }
    Ok(())
}
