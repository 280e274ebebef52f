//! Copying, hashing and listing files.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use covergen_chassis::Config;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::manifest::Part;

/// Clocks of file systems are coarse.
const COARSE: Duration = Duration::from_secs(2);

/// Objects listed at once.
const PAGE: usize = 1_000;

/// Makes a folder that its owner alone can look into: what people wrote, and
/// perhaps keys, will lie in it.
pub(super) fn private_folder(path: &Path) -> Result<()> {
    if let Some(above) = path.parent() {
        fs::create_dir_all(above)?;
    }
    let made = DirBuilder::new().mode(0o700).create(path);
    made.with_context(|| path.display().to_string())
}

/// Copies a folder with everything in it but unfinished files. A file that goes
/// away meanwhile is left out. With a time, only what was written since then
/// and what is not there yet.
///
/// A link to a file is copied as the file. So are secrets that a cluster mounts:
/// each is a link into a folder of the last change, whose name begins with two
/// dots and which is left out.
pub(super) fn copy_tree(from: &Path, to: &Path, since: Option<SystemTime>) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| from.display().to_string())?,
    };
    for entry in entries {
        let entry = entry?;
        let (name, target) = (entry.file_name(), to.join(entry.file_name()));
        if name.as_encoded_bytes().starts_with(b"..") {
            continue;
        }
        let Ok(about) = fs::metadata(entry.path()) else {
            continue;
        };
        if about.is_dir() {
            if name != ".tmp" {
                let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                ensure!(!is_link, "{} is a link to a folder", entry.path().display());
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn nobody_else_looks_into_a_backup() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("above/backup.partial");
        private_folder(&folder).unwrap();
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        // Whatever is there already may be anybody's.
        assert!(private_folder(&folder).is_err());
    }

    /// As a cluster lays out a mounted secret.
    #[test]
    fn links_to_files_are_copied_as_files_and_what_they_lead_through_is_not() {
        let scratch = tempfile::tempdir().unwrap();
        let (from, to) = (scratch.path().join("from"), scratch.path().join("to"));
        let dated = from.join("..2026_01_01");
        fs::create_dir_all(&dated).unwrap();
        fs::write(dated.join("0001.pem"), "a key").unwrap();
        symlink("..2026_01_01", from.join("..data")).unwrap();
        symlink("..data/0001.pem", from.join("0001.pem")).unwrap();
        copy_tree(&from, &to, None).unwrap();
        let names: Vec<_> = fs::read_dir(&to)
            .unwrap()
            .map(|one| one.unwrap().file_name())
            .collect();
        assert_eq!(names, ["0001.pem"]);
        let copied = to.join("0001.pem");
        assert!(fs::symlink_metadata(&copied).unwrap().is_file());
        assert_eq!(fs::read_to_string(copied).unwrap(), "a key");

        symlink("..2026_01_01", from.join("elsewhere")).unwrap();
        let refused = copy_tree(&from, &to, None).unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("elsewhere is a link to a folder")
        );
    }
}
