use std::path::{Path, PathBuf};

use covergen_chassis::Config;

/// Fills in where the large fonts lie, when the configuration does not say:
/// beside the binary, or in the tree that it was built in.
pub(crate) fn locate(config: &mut Config) {
    if config.fonts.dir.as_os_str().is_empty()
        && let Some(dir) = default_dir()
    {
        config.fonts.dir = dir;
    }
}

/// The first folder with fetched fonts, of the places they are looked for in.
pub(crate) fn default_dir() -> Option<PathBuf> {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|binary| binary.parent().map(|folder| folder.join("fonts")));
    let tree = Some(PathBuf::from("assets/fonts/fetched"));
    [beside, tree]
        .into_iter()
        .flatten()
        .find(|folder| folder.is_dir())
        .map(|folder| std::path::absolute(&folder).unwrap_or(folder))
        .filter(|folder: &PathBuf| Path::exists(folder))
}
