use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Sends an empty PUT to `http://host:port` + `path` and answers the status.
pub(crate) fn put(endpoint: &str, path: &str) -> io::Result<u16> {
    let host = endpoint
        .strip_prefix("http://")
        .ok_or_else(|| io::Error::other("the endpoint starts with http://"))?
        .trim_end_matches('/');
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(
        stream,
        "PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| io::Error::other("no HTTP status"))
}
