//! What is in a backup, and the hash of each part.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::files;

/// The layout written here. Another one is refused.
pub(super) const FORMAT: u32 = 1;

const FILE: &str = "manifest.json";

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(super) format: u32,
    /// Version of the program that wrote it.
    pub(super) covergen: String,
    /// The moment that databases and event log are of, in Unix milliseconds.
    pub(super) made_at_ms: i64,
    /// `sqlite` or `postgres`.
    pub(super) databases: String,
    pub(super) services: Vec<Service>,
    pub(super) events: Events,
    pub(super) objects: Objects,
    pub(super) keys: bool,
    /// Every file but this one.
    pub(super) parts: Vec<Part>,
}

/// What a manifest of any format says of itself.
#[derive(Debug, Deserialize)]
struct Origin {
    format: u32,
    covergen: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) migrations: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "how")]
pub(super) enum Events {
    /// The embedded log, of the same moment as the databases.
    Copied { file: String },
    /// A log of its own that is not part of this; outboxes fill it again.
    Elsewhere,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "how")]
pub(super) enum Objects {
    /// All files are here.
    Copied,
    /// Only their names are; the bucket keeps them.
    Listed { count: u64 },
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Part {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// The engine that a database address names.
pub(super) fn engine(url: &str) -> &'static str {
    if url.starts_with("sqlite:") {
        "sqlite"
    } else {
        "postgres"
    }
}

impl Manifest {
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        std::fs::write(&path, serde_json::to_vec_pretty(self)?)?;
        files::sync_file(&path)
    }

    /// Reads a manifest. What another format has beside, or has not, is not looked
    /// at: who wrote it is what helps.
    fn read(text: &[u8]) -> Result<Self> {
        let origin: Origin = serde_json::from_slice(text)?;
        if origin.format != FORMAT {
            bail!(
                "the backup has format {}, written by covergen {}; this is {} and reads format {FORMAT}",
                origin.format,
                origin.covergen,
                env!("CARGO_PKG_VERSION")
            );
        }
        Ok(serde_json::from_slice(text)?)
    }

    /// Reads the manifest of a backup and compares every part with its hash.
    pub(super) fn checked(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let text =
            std::fs::read(&path).with_context(|| format!("{} is no backup", folder.display()))?;
        let manifest = Self::read(&text).with_context(|| path.display().to_string())?;
        let found = files::digests(folder)?;
        for part in &manifest.parts {
            match found.iter().find(|one| one.path == part.path) {
                None => bail!("the backup lacks {}", part.path),
                Some(one) if one != part => bail!("{} is not what was backed up", part.path),
                Some(_) => {}
            }
        }
        if let Some(stranger) = found
            .iter()
            .find(|one| !manifest.parts.iter().any(|part| part.path == one.path))
        {
            bail!("{} does not belong to the backup", stranger.path);
        }
        Ok(manifest)
    }

    /// One paragraph for whoever made it.
    pub(super) fn summary(&self, folder: &Path) -> String {
        let bytes: u64 = self.parts.iter().map(|part| part.bytes).sum();
        let mut text = format!(
            "{}: {} databases, {} files, {} MB",
            folder.display(),
            self.services.len(),
            self.parts.len(),
            bytes / 1_000_000
        );
        if let Events::Elsewhere = self.events {
            text += "\nThe event log is kept elsewhere; what outboxes retain fills it again.";
        }
        if let Objects::Listed { count } = self.objects {
            let told = write!(
                text,
                "\n{count} objects stay in their bucket and are listed by name."
            );
            told.expect("a String takes everything");
        }
        if !self.keys {
            text += "\nKeys are not in it: keep identity.*_keys_dir by other means.";
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    #[test]
    fn another_format_is_told_by_who_wrote_it_whatever_else_it_holds() {
        let newer = br#"{"format": 2, "covergen": "9.1.0", "shards": []}"#;
        let refused = Manifest::read(newer).unwrap_err().to_string();
        assert!(
            refused.contains("format 2, written by covergen 9.1.0"),
            "{refused}"
        );
        // Of this format, what is not known is refused.
        let odd = br#"{"format": 1, "covergen": "0.1.0", "shards": []}"#;
        let refused = Manifest::read(odd).unwrap_err().to_string();
        assert!(refused.contains("shards"), "{refused}");
    }
}
