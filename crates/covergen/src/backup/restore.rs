//! A platform out of a backup.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use covergen_chassis::Config;
use covergen_events::{Error as LogError, Position, Reader};
use covergen_ids::Clock;
use covergen_store::{Store, backup};

use super::manifest::{self, Events, Manifest, Objects};
use super::{KEYS, LISTING, OBJECTS, embedded_log, files, key_folders, local_objects};
use crate::options::Place;
use crate::roster;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    /// The folder that `covergen backup` made.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Leave the events that are in NATS: it is this platform's, and has come
    /// further than the backup. Without it, a log that holds events is refused.
    #[arg(long)]
    keep_events: bool,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let config = args.place.load()?;
    let manifest = Manifest::checked(&args.from)?;
    // Everything is looked at before anything is written.
    known(&manifest)?;
    vacant(&config, &manifest).await?;
    if !args.keep_events {
        no_events(&config).await?;
    }
    // Whatever is interrupted from here on is not started (`Store::migrate`).
    for service in &manifest.services {
        backup::mark(&config.database, &service.name).await?;
    }
    for service in &manifest.services {
        let from = args.from.join(&service.file);
        backup::restore(&config.database, &service.name, &from)
            .await
            .with_context(|| format!("database of {}", service.name))?;
    }
    let mut has_log = false;
    if let (Events::Copied { file }, Some(to)) = (&manifest.events, embedded_log(&config)) {
        backup::restore_file(&args.from.join(file), &to).await?;
        has_log = true;
    }
    let mut missing = 0;
    match manifest.objects {
        Objects::Copied => {
            let to = local_objects(&config)?.context("objects.url names no folder")?;
            files::copy_tree(&args.from.join(OBJECTS), &to, None)?;
        }
        Objects::Listed { .. } => {
            missing = files::missing_objects(&config, &args.from.join(LISTING)).await?;
        }
    }
    if manifest.keys {
        for (name, to) in key_folders(&config) {
            files::copy_tree(&args.from.join(KEYS).join(name), &to, None)?;
        }
    }
    let sent_again = if has_log {
        0
    } else {
        republish(&config, &manifest).await?
    };
    for service in &manifest.services {
        backup::unmark(&config.database, &service.name).await?;
    }
    println!("{} databases restored", manifest.services.len());
    if !has_log {
        println!("{sent_again} events will be sent again; consumers know what they have seen");
    }
    if missing > 0 {
        println!("{missing} objects are not in their bucket as they were");
    }
    if !manifest.keys {
        println!("put the keys into identity.*_keys_dir before you start it");
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses what a newer program has written.
fn known(manifest: &Manifest) -> Result<()> {
    let roster = roster::services();
    for service in &manifest.services {
        let Some(here) = roster.iter().find(|one| one.name() == service.name) else {
            bail!("this program has no service {}", service.name);
        };
        let steps = here.migration_names();
        if let Some(newer) = service.migrations.iter().find(|name| !steps.contains(name)) {
            bail!(
                "the database of {} is newer than this program ({newer}); restore with covergen {}",
                service.name,
                manifest.covergen
            );
        }
    }
    Ok(())
}

/// Refuses a place where something is.
async fn vacant(config: &Config, manifest: &Manifest) -> Result<()> {
    let engine = manifest::engine(&config.database.url);
    if engine != manifest.databases {
        bail!(
            "the backup holds databases of {}, and database.url names {engine}",
            manifest.databases
        );
    }
    for service in roster::services() {
        let name = service.name();
        if !backup::is_vacant(&config.database, name).await? {
            bail!("the database of {name} is not empty; a restore needs an empty place");
        }
    }
    let log = embedded_log(config).filter(|path| !backup::is_free(path));
    if let Some(log) = log {
        bail!(
            "{} or a log of it exists already; a restore needs an empty place",
            log.display()
        );
    }
    if let (Objects::Copied, folder) = (&manifest.objects, local_objects(config)?) {
        let folder = folder.context("the backup holds the objects, and objects.url no folder")?;
        no_files(&folder)?;
    }
    if manifest.keys {
        for (_, folder) in key_folders(config) {
            no_files(&folder)?;
        }
    }
    Ok(())
}

/// Refuses a NATS server whose streams hold something: another platform's, or
/// this one's from after the backup. Consumers would take its events for what
/// the restored databases have said.
async fn no_events(config: &Config) -> Result<()> {
    const EITHER: &str = "restore with an empty events.namespace or server, or, where these are \
         this platform's own events, with --keep-events";
    if embedded_log(config).is_some() {
        return Ok(());
    }
    let log = Reader::open(&config.events).await;
    let log =
        log.context("whether the event log is empty cannot be seen (--keep-events asks not)")?;
    for service in roster::services() {
        let stream = service.name();
        let info = match log.stream_info(stream).await {
            Err(LogError::UnknownStream(_)) => {
                if has_events(&log, stream).await? {
                    bail!("the event stream of {stream} holds events; {EITHER}");
                }
                continue;
            }
            info => info.with_context(|| format!("event stream of {stream}"))?,
        };
        if info.messages > 0 || info.dead_letters > 0 {
            bail!(
                "the event stream of {stream} holds {} events and {} dead letters; {EITHER}",
                info.messages,
                info.dead_letters
            );
        }
    }
    Ok(())
}

/// Whether a stream holds events, also where the one of its dead letters is
/// missing beside it.
async fn has_events(log: &Reader, stream: &str) -> Result<bool> {
    match log.read(stream, Position::Beginning, 1).await {
        Err(LogError::UnknownStream(_)) => Ok(false),
        read => {
            let read = read.with_context(|| format!("event stream of {stream}"))?;
            Ok(!read.is_empty())
        }
    }
}

fn no_files(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_dir() {
            bail!(
                "{} exists already; a restore needs an empty place",
                path.display()
            );
        }
        no_files(&path)?;
    }
    Ok(())
}

/// Has every service send again what its outbox retains: the log begins empty,
/// or has come further than the databases.
async fn republish(config: &Config, manifest: &Manifest) -> Result<u64> {
    let mut marked = 0;
    for service in &manifest.services {
        let store = Store::open(&config.database, &service.name, Clock::system()).await?;
        marked += store.republish_since(0).await?;
        store.close().await;
    }
    Ok(marked)
}
