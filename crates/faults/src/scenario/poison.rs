//! A message that nobody can handle stands before one that is fine, on both
//! engines, for a consumer that keeps strict order.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use covergen_events::{Config, ConsumerSpec, EventLog, Record, Settled, Subject};
use covergen_testkit::Nats;
use futures::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, sleep, timeout};

use super::{Bench, Scenario};
use crate::verdict::{Row, Verdict};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "poison-message",
    about: "a message that always fails, and the one behind it, on both event engines",
    run: |bench| run(bench).boxed(),
};

/// The promises.
const DELIVERIES: f64 = 5.0;
const NEXT_WITHIN: Duration = Duration::from_secs(1);
/// All backoffs of the defaults together, and some more.
const PARKED_WITHIN: Duration = Duration::from_secs(90);

async fn run(bench: Bench) -> Result<Vec<Verdict>> {
    let nats = Nats::start().await;
    let file = bench.folder.join("events.sqlite");
    let engines = [
        ("the embedded log", format!("embedded://{}", file.display())),
        ("JetStream", nats.url()),
    ];
    let mut row = Row::new("poison-message", "a message that fails every time");
    for (name, url) in engines {
        let mut config = Config::from_url(url);
        config.max_stream_bytes = 64 * 1024 * 1024;
        let log = covergen_events::open(&config).await?;
        connected(log.as_ref()).await?;
        let (deliveries, after) = poisoned(&log, bench.short).await?;
        row = row
            .at_most(
                &format!("deliveries before it was parked: {name}"),
                f64::from(deliveries),
                DELIVERIES,
                String::new(),
            )
            .within(
                &format!("s until the next one was handled: {name}"),
                after,
                NEXT_WITHIN,
                "one in flight at a time, so the next had to wait",
            );
        log.close().await?;
    }
    Ok(row.verdicts())
}

/// How often the first message was delivered, and how long after its end the
/// second one was handled.
async fn poisoned(log: &Arc<dyn EventLog>, short: bool) -> Result<(u32, Duration)> {
    log.declare_stream("cover").await?;
    log.publish(vec![record(1)?, record(2)?]).await?;
    let mut spec = ConsumerSpec::new("cover", "strict");
    spec.max_in_flight = 1;
    if short {
        spec.backoff = vec![Duration::from_millis(100)];
    }
    let mut deliveries = log.consume(&spec).await?;
    let mut count = 0;
    loop {
        let delivery = timeout(PARKED_WITHIN, deliveries.next()).await?;
        let delivery = delivery.context("the deliveries ended")?;
        ensure!(delivery.record().headers["n"] == "1", "it was overtaken");
        count += 1;
        if delivery.nak(None, "it always fails").await? == Settled::Parked {
            break;
        }
    }
    let parked = Instant::now();
    let next = timeout(PARKED_WITHIN, deliveries.next()).await?;
    let next = next.context("the deliveries ended")?;
    ensure!(next.record().headers["n"] == "2", "not the next one");
    next.ack().await?;
    let after = parked.elapsed();
    let letters = log.dead_letters("cover", 0, 10).await?;
    ensure!(letters.len() == 1, "{} dead letters", letters.len());
    Ok((count, after))
}

fn record(n: u8) -> Result<Record> {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    let subject = Subject::new("cover", "Made", "cov_1")?;
    let id = uuid::Builder::from_unix_timestamp_millis(u64::try_from(millis)?, &[n; 10]);
    let mut record = Record::new(id.into_uuid(), subject, vec![n]);
    record.headers.insert("n".to_owned(), n.to_string());
    Ok(record)
}

async fn connected(log: &dyn EventLog) -> Result<()> {
    for _ in 0..200 {
        if log.ping().await.is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(log.ping().await?)
}
