//! Everything that a platform keeps, into one folder, while it runs.
//!
//! Databases and the embedded event log are copied as they were at one moment
//! (`covergen_store::backup`), so a restored platform goes on as after a power
//! cut. Files of the object store are written before the rows that name them
//! and copied before that moment and again after it: what rows name is there,
//! also what was deleted meanwhile. Only a file that was written after the first
//! pass and deleted before the second is not.

mod files;
mod manifest;
pub(crate) mod restore;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use covergen_chassis::Config;
use covergen_ids::Clock;
use covergen_store::backup::Cut;

use crate::options::Place;
use crate::roster;
use manifest::{Events, Manifest, Objects, Service};

/// Databases of services.
const DATABASES: &str = "db";
/// Files of the object store.
const OBJECTS: &str = "objects";
/// Keys that sign and verify tokens, and seal what is sealed.
const KEYS: &str = "keys";
/// The names of objects that stay where they are.
const LISTING: &str = "objects.jsonl";
/// What the event log's copy is named after.
const EVENTS: &str = "events";

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// Folder to make; it must not exist.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Copy the keys as well. Whoever has them can sign in as anybody and open
    /// what is sealed: keep such a backup as you keep the keys.
    #[arg(long)]
    with_keys: bool,
    /// How long writers are held up at most while the moment is taken, in
    /// milliseconds, over all databases. Where one does not pause in time,
    /// everybody goes on and the backup fails.
    #[arg(long, value_name = "MS", default_value_t = 5_000)]
    hold_ms: u64,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let config = args.place.load()?;
    if args.to.exists() {
        bail!("{} exists already", args.to.display());
    }
    // Whatever has the final name is whole.
    let mut partial = args.to.clone().into_os_string();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    if partial.exists() {
        bail!(
            "{} is in the way; it is what an interrupted backup left, remove it",
            partial.display()
        );
    }
    let made = async {
        files::private_folder(&partial)?;
        std::fs::create_dir(partial.join(DATABASES))?;
        let manifest = write(&config, &partial, &args).await?;
        files::sync_folder(&partial)?;
        std::fs::rename(&partial, &args.to)?;
        Ok(manifest)
    };
    let manifest = match made.await {
        Ok(manifest) => manifest,
        Err(error) => {
            // Half a backup is none, and may be large.
            let _ = std::fs::remove_dir_all(&partial);
            return Err(error);
        }
    };
    println!("{}", manifest.summary(&args.to));
    Ok(ExitCode::SUCCESS)
}

async fn write(config: &Config, folder: &Path, args: &Args) -> Result<Manifest> {
    let local = local_objects(config)?;
    if let Some(from) = &local {
        files::copy_tree(from, &folder.join(OBJECTS), None)?;
    }
    let again = std::time::SystemTime::now();

    let services: Vec<&'static str> = roster::services().iter().map(|one| one.name()).collect();
    let log = embedded_log(config);
    let logs: Vec<(&str, PathBuf)> = log.iter().map(|path| (EVENTS, path.clone())).collect();
    let databases = folder.join(DATABASES);
    let hold = Duration::from_millis(args.hold_ms);
    let cut = Cut::take(&config.database, &services, &logs, &databases, hold)
        .await
        .context("databases")?;
    let made_at_ms = Clock::system().now_ms();
    let parts = cut.write().await.context("databases")?;

    let objects = match &local {
        Some(from) => {
            files::copy_tree(from, &folder.join(OBJECTS), Some(again))?;
            Objects::Copied
        }
        None => {
            let count = files::list_objects(config, &folder.join(LISTING)).await?;
            Objects::Listed { count }
        }
    };
    if args.with_keys {
        for (name, from) in key_folders(config) {
            files::copy_tree(&from, &folder.join(KEYS).join(name), None)?;
        }
    }
    let mut services = Vec::new();
    let mut events = Events::Elsewhere;
    for part in parts {
        let file = files::relative(folder, &part.file)?;
        if part.name == EVENTS {
            events = Events::Copied { file };
        } else {
            services.push(Service {
                name: part.name,
                file,
                migrations: part.migrations,
            });
        }
    }
    let manifest = Manifest {
        format: manifest::FORMAT,
        covergen: env!("CARGO_PKG_VERSION").to_owned(),
        made_at_ms,
        databases: manifest::engine(&config.database.url).to_owned(),
        services,
        events,
        objects,
        keys: args.with_keys,
        parts: files::digests(folder)?,
    };
    manifest.write(folder)?;
    Ok(manifest)
}

/// The folder of the object store, if it is one.
fn local_objects(config: &Config) -> Result<Option<PathBuf>> {
    let Some(path) = config.objects.url.strip_prefix("file://") else {
        return Ok(None);
    };
    if !path.starts_with('/') {
        bail!("objects.url: file:// needs an absolute path");
    }
    Ok(Some(PathBuf::from(path)))
}

/// The file of the event log, if it is one.
fn embedded_log(config: &Config) -> Option<PathBuf> {
    let path = config.events.url.strip_prefix("embedded://")?;
    Some(PathBuf::from(path))
}

fn key_folders(config: &Config) -> [(&'static str, PathBuf); 2] {
    let keys = &config.identity;
    [
        ("access", keys.access_keys_dir.clone()),
        ("internal", keys.internal_keys_dir.clone()),
    ]
}
