use std::process::ExitCode;

use anyhow::bail;
use covergen_chassis::{Config, REBUILD, REWIND, Rebuild, Rewind};
use covergen_events::Position;

use super::ask::{ask, store};
use super::{all_streams, position, streams};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A consumer of the stream; with --rebuild the read model, such as
    /// `user-history`.
    #[arg(long, value_name = "NAME")]
    consumer: String,
    /// Empty the read model and tell it every event again: the archived ones,
    /// then the stream's own.
    #[arg(long, conflicts_with_all = ["stream", "from"])]
    rebuild: bool,
    /// Rebuild also from an archive that lacks events or cannot be read whole.
    #[arg(long, requires = "rebuild")]
    force: bool,
    /// The stream that the consumer reads.
    #[arg(long, required_unless_present = "rebuild")]
    stream: Option<String>,
    /// Where it goes on: `beginning`, `end`, a sequence, or a time (RFC 3339).
    /// What it has applied it still knows, and does not apply twice.
    #[arg(
        long,
        value_name = "POSITION",
        value_parser = position,
        required_unless_present = "rebuild"
    )]
    from: Option<Position>,
}

pub(super) async fn run(config: &Config, args: Args) -> anyhow::Result<ExitCode> {
    let answer = match (args.stream, args.from) {
        (Some(stream), Some(to)) => {
            let stream = streams(&[stream])?.remove(0);
            let arguments = serde_json::to_string(&Rewind {
                durable: args.consumer,
                to,
            })?;
            let store = store(config, &stream).await?;
            ask(&store, REWIND, &stream, &arguments).await?
        }
        _ => {
            let store = store(config, &owner(&args.consumer)?).await?;
            let arguments = serde_json::to_string(&Rebuild {
                force: args.force,
                ..Rebuild::default()
            })?;
            ask(&store, REBUILD, &args.consumer, &arguments).await?
        }
    };
    println!("{answer}");
    Ok(ExitCode::SUCCESS)
}

/// The service whose read model it is, which its name begins with.
fn owner(model: &str) -> anyhow::Result<String> {
    let owners = all_streams().into_iter().filter(|service| {
        model
            .strip_prefix(service.as_str())
            .is_some_and(|rest| rest.starts_with('-'))
    });
    match owners.max_by_key(String::len) {
        Some(service) => Ok(service),
        None => bail!("{model} names no read model; one is `user-history`"),
    }
}
