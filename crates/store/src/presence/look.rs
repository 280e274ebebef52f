//! A look at a server, and at what it does.

use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use sea_orm::SqlxError;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{Connection, PgPool, query, query_as};
use tokio::time::timeout;

use super::traffic::{LONG, Working};
use crate::pool::postgres::bounded_ping;

/// Longest wait for one: as long as a connection that is in use is given.
pub(super) const LOOK_TIMEOUT: Duration = Duration::from_secs(3);
/// Idle connections of each pool that are asked in one look.
const MOST_ASKED: usize = 2;

/// What the driver says, among other things, where the other end hangs up
/// instead of saying whether it speaks TLS: it takes the byte that did not come
/// for a zero, which no server sends.
const HUNG_UP: &str = "unexpected response from SSLRequest: 0x00";

/// What sessions do that have something to do, and for how long already.
const WORKING: &str = "SELECT pid,
        (extract(epoch FROM clock_timestamp() - query_start) * 1000)::bigint
    FROM pg_stat_activity
    WHERE pid = ANY($1) AND state IN ('active', 'fastpath function call')";
/// Ends sessions whose statements do not reach them: what they hold is held for
/// nobody.
const END: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid = ANY($1) AND application_name = $2 AND state <> 'active'";

/// What a look found.
#[derive(Debug)]
pub(super) enum Seen {
    There,
    /// Its end says so: nobody listens there, or nobody answers.
    Away(SqlxError),
    /// What failed is on the way there, or here: it tells nothing of the server.
    Unknown(SqlxError),
}

/// What those of these sessions do that have something to do.
pub(super) async fn working(
    connection: &mut PgConnection,
    sessions: &[i32],
) -> Result<Vec<Working>, SqlxError> {
    let working = query_as::<_, (i32, i64)>(WORKING).bind(sessions);
    let working = working.fetch_all(connection).await?;
    let working = working.into_iter().map(|(session, ms)| Working {
        session,
        since: Duration::from_millis(u64::try_from(ms).unwrap_or_default()),
    });
    Ok(working.collect())
}

/// Ends these sessions of a service, but for those that work.
pub(super) async fn end(
    connection: &mut PgConnection,
    sessions: Vec<i32>,
    application: String,
) -> Result<(), SqlxError> {
    let end = query(END).bind(sessions).bind(application);
    end.execute(connection).await.map(drop)
}

/// Whether the server answers: on a connection there is, or on a new one.
pub(super) async fn look(options: &PgConnectOptions, pools: &[PgPool]) -> Seen {
    let mut asked = pin!(any_answers(pools));
    let soon = timeout(LONG, &mut asked).await;
    if matches!(soon, Ok(true)) {
        return Seen::There;
    }
    let later = async {
        match soon {
            Ok(answered) => answered,
            Err(_) => asked.await,
        }
    };
    // Whichever says so first: connections that hang take their time.
    match select(pin!(later), pin!(knock(options))).await {
        Either::Left((true, _)) | Either::Right((Ok(()), _)) => Seen::There,
        Either::Left((false, opening)) => judge(opening.await),
        Either::Right((opened, later)) => {
            if later.await {
                Seen::There
            } else {
                judge(opened)
            }
        }
    }
}

/// Whether any of the idle connections is answered. Those in use tell by
/// themselves what becomes of them.
async fn any_answers(pools: &[PgPool]) -> bool {
    let idle = pools
        .iter()
        .flat_map(|pool| std::iter::from_fn(|| pool.try_acquire()).take(MOST_ASKED));
    let mut asked: FuturesUnordered<_> = idle
        .map(|mut connection| async move { bounded_ping(&mut connection).await.is_ok() })
        .collect();
    while let Some(answered) = asked.next().await {
        if answered {
            return true;
        }
    }
    false
}

/// Opens a connection, and closes it.
async fn knock(options: &PgConnectOptions) -> Result<(), SqlxError> {
    let opened = timeout(LOOK_TIMEOUT, PgConnection::connect_with(options)).await;
    let connection = opened.unwrap_or_else(|_| Err(io::Error::from(ErrorKind::TimedOut).into()))?;
    // It was answered, whatever comes of taking leave.
    let _ = timeout(LOOK_TIMEOUT, connection.close()).await;
    Ok(())
}

/// What it tells of the server that a connection could be had, or not. A server
/// that refuses one for reasons of its own, as when it has no more to give, is
/// there. A name that is not found, no file descriptor left in this process or a
/// certificate that does not hold tell nothing.
fn judge(opened: Result<(), SqlxError>) -> Seen {
    match opened {
        Ok(()) => Seen::There,
        Err(SqlxError::Database(said)) if is_going(said.code().as_deref()) => {
            Seen::Away(SqlxError::Database(said))
        }
        Err(SqlxError::Database(_)) => Seen::There,
        Err(SqlxError::Protocol(said)) if said.contains(HUNG_UP) => {
            Seen::Away(SqlxError::Protocol(said))
        }
        Err(SqlxError::Io(error)) if is_of_the_other_end(&error) => {
            Seen::Away(SqlxError::Io(error))
        }
        Err(error) => Seen::Unknown(error),
    }
}

/// Shutting down, or still starting (PostgreSQL manual, appendix A).
fn is_going(code: Option<&str>) -> bool {
    matches!(code, Some("57P01" | "57P02" | "57P03"))
}

/// Whether it is the other end that is missing.
fn is_of_the_other_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::HostUnreachable
            | ErrorKind::TimedOut
            // A server takes the file of its socket along.
            | ErrorKind::NotFound
    )
}

#[cfg(test)]
mod tests {
    use sea_orm::sqlx::postgres::PgSslMode;
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;

    fn of(kind: ErrorKind) -> SqlxError {
        io::Error::from(kind).into()
    }

    #[test]
    fn only_what_comes_of_the_server_says_that_it_is_away() {
        for kind in [
            ErrorKind::ConnectionRefused,
            ErrorKind::ConnectionReset,
            ErrorKind::UnexpectedEof,
            ErrorKind::TimedOut,
        ] {
            let seen = judge(Err(of(kind)));
            assert!(matches!(seen, Seen::Away(_)), "{seen:?}");
        }
        const EMFILE: i32 = 24;
        for error in [
            io::Error::from_raw_os_error(EMFILE).into(),
            io::Error::other("failed to lookup address information").into(),
            SqlxError::Tls("certificate has expired".into()),
            SqlxError::Protocol("what is this".to_owned()),
            SqlxError::Protocol("unexpected response from SSLRequest: 0x48".to_owned()),
        ] {
            let seen = judge(Err(error));
            assert!(matches!(seen, Seen::Unknown(_)), "{seen:?}");
        }
        assert!(matches!(judge(Ok(())), Seen::There));
    }

    /// As the driver tells it, which adds where in itself it noticed.
    #[tokio::test]
    async fn who_hangs_up_before_the_first_answer_is_away() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let options = PgConnectOptions::new()
            .host("127.0.0.1")
            .port(listener.local_addr().unwrap().port())
            .ssl_mode(PgSslMode::Prefer);
        let hangs_up = async {
            let (mut peer, _) = listener.accept().await.unwrap();
            // What was asked is read, or hanging up would be a reset.
            let mut asked = [0; 8];
            peer.read_exact(&mut asked).await.unwrap();
        };
        let (opened, ()) = tokio::join!(knock(&options), hangs_up);
        let seen = judge(opened);
        assert!(
            matches!(seen, Seen::Away(SqlxError::Protocol(_))),
            "{seen:?}"
        );
    }
}
