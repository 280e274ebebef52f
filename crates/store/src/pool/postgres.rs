use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use sea_orm::{SqlxError, SqlxPostgresConnector};

use super::{Pool, Pools};
use crate::config::Bounds;
use crate::presence::{self, Presence};
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
    let presence = Presence::watch(base, service, Arc::new(pools));
    presence.with_readers(&read, service);
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
    let connections = pool_options(max, acquire).connect_lazy_with(options);
    Pool::new(
        SqlxPostgresConnector::from_sqlx_postgres_pool(connections),
        max,
        Some(server),
        acquire,
    )
}

fn pool_options(max_connections: u32, acquire: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(acquire)
        .idle_timeout(Duration::from_secs(60))
        .max_lifetime(Duration::from_secs(30 * 60))
        .test_before_acquire(false)
        .before_acquire(|connection, used| {
            Box::pin(async move {
                if used.idle_for >= FRESH {
                    bounded_ping(connection).await?;
                }
                Ok(true)
            })
        })
        // The driver pings on release without a bound; ours closes a
        // connection whose peer fell silent, so that its place is free again.
        .after_release(|connection, _| {
            Box::pin(async move {
                bounded_ping(connection).await?;
                Ok(!connection.is_in_transaction())
            })
        })
}

/// Asks for a sign of life.
pub(crate) async fn bounded_ping(connection: &mut PgConnection) -> Result<(), SqlxError> {
    tokio::time::timeout(PING_TIMEOUT, connection.ping())
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
