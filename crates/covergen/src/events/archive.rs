use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use covergen_chassis::{Config, Keeper, Shelf, lead_in_archiving};
use covergen_ids::Clock;
use covergen_objects::ObjectStore;
use covergen_store::{Leading, Store};
use serde_json::json;

use super::ask::store;
use super::{print, reader, streams};

/// How long another process may be at it: longer than the lead of one that died.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print the segments, one JSON object a line, oldest first.
    List(Which),
    /// Read every segment: hashes, counts, segments or versions that are
    /// missing. Fails when something is wrong.
    Verify(Which),
    /// Archive what is in the log now, without waiting for segments to fill.
    Now(Which),
}

/// Which archives.
#[derive(clap::Args)]
pub(crate) struct Which {
    /// Streams; all of them when none is named.
    #[arg(value_name = "STREAM")]
    streams: Vec<String>,
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<ExitCode> {
    let objects = covergen_objects::open(&config.objects).await?;
    match command {
        Command::List(which) => list(objects, &streams(&which.streams)?).await,
        Command::Verify(which) => verify(objects, &streams(&which.streams)?).await,
        Command::Now(which) => now(config, objects, &streams(&which.streams)?).await,
    }
}

async fn list(objects: Arc<dyn ObjectStore>, streams: &[String]) -> anyhow::Result<ExitCode> {
    for stream in streams {
        let shelf = Shelf::new(Arc::clone(&objects), stream);
        for name in shelf.segments(None).await? {
            let line = json!({
                "stream": stream, "key": name.key.as_str(), "first": name.first,
                "last": name.last, "sha256": name.sha256,
            });
            if !print::line(&line.to_string())? {
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(objects: Arc<dyn ObjectStore>, streams: &[String]) -> anyhow::Result<ExitCode> {
    let mut is_sound = true;
    for stream in streams {
        let shelf = Shelf::new(Arc::clone(&objects), stream);
        let found = shelf.verify().await?;
        is_sound &= found.problems.is_empty();
        let line = json!({
            "stream": stream, "ok": found.problems.is_empty(), "segments": found.segments,
            "events": found.events, "repeated": found.repeated,
            "startedLate": found.started_late, "problems": found.problems,
        });
        print::line(&line.to_string())?;
    }
    Ok(if is_sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn now(
    config: &Config,
    objects: Arc<dyn ObjectStore>,
    streams: &[String],
) -> anyhow::Result<ExitCode> {
    let (log, clock) = (reader(config).await?, Clock::system());
    for stream in streams {
        let store = store(config, stream).await?;
        let mut leading = lead(&store).await?;
        let shelf = Shelf::new(Arc::clone(&objects), stream);
        let mut keeper = Keeper::new(shelf, log.clone(), config.archive.clone());
        let kept = keeper.round_under(&mut leading, clock.now_ms(), true).await;
        // At the latest it ends with its term.
        let _ = leading.give_up().await;
        let kept = kept.with_context(|| format!("archiving {stream}"))?;
        let line = json!({
            "stream": stream, "segments": kept.segments, "events": kept.events,
            "upTo": keeper.archived_up_to(),
        });
        print::line(&line.to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Waits for a process that archives the same stream just now.
async fn lead(store: &Store) -> anyhow::Result<Leading> {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(leading) = lead_in_archiving(store).await? {
            return Ok(leading);
        }
        if tokio::time::Instant::now() > until {
            bail!(
                "another process has been archiving {} for long",
                store.service()
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
