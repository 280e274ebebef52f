//! `covergen events`: what stands in the event log and its archive, and what
//! an operator does about it, beside a platform that runs.
//!
//! Looking needs nothing but the configuration. What changes something is
//! asked for by a row in the database of the service that owns the stream, and
//! carried out by whichever process runs that service.

mod archive;
mod ask;
mod letters;
mod print;
mod replay;
mod tail;

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Subcommand;
use covergen_chassis::Config;
use covergen_events::Position;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::options::Place;
use crate::roster;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print events, one JSON object a line, and go on as they come.
    Tail(tail::Args),
    /// Set a consumer back, or rebuild a read model from the first event.
    Replay(replay::Args),
    /// Look at events that could not be handled, and decide about them.
    #[command(subcommand)]
    DeadLetters(letters::Command),
    /// Look at the archive of all events, check it, or bring it up to date.
    #[command(subcommand)]
    Archive(archive::Command),
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = args.place.load()?;
    match args.command {
        Command::Tail(args) => tail::run(&config, args).await,
        Command::Replay(args) => replay::run(&config, args).await,
        Command::DeadLetters(command) => letters::run(&config, command).await,
        Command::Archive(command) => archive::run(&config, command).await,
    }
}

async fn reader(config: &Config) -> anyhow::Result<covergen_events::Reader> {
    Ok(covergen_events::Reader::open(&config.events).await?)
}

/// Every stream: each service has one of its name.
fn all_streams() -> Vec<String> {
    roster::services()
        .iter()
        .map(|service| service.name().to_owned())
        .collect()
}

/// The streams that were named, or every one.
fn streams(named: &[String]) -> anyhow::Result<Vec<String>> {
    let all = all_streams();
    if named.is_empty() {
        return Ok(all);
    }
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        bail!("there is no stream {unknown}; there are {}", all.join(", "));
    }
    Ok(named.to_vec())
}

/// Reads `beginning`, `end`, a sequence, or a time as RFC 3339 has it.
fn position(text: &str) -> anyhow::Result<Position> {
    match text {
        "beginning" => Ok(Position::Beginning),
        "end" => Ok(Position::End),
        other => {
            if let Ok(sequence) = other.parse() {
                return Ok(Position::Sequence(sequence));
            }
            OffsetDateTime::parse(other, &Rfc3339)
                .map(Position::Time)
                .map_err(|_| {
                    anyhow!(
                        "`beginning`, `end`, a sequence, or a time such as 2026-01-31T12:00:00Z"
                    )
                })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_a_word_a_number_or_a_time() {
        assert_eq!(position("beginning").unwrap(), Position::Beginning);
        assert_eq!(position("17").unwrap(), Position::Sequence(17));
        assert!(matches!(
            position("2026-01-31T12:00:00Z").unwrap(),
            Position::Time(_)
        ));
        for bad in ["", "-1", "yesterday", "2026-01-31"] {
            assert!(position(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_stream_that_is_none_is_named_with_those_there_are() {
        let error = streams(&["covr".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("covr") && error.contains("cover,"),
            "{error}"
        );
    }
}
