//! From a folder of protos to descriptors, without protoc.

use std::path::{Path, PathBuf};

use crate::BuildErrors;

/// Compiles every proto under `folder`, whose imports are found from `roots`,
/// into an encoded FileDescriptorSet with comments and positions.
///
/// # Errors
/// What the protos have wrong, as the compiler puts it.
pub fn compile(roots: &[&Path], folder: &Path) -> Result<Vec<u8>, BuildErrors> {
    let mut files = Vec::new();
    collect(folder, &mut files)
        .map_err(|error| BuildErrors::one(format!("{}: {error}", folder.display())))?;
    files.sort();
    let mut compiler =
        protox::Compiler::new(roots).map_err(|error| BuildErrors::one(error.to_string()))?;
    compiler.include_imports(true).include_source_info(true);
    compiler
        .open_files(files)
        .map_err(|error| BuildErrors::one(format!("{error:?}")))?;
    Ok(compiler.encode_file_descriptor_set())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path);
        }
    }
    Ok(())
}
