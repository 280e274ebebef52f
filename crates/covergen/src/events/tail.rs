use std::process::ExitCode;

use covergen_chassis::Config;
use covergen_events::{Error, Position, Reader, Stored};
use futures::StreamExt as _;
use futures::stream::{BoxStream, SelectAll};

use super::print::{self, Event, Printer};
use super::{position, reader, streams};

/// Events read at a time.
const PAGE: usize = 500;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Streams to follow; all of them when none is named.
    #[arg(value_name = "STREAM")]
    streams: Vec<String>,
    /// Where to begin: `beginning`, `end`, a sequence, or a time (RFC 3339).
    /// By default the end, or the beginning with --no-follow.
    #[arg(long, value_name = "POSITION", value_parser = position)]
    from: Option<Position>,
    /// Only events of this type: `CoverGenerated`, or its full name.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Only events of this aggregate.
    #[arg(long, value_name = "ID")]
    aggregate: Option<String>,
    /// End where the log does, stream by stream.
    #[arg(long)]
    no_follow: bool,
}

impl Args {
    fn wants(&self, event: &Event) -> bool {
        let name = event.type_name.as_str();
        let short = name.rsplit('.').next().unwrap_or_default();
        let of_type = self.types.is_empty()
            || self
                .types
                .iter()
                .any(|wanted| wanted == name || wanted == short);
        let of_aggregate = self
            .aggregate
            .as_ref()
            .is_none_or(|wanted| *wanted == event.aggregate);
        of_type && of_aggregate
    }
}

pub(super) async fn run(config: &Config, args: Args) -> anyhow::Result<ExitCode> {
    let (streams, printer) = (streams(&args.streams)?, Printer::new()?);
    let log = reader(config).await?;
    let show = |stream: &str, stored: &Stored| {
        let event = printer.event(&stored.record);
        if !args.wants(&event) {
            return Ok(true);
        }
        print::line(&printer.in_stream(stream, stored, &event))
    };
    if args.no_follow {
        let from = args.from.unwrap_or(Position::Beginning);
        for stream in streams {
            if !to_the_end(&log, &stream, from, &show).await? {
                break;
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let from = args.from.unwrap_or(Position::End);
    let mut tails: SelectAll<BoxStream<'_, _>> = SelectAll::new();
    for stream in streams {
        match log.tail(&stream, from).await {
            Ok(tail) => tails.push(tail.map(move |stored| (stream.clone(), stored)).boxed()),
            // A service that was never started has no stream yet.
            Err(Error::UnknownStream(_)) if args.streams.is_empty() => {}
            Err(error) => return Err(error.into()),
        }
    }
    while let Some((stream, stored)) = tails.next().await {
        match stored {
            Ok(stored) if !show(&stream, &stored)? => break,
            Ok(_) => {}
            Err(error) => eprintln!("{stream}: {error}; it goes on when the log does"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn to_the_end(
    log: &Reader,
    stream: &str,
    mut from: Position,
    show: &impl Fn(&str, &Stored) -> std::io::Result<bool>,
) -> anyhow::Result<bool> {
    loop {
        let page = match log.read(stream, from, PAGE).await {
            Err(Error::UnknownStream(_)) => return Ok(true),
            page => page?,
        };
        let Some(last) = page.last() else {
            return Ok(true);
        };
        from = Position::Sequence(last.sequence + 1);
        for stored in &page {
            if !show(stream, stored)? {
                return Ok(false);
            }
        }
    }
}
