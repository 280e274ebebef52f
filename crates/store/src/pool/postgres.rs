use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row};
use sea_orm::{SqlxError, SqlxPostgresConnector};
use tokio::time::timeout;

use super::{Pool, Pools};
use crate::config::Bounds;
use crate::presence::{self, LONG, Presence, Traffic};
use crate::{Error, Reader, Result, StoreConfig};

/// A connection idle for longer is pinged before use.
const FRESH: Duration = Duration::from_secs(1);

/// A ping that takes longer means a peer that is gone without a word: shorter
/// than the wait for a connection, so that there is time left to open another.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// Longest wait for a server to answer, and to make a database, at the start.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens the database, creating it where absent.
pub(crate) async fn open(
    url: &str,
    service: &str,
    config: &StoreConfig,
    bounds: Bounds,
) -> Result<Pools> {
    let base = PgConnectOptions::from_str(url)?.disable_statement_logging();
    tokio::time::timeout(OPEN_TIMEOUT, ensure_database(&base))
        .await
        .map_err(|_| Error::Unavailable("the server does not answer".to_owned()))??;

    let base = session(base, service, config);
    let write = pool(base.clone(), bounds.write, bounds.acquire);
    let read = pool(reading(base.clone()), bounds.read, bounds.acquire);
    let pools = [&write, &read].map(|pool| pool.connections.get_postgres_connection_pool().clone());
    let traffic = [&write, &read].map(|pool| Arc::clone(pool.traffic()));
    let presence = Presence::watch(base, service, Arc::new(pools), traffic);
    Ok(Pools {
        write: write.watched(&presence),
        read: Reader::of(read.watched(&presence)),
    })
}

/// The name and the bounds that every session has.
pub(crate) fn session(
    options: PgConnectOptions,
    service: &str,
    config: &StoreConfig,
) -> PgConnectOptions {
    let timeout_ms = config.statement_timeout_ms.to_string();
    options
        .application_name(&presence::application(service))
        .disable_statement_logging()
        .options([
            ("statement_timeout", timeout_ms.as_str()),
            ("lock_timeout", timeout_ms.as_str()),
            // A frozen process must not hold row locks for good.
            ("idle_in_transaction_session_timeout", "30000"),
        ])
}

/// A session that cannot write.
pub(crate) fn reading(options: PgConnectOptions) -> PgConnectOptions {
    options.options([("default_transaction_read_only", "on")])
}

/// Connections that are opened when they are first needed.
pub(crate) fn pool(options: PgConnectOptions, max: u32, acquire: Duration) -> Pool {
    let server = (options.get_host().to_owned(), options.get_port());
    let traffic = Traffic::new(max, acquire);
    let connections = pool_options(max, acquire, &traffic).connect_lazy_with(options);
    Pool::new(
        SqlxPostgresConnector::from_sqlx_postgres_pool(connections),
        max,
        Some(server),
        traffic,
    )
}

fn pool_options(max_connections: u32, acquire: Duration, traffic: &Arc<Traffic>) -> PgPoolOptions {
    let [opened, taken, given_back] = [(); 3].map(|()| Arc::clone(traffic));
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(acquire)
        .idle_timeout(Duration::from_secs(60))
        .max_lifetime(Duration::from_secs(30 * 60))
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let traffic = Arc::clone(&opened);
            Box::pin(async move {
                let session = connection.fetch_one("SELECT pg_backend_pid()").await?;
                traffic.opened(session.try_get(0)?);
                presence::acquired();
                Ok(())
            })
        })
        .before_acquire(move |connection, used| {
            let hangs = taken.hangs(Instant::now());
            Box::pin(async move {
                if hangs || used.idle_for >= FRESH {
                    within(patience(hangs), connection.ping()).await?;
                }
                presence::acquired();
                Ok(true)
            })
        })
        // The driver pings on release without a bound; ours closes a
        // connection whose peer fell silent, so that its place is free again.
        .after_release(move |connection, _| {
            let hangs = given_back.hangs(Instant::now());
            Box::pin(is_free(connection, patience(hangs)))
        })
}

/// Longest wait for a sign of life: where connections were found to hang, those
/// that do not answer as soon as usual are not waited for.
fn patience(hangs: bool) -> Duration {
    if hangs { LONG } else { PING_TIMEOUT }
}

/// Whether the next caller may have it: it answers, and is within no
/// transaction. The driver forgets a BEGIN whose caller gave up before it was
/// answered, and looks at what the server says of transactions only after a
/// BEGIN: one that is empty asks the server and changes nothing.
async fn is_free(connection: &mut PgConnection, patience: Duration) -> Result<bool, SqlxError> {
    match within(patience, connection.begin_with("")).await {
        Err(SqlxError::BeginFailed) => Ok(true),
        Ok(_) | Err(SqlxError::InvalidSavePointStatement) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Asks for a sign of life.
pub(crate) async fn bounded_ping(connection: &mut PgConnection) -> Result<(), SqlxError> {
    within(PING_TIMEOUT, connection.ping()).await
}

async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, SqlxError>>,
) -> Result<T, SqlxError> {
    timeout(patience, answer)
        .await
        .map_err(|_| SqlxError::Io(std::io::ErrorKind::TimedOut.into()))?
}

/// Makes the database where it is absent.
pub(crate) async fn ensure_database(options: &PgConnectOptions) -> Result<()> {
    match PgConnection::connect_with(options).await {
        Ok(connection) => {
            connection.close().await?;
            return Ok(());
        }
        Err(error) if code_of(&error).as_deref() == Some("3D000") => {}
        Err(error) => return Err(error.into()),
    }
    let name = options
        .get_database()
        .unwrap_or_default()
        .replace('"', "\"\"");
    let mut server = PgConnection::connect_with(&options.clone().database("postgres")).await?;
    // Text compares by bytes, as it does on SQLite, so that lists and keyset
    // cursors have one order. Where the C.UTF-8 locale is unknown, plain C
    // compares the same and only folds the case of fewer letters.
    for ctype in ["C.UTF-8", "C"] {
        let sql = format!(
            "CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' \
             LC_COLLATE 'C' LC_CTYPE '{ctype}'"
        );
        let created = server.execute(AssertSqlSafe(sql)).await;
        match created.as_ref().map_err(code_of) {
            Ok(_) => break,
            // Another process was faster.
            Err(Some(code)) if code == "42P04" || code == "23505" => break,
            Err(Some(code)) if code == "22023" && ctype != "C" => {}
            Err(_) => return Ok(created.map(|_| ())?),
        }
    }
    Ok(server.close().await?)
}

/// The SQLSTATE of an error that the server told.
pub(crate) fn code_of(error: &SqlxError) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}
