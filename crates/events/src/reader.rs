use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use sea_orm::sqlx::SqlitePool;

use crate::config::{Place, place};
use crate::embedded;
use crate::{
    Config, ConsumerInfo, DeadLetter, Error, EventLog, Position, Result, Stored, StreamInfo, Tail,
};

/// Time between two looks for new events, where nothing can wake the reader.
const LOOK: Duration = Duration::from_millis(250);

/// Events read at a time while following.
const PAGE: usize = 256;

/// Looks at an event log without taking part in it. An embedded log belongs to
/// one process; this opens its file beside that process, and cannot change it.
#[derive(Clone)]
pub struct Reader(Kind);

#[derive(Clone)]
enum Kind {
    File(SqlitePool),
    Log(Arc<dyn EventLog>),
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens the log that `config.url` names. Of a NATS server it waits for
    /// the connection, as long as for any answer.
    ///
    /// # Errors
    /// [`Error::Config`] as [`crate::open`]; [`Error::Unavailable`] when there
    /// is no file or no server.
    pub async fn open(config: &Config) -> Result<Self> {
        if let Place::Embedded(path) = place(config)? {
            if !path.is_file() {
                return Err(Error::Unavailable(format!(
                    "there is no file {}",
                    path.display()
                )));
            }
            return Ok(Self(Kind::File(embedded::read_only(&path))));
        }
        let log = crate::open(config).await?;
        let within = Duration::from_millis(config.request_timeout_ms.max(1));
        let connected = async {
            while matches!(log.ping().await, Err(Error::Unavailable(_))) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(within, connected).await.is_err() {
            return Err(Error::Unavailable("no NATS server answered".to_owned()));
        }
        // Anything else, such as a server that is too old, is told as it is.
        log.ping().await?;
        Ok(Self(Kind::Log(log)))
    }

    /// A reader of a log that this process has open.
    #[must_use]
    pub fn of(log: Arc<dyn EventLog>) -> Self {
        Self(Kind::Log(log))
    }

    /// As [`EventLog::read`].
    ///
    /// # Errors
    /// The engine's.
    pub async fn read(&self, stream: &str, from: Position, limit: usize) -> Result<Vec<Stored>> {
        match &self.0 {
            Kind::File(pool) => embedded::read::read(pool, stream, from, limit.min(1_000)).await,
            Kind::Log(log) => log.read(stream, from, limit).await,
        }
    }

    /// As [`EventLog::check_stream`].
    ///
    /// # Errors
    /// The engine's.
    pub async fn check_stream(&self, stream: &str) -> Result<()> {
        match &self.0 {
            Kind::File(_) => Ok(()),
            Kind::Log(log) => log.check_stream(stream).await,
        }
    }

    /// As [`EventLog::stream_info`].
    ///
    /// # Errors
    /// The engine's.
    pub async fn stream_info(&self, stream: &str) -> Result<StreamInfo> {
        match &self.0 {
            Kind::File(pool) => embedded::read::stream_info(pool, stream).await,
            Kind::Log(log) => log.stream_info(stream).await,
        }
    }

    /// As [`EventLog::consumer_info`].
    ///
    /// # Errors
    /// The engine's.
    pub async fn consumer_info(&self, stream: &str, durable: &str) -> Result<ConsumerInfo> {
        match &self.0 {
            Kind::File(pool) => embedded::read::consumer_info(pool, stream, durable).await,
            Kind::Log(log) => log.consumer_info(stream, durable).await,
        }
    }

    /// As [`EventLog::dead_letters`].
    ///
    /// # Errors
    /// The engine's.
    pub async fn dead_letters(
        &self,
        stream: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<DeadLetter>> {
        match &self.0 {
            Kind::File(pool) => {
                embedded::read::dead_letters(pool, stream, after, limit.min(1_000)).await
            }
            Kind::Log(log) => log.dead_letters(stream, after, limit).await,
        }
    }

    /// As [`EventLog::tail`].
    ///
    /// # Errors
    /// The engine's.
    pub async fn tail(&self, stream: &str, from: Position) -> Result<Tail> {
        let pool = match &self.0 {
            Kind::Log(log) => return log.tail(stream, from).await,
            Kind::File(pool) => pool.clone(),
        };
        // "From now on" becomes a number at once, so that nothing published
        // before the first look is missed.
        let from = match from {
            Position::End => {
                let last = embedded::read::check_stream(&pool, stream).await?;
                Position::Sequence(u64::try_from(last).unwrap_or(0) + 1)
            }
            other => other,
        };
        let looking = Looking {
            pool,
            stream: stream.to_owned(),
            from,
        };
        let pages = futures::stream::try_unfold(looking, |mut looking| async {
            let page = looking.next().await?;
            Ok(Some((
                futures::stream::iter(page.into_iter().map(Ok)),
                looking,
            )))
        });
        Ok(futures::TryStreamExt::try_flatten(pages).boxed())
    }
}

/// Follows a file that another process writes.
struct Looking {
    pool: SqlitePool,
    stream: String,
    from: Position,
}

impl Looking {
    async fn next(&mut self) -> Result<Vec<Stored>> {
        loop {
            let page = embedded::read::read(&self.pool, &self.stream, self.from, PAGE).await?;
            if let Some(last) = page.last() {
                self.from = Position::Sequence(last.sequence + 1);
                return Ok(page);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}
