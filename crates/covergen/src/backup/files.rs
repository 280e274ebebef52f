//! Copying, hashing and listing files.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use covergen_chassis::Config;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::manifest::Part;

/// Clocks of file systems are coarse.
const COARSE: Duration = Duration::from_secs(2);

/// Objects listed at once.
const PAGE: usize = 1_000;

/// Copies a folder with everything in it but unfinished files. A file that goes
/// away meanwhile is left out. With a time, only what was written since then
/// and what is not there yet.
pub(super) fn copy_tree(from: &Path, to: &Path, since: Option<SystemTime>) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| from.display().to_string())?,
    };
    for entry in entries {
        let entry = entry?;
        let (name, target) = (entry.file_name(), to.join(entry.file_name()));
        let Ok(about) = entry.metadata() else {
            continue;
        };
        if about.is_dir() {
            if name != ".tmp" {
                copy_tree(&entry.path(), &target, since)?;
            }
            continue;
        }
        let known = since.is_some_and(|since| {
            let written = about.modified().unwrap_or(SystemTime::now());
            written + COARSE < since && target.exists()
        });
        if !known {
            match fs::copy(entry.path(), &target) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                copied => {
                    copied.with_context(|| entry.path().display().to_string())?;
                    sync_file(&target)?;
                }
            }
        }
    }
    Ok(())
}

pub(super) fn sync_file(path: &Path) -> Result<()> {
    Ok(File::open(path)?.sync_all()?)
}

/// Makes sure that the names of a folder are on the disk.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folder(&entry.path())?;
        }
    }
    sync_file(path)
}

/// A path within a folder, as manifests write it.
pub(super) fn relative(folder: &Path, path: &Path) -> Result<String> {
    let inside = path.strip_prefix(folder)?;
    let text = inside.to_str().context("a file name is not text")?;
    Ok(text.to_owned())
}

/// Size and hash of every file of a backup but the manifest, by path.
pub(super) fn digests(folder: &Path) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    collect(folder, folder, &mut parts)?;
    parts.retain(|part| part.path != "manifest.json");
    parts.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(parts)
}

fn collect(folder: &Path, below: &Path, parts: &mut Vec<Part>) -> Result<()> {
    for entry in fs::read_dir(below)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(folder, &path, parts)?;
            continue;
        }
        let mut file = File::open(&path)?;
        let (mut hash, mut bytes) = (Sha256::new(), 0);
        let mut chunk = vec![0; 256 * 1024];
        loop {
            let read = file.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            hash.update(&chunk[..read]);
            bytes += read as u64;
        }
        let digest = hash.finalize();
        parts.push(Part {
            path: relative(folder, &path)?,
            bytes,
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
    }
    Ok(())
}

/// Writes name, size and tag of every object into a file, one a line.
pub(super) async fn list_objects(config: &Config, to: &Path) -> Result<u64> {
    let store = covergen_objects::open(&config.objects).await?;
    let mut file = File::create(to)?;
    let (mut after, mut count) = (None, 0);
    loop {
        let page = store
            .list("", after.as_ref(), PAGE)
            .await
            .context("objects")?;
        for object in &page.objects {
            let line = json!({
                "key": object.key.as_str(), "bytes": object.size_bytes, "etag": object.etag,
            });
            writeln!(file, "{line}")?;
            count += 1;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    file.sync_all()?;
    Ok(count)
}

/// How many of the listed objects are not in the store any more, or are others.
pub(super) async fn missing_objects(config: &Config, listing: &Path) -> Result<u64> {
    let store = covergen_objects::open(&config.objects).await?;
    let mut missing = 0;
    for line in fs::read_to_string(listing)?.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let key = line["key"].as_str().context("a line names no object")?;
        let key = key.parse().context("a line names no object")?;
        match store.head(&key).await {
            Ok(found) if line["bytes"] == found.size_bytes && line["etag"] == found.etag => {}
            Ok(_) | Err(covergen_objects::Error::NotFound(_)) => missing += 1,
            Err(error) => return Err(error).context("objects"),
        }
    }
    Ok(missing)
}
