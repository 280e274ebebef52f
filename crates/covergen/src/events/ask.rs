//! Asking the processes that run a service.

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, bail};
use covergen_chassis::Config;
use covergen_ids::Clock;
use covergen_store::{JobState, Store};

/// How long nobody may take a job before that is told.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process has tried, and says why it cannot be done.
#[derive(Debug)]
pub(super) struct Refused(pub(super) String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// The database of a service, which is not brought up to date by a look.
pub(super) async fn store(config: &Config, service: &str) -> anyhow::Result<Store> {
    Store::open(&config.database, service, Clock::system())
        .await
        .with_context(|| format!("the database of {service}"))
}

/// Asks the processes of a service for something and waits until it is done;
/// answers what came of it.
pub(super) async fn ask(
    store: &Store,
    kind: &str,
    subject: &str,
    arguments: &str,
) -> anyhow::Result<String> {
    let id = store.request_job(kind, subject, arguments).await?;
    let mut heard = (tokio::time::Instant::now(), String::new());
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let job = store.job(&id).await?.context("the row was removed")?;
        match job.state {
            JobState::Done => return Ok(job.detail),
            JobState::Failed => return Err(Refused(job.detail).into()),
            JobState::Waiting => {}
        }
        if job.detail != heard.1 {
            eprintln!("{}", job.detail);
            heard = (tokio::time::Instant::now(), job.detail);
        } else if heard.0.elapsed() > PATIENCE {
            let service = store.service();
            bail!(
                "no process that runs {service} took it within {} s; it is done when one starts",
                PATIENCE.as_secs()
            );
        }
    }
}
