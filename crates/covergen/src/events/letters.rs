use std::process::ExitCode;

use anyhow::{Context as _, bail};
use covergen_chassis::{Config, DISCARD, REDRIVE};
use covergen_events::{DeadLetter, Error, Reader};

use super::ask::{Refused, ask, store};
use super::print::{self, Printer};
use super::{reader, streams};

/// Letters read at a time.
const PAGE: usize = 500;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print them, one JSON object a line, oldest first.
    List(Which),
    /// Print one of them.
    Show(One),
    /// Hand them back to the consumers that gave up, with a fresh count.
    Redrive {
        #[command(flatten)]
        these: These,
    },
    /// Remove one of them for good.
    Discard(One),
}

/// Which letters.
#[derive(clap::Args)]
pub(crate) struct Which {
    /// Streams to look at; all of them when none is named.
    #[arg(value_name = "STREAM")]
    streams: Vec<String>,
    /// Only those of this consumer.
    #[arg(long, value_name = "NAME")]
    consumer: Option<String>,
}

/// One letter.
#[derive(clap::Args)]
pub(crate) struct One {
    /// Its stream.
    stream: String,
    /// Its sequence, as `list` tells.
    sequence: u64,
}

/// One letter, or all of a stream.
#[derive(clap::Args)]
pub(crate) struct These {
    /// The stream.
    stream: String,
    /// The letter's sequence, as `list` tells.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    sequence: Option<u64>,
    /// All letters of the stream, oldest first.
    #[arg(long)]
    all: bool,
    /// With --all: only those of this consumer.
    #[arg(long, value_name = "NAME", requires = "all")]
    consumer: Option<String>,
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List(which) => list(config, &which).await?,
        Command::Show(one) => show(config, &one).await?,
        Command::Redrive { these } => redrive(config, &these).await?,
        Command::Discard(one) => {
            let stream = known(&one.stream)?;
            let store = store(config, &stream).await?;
            ask(&store, DISCARD, &stream, &one.sequence.to_string()).await?;
            println!("{stream} {} was removed", one.sequence);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn known(stream: &str) -> anyhow::Result<String> {
    Ok(streams(&[stream.to_owned()])?.remove(0))
}

/// All letters of a stream, or of one of its consumers.
async fn letters(
    log: &Reader,
    stream: &str,
    consumer: Option<&str>,
) -> anyhow::Result<Vec<DeadLetter>> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = match log.dead_letters(stream, after, PAGE).await {
            // A service that was never started has no stream yet.
            Err(Error::UnknownStream(_)) => return Ok(all),
            page => page?,
        };
        let Some(last) = page.last() else {
            return Ok(all);
        };
        after = last.sequence;
        all.extend(
            page.into_iter()
                .filter(|letter| consumer.is_none_or(|wanted| wanted == letter.durable)),
        );
    }
}

async fn list(config: &Config, which: &Which) -> anyhow::Result<()> {
    let (streams, printer) = (streams(&which.streams)?, Printer::new()?);
    let log = reader(config).await?;
    for stream in streams {
        for letter in letters(&log, &stream, which.consumer.as_deref()).await? {
            if !print::line(&printer.letter(&stream, &letter))? {
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn show(config: &Config, one: &One) -> anyhow::Result<()> {
    let stream = known(&one.stream)?;
    let log = reader(config).await?;
    let after = one.sequence.saturating_sub(1);
    let letter = log
        .dead_letters(&stream, after, 1)
        .await?
        .into_iter()
        .find(|letter| letter.sequence == one.sequence)
        .with_context(|| format!("{stream} has no dead letter {}", one.sequence))?;
    let text = Printer::new()?.letter(&stream, &letter);
    let value: serde_json::Value = serde_json::from_str(&text)?;
    print::line(&serde_json::to_string_pretty(&value)?)?;
    Ok(())
}

async fn redrive(config: &Config, these: &These) -> anyhow::Result<()> {
    let stream = known(&these.stream)?;
    let sequences = match these.sequence {
        Some(sequence) => vec![sequence],
        None => letters(&reader(config).await?, &stream, these.consumer.as_deref())
            .await?
            .iter()
            .map(|letter| letter.sequence)
            .collect(),
    };
    if sequences.is_empty() {
        bail!("{stream} has no such dead letter");
    }
    let store = store(config, &stream).await?;
    hand_back(&stream, &sequences, async |sequence| {
        ask(&store, REDRIVE, &stream, &sequence.to_string()).await
    })
    .await
}

/// Hands letters back one by one. One that cannot be keeps no other from it,
/// and is told of at the end; where nobody does anything, the rest is left.
async fn hand_back(
    stream: &str,
    sequences: &[u64],
    ask: impl AsyncFn(u64) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let mut refused = 0;
    for sequence in sequences {
        match ask(*sequence).await {
            Ok(_) => println!("{stream} {sequence} was handed back"),
            Err(error) if error.is::<Refused>() => {
                eprintln!("{stream} {sequence} was not handed back: {error}");
                refused += 1;
            }
            Err(error) => return Err(error.context(format!("{stream} {sequence}"))),
        }
    }
    if refused > 0 {
        let all = sequences.len();
        bail!("{refused} of {all} dead letters of {stream} were not handed back");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn a_letter_that_cannot_be_handed_back_keeps_no_other_from_it() {
        let asked = RefCell::new(Vec::new());
        let told = hand_back("cover", &[1, 2, 3], async |sequence| {
            asked.borrow_mut().push(sequence);
            if sequence == 2 {
                return Err(Refused("there is none".to_owned()).into());
            }
            Ok(String::new())
        })
        .await;
        assert_eq!(*asked.borrow(), [1, 2, 3]);
        assert!(told.unwrap_err().to_string().starts_with("1 of 3"));
    }

    #[tokio::test]
    async fn where_nobody_takes_a_letter_back_the_rest_is_left() {
        let asked = RefCell::new(Vec::new());
        let told = hand_back("cover", &[1, 2], async |sequence| {
            asked.borrow_mut().push(sequence);
            bail!("no process runs cover")
        })
        .await;
        assert_eq!(*asked.borrow(), [1]);
        assert!(told.is_err());
    }
}
