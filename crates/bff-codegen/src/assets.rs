//! Compiling a built web app into a BFF.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::BuildErrors;

/// Writes `assets.rs` into a build script's folder: a table of every file
/// under `dist`, empty where the app was not built. The files are copied
/// beside it, so that a later build of the app cannot pull them away.
///
/// # Errors
/// When a file cannot be read or the table cannot be written.
pub fn embed(dist: &Path, out_dir: &Path) -> Result<(), BuildErrors> {
    let failed = |error: std::io::Error| BuildErrors::one(format!("{}: {error}", dist.display()));
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(dist, dist, &mut files).map_err(failed)?;
    }
    files.sort();
    let copies = out_dir.join("app");
    if copies.exists() {
        std::fs::remove_dir_all(&copies).map_err(failed)?;
    }
    std::fs::create_dir_all(&copies).map_err(failed)?;
    let mut table = String::new();
    for (index, (path, file)) in files.iter().enumerate() {
        let bytes = std::fs::read(file).map_err(failed)?;
        std::fs::write(copies.join(index.to_string()), &bytes).map_err(failed)?;
        let _ = writeln!(
            table,
            "    bff::Asset {{ path: {path:?}, content_type: {:?}, etag: \"\\\"{:016x}\\\"\", \
             immutable: {}, bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/app/{index}\")) }},",
            content_type(path),
            fnv1a(&bytes),
            is_hashed(path),
        );
    }
    let source = format!(
        "/// The web app's files; none where it was not built.\n\
         pub static ASSETS: bff::Assets = bff::Assets {{ files: &[\n{table}] }};\n"
    );
    std::fs::write(out_dir.join("assets.rs"), source).map_err(failed)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = std::path::absolute(entry?.path())?;
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let root = std::path::absolute(root)?;
        let inside = path.strip_prefix(&root).unwrap_or(&path);
        let steps: Vec<String> = inside
            .iter()
            .map(|step| step.to_string_lossy().into_owned())
            .collect();
        files.push((format!("/{}", steps.join("/")), path));
    }
    Ok(())
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Bundlers put files whose names hold a hash, such as `index-BdQq_4o9.js`,
/// under `assets`.
fn is_hashed(path: &str) -> bool {
    let Some(name) = path.strip_prefix("/assets/") else {
        return false;
    };
    let stem = name.split('.').next().unwrap_or_default();
    stem.len() > 9 && stem.as_bytes()[stem.len() - 9] == b'-'
}

/// Tells versions of a file apart; it guards nothing.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{embed, is_hashed};

    #[test]
    fn only_names_with_a_hash_are_immutable() {
        assert!(is_hashed("/assets/index-BdQq_4o9.js"));
        assert!(is_hashed("/assets/a-b-12345678.woff2"));
        assert!(!is_hashed("/assets/logo.svg"));
        assert!(!is_hashed("/index.html"));
    }

    #[test]
    fn files_are_listed_by_path() {
        let dist = tempfile::tempdir().unwrap();
        let out = tempfile::tempdir().unwrap();
        std::fs::create_dir(dist.path().join("assets")).unwrap();
        std::fs::write(dist.path().join("index.html"), "<p>").unwrap();
        std::fs::write(dist.path().join("assets/a.css"), "p{}").unwrap();
        embed(dist.path(), out.path()).unwrap();
        let table = std::fs::read_to_string(out.path().join("assets.rs")).unwrap();
        let (first, second) = (table.find("/assets/a.css"), table.find("/index.html"));
        assert!(first.is_some() && first < second, "{table}");
        assert!(table.contains("text/css"));
        assert_eq!(std::fs::read(out.path().join("app/0")).unwrap(), b"p{}");
    }

    #[test]
    fn an_app_that_was_not_built_is_an_empty_table() {
        let out = tempfile::tempdir().unwrap();
        embed(&out.path().join("nowhere"), out.path()).unwrap();
        let table = std::fs::read_to_string(out.path().join("assets.rs")).unwrap();
        assert!(table.contains("files: &[\n] };"), "{table}");
    }
}
