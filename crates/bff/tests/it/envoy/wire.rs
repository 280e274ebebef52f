//! Raw HTTP/1.1: hostile requests leave as they are written.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(20);

/// What came back; status 0 where nothing did.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// The connection ended before the body did.
    pub(super) broken: bool,
}

impl Answer {
    pub(super) fn header(&self, wanted: &str) -> &str {
        let found = self.headers.iter().find(|(name, _)| name == wanted);
        found.map_or("", |(_, value)| value)
    }

    /// The media type, without parameters.
    pub(super) fn media_type(&self) -> &str {
        let whole = self.header("content-type");
        whole.split(';').next().unwrap_or_default().trim()
    }
}

/// Sends a request on a connection of its own and reads until it ends.
pub(super) async fn send(address: SocketAddr, request: &[u8]) -> Answer {
    let mut bytes = Vec::new();
    let exchange = async {
        let mut socket = TcpStream::connect(address).await?;
        // A server that has seen enough may close before all of it is sent.
        let _ = socket.write_all(request).await;
        socket.read_to_end(&mut bytes).await
    };
    let done = tokio::time::timeout(PATIENCE, exchange).await;
    let ended = done.expect("an answer within the time");
    let mut answer = parse(&bytes);
    answer.broken |= ended.is_err();
    answer
}

fn parse(bytes: &[u8]) -> Answer {
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
        return Answer::default();
    };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let status = status.and_then(|text| text.parse().ok()).unwrap_or(0);
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer {
        status,
        headers,
        body: bytes[end + 4..].to_vec(),
        broken: false,
    };
    if answer.header("transfer-encoding") == "chunked" {
        let whole = chunks(&answer.body);
        answer.broken = whole.is_none();
        answer.body = whole.unwrap_or_default();
    }
    answer
}

fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let line = memchr::memmem::find(rest, b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?;
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(out);
        }
        let start = line + 2;
        out.extend_from_slice(rest.get(start..start + size)?);
        rest = rest.get(start + size + 2..)?;
    }
}
