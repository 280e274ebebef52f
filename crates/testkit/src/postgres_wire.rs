//! Just enough of PostgreSQL's protocol to run one statement: start-up, trust
//! authentication and a simple query
//! (<https://www.postgresql.org/docs/current/protocol.html>).

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const PROTOCOL_3_0: u32 = 196_608;

/// Where a server listens and as whom to log in, from its address
/// `postgres://user@host:port/database`.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) user: String,
    pub(crate) address: String,
}

impl Target {
    /// Reads an address.
    ///
    /// # Panics
    /// When it is not one; addresses come from the test run itself.
    pub(crate) fn parse(url: &str) -> Self {
        let rest = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
            .unwrap_or_else(|| panic!("{url} does not start with postgres://"));
        let (user, rest) = rest.split_once('@').unwrap_or(("postgres", rest));
        let address = rest.split('/').next().unwrap_or_default();
        Self {
            user: user.to_owned(),
            address: if address.contains(':') {
                address.to_owned()
            } else {
                format!("{address}:5432")
            },
        }
    }

    /// The address of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://{}@{}/{database}", self.user, self.address)
    }
}

/// Runs one statement in the database `postgres`.
pub(crate) fn execute(target: &Target, sql: &str) -> io::Result<()> {
    execute_all(target, &[sql])
}

/// Runs statements one after the other in one session.
pub(crate) fn execute_all(target: &Target, statements: &[&str]) -> io::Result<()> {
    execute_in(target, "postgres", statements)
}

/// The same in another database.
pub(crate) fn execute_in(target: &Target, database: &str, statements: &[&str]) -> io::Result<()> {
    let mut stream = TcpStream::connect(&target.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut hello = PROTOCOL_3_0.to_be_bytes().to_vec();
    for part in ["user", &target.user, "database", database, ""] {
        hello.extend_from_slice(part.as_bytes());
        hello.push(0);
    }
    send(&mut stream, None, &hello)?;
    until_ready(&mut stream)?;
    for sql in statements {
        let mut query = sql.as_bytes().to_vec();
        query.push(0);
        send(&mut stream, Some(b'Q'), &query)?;
        until_ready(&mut stream)?;
    }
    send(&mut stream, Some(b'X'), &[])
}

fn send(stream: &mut TcpStream, kind: Option<u8>, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
    let mut message: Vec<u8> = kind.into_iter().collect();
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(body);
    stream.write_all(&message)
}

/// Reads until the server is ready for the next statement; the first error
/// it reported on the way is the result.
fn until_ready(stream: &mut TcpStream) -> io::Result<()> {
    let mut result = Ok(());
    loop {
        let mut head = [0; 5];
        // After a fatal error the server hangs up without getting ready.
        if let Err(error) = stream.read_exact(&mut head) {
            return result.and(Err(error));
        }
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let mut body = vec![0; length.saturating_sub(4)];
        stream.read_exact(&mut body)?;
        match head[0] {
            b'Z' => return result,
            b'E' => {
                let text = String::from_utf8_lossy(&body).replace('\0', " ");
                result = result.and(Err(io::Error::other(text)));
            }
            b'R' if body != [0, 0, 0, 0] => {
                return Err(io::Error::other("the server does not trust local users"));
            }
            _ => {}
        }
    }
}
