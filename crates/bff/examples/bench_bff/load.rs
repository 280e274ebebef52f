//! The other side of the wire: requests written once, answers checked byte by
//! byte. It does as little as it can, so that it is never what is waited for.

use std::net::SocketAddr;
use std::rc::Rc;

use anyhow::{Context as _, Result, bail, ensure};
use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// Connections at once, each with one request in flight.
const CONNECTIONS: u32 = 16;
/// Enough for a whole answer in most reads.
const READ_BYTES: usize = 32 * 1024;

/// A request as it goes over the wire.
pub(crate) fn request(method: &str, path: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n").into_bytes();
    if !content_type.is_empty() {
        let length = body.len();
        let head = format!("content-type: {content_type}\r\ncontent-length: {length}\r\n");
        bytes.extend_from_slice(head.as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// Sends `request` so many times and checks that every answer is `expected`.
pub(crate) async fn repeat(
    address: SocketAddr,
    request: &[u8],
    expected: &[u8],
    times: u32,
) -> Result<()> {
    let (request, expected): (Rc<[u8]>, Rc<[u8]>) = (request.into(), expected.into());
    let set = LocalSet::new();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (request, expected) = (request.clone(), expected.clone());
            set.spawn_local(async move {
                let mut connection = Connection::open(address).await?;
                for _ in 0..times / CONNECTIONS {
                    let answer = connection.exchange(&request).await?;
                    ensure!(*answer == *expected, "another answer came");
                }
                anyhow::Ok(())
            })
        })
        .collect();
    set.run_until(async {
        for task in tasks {
            task.await??;
        }
        Ok(())
    })
    .await
}

/// One connection that is kept.
pub(crate) struct Connection {
    socket: TcpStream,
    buffer: Vec<u8>,
    body: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            buffer: Vec::with_capacity(READ_BYTES),
            body: Vec::new(),
        })
    }

    /// The socket, for a caller who reads an endless answer himself.
    pub(crate) fn into_socket(self) -> TcpStream {
        self.socket
    }

    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<()> {
        Ok(self.socket.write_all(request).await?)
    }

    /// The body of the answer to `request`, which must be a 200.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.send(request).await?;
        self.buffer.clear();
        self.body.clear();
        let head = loop {
            self.read().await?;
            if let Some(at) = memmem::find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
        };
        match framing(&self.buffer[..head])? {
            Framing::Length(length) => {
                while self.buffer.len() < head + length {
                    self.read().await?;
                }
                self.body.extend_from_slice(&self.buffer[head..]);
            }
            Framing::Chunks => self.chunks(head).await?,
        }
        Ok(&self.body)
    }

    async fn chunks(&mut self, mut at: usize) -> Result<()> {
        loop {
            let Some(line) = memmem::find(&self.buffer[at..], b"\r\n") else {
                self.read().await?;
                continue;
            };
            let size = std::str::from_utf8(&self.buffer[at..at + line])?;
            let size = usize::from_str_radix(size, 16)?;
            let start = at + line + 2;
            while self.buffer.len() < start + size + 2 {
                self.read().await?;
            }
            if size == 0 {
                return Ok(());
            }
            self.body
                .extend_from_slice(&self.buffer[start..start + size]);
            at = start + size + 2;
        }
    }

    async fn read(&mut self) -> Result<()> {
        self.buffer.reserve(READ_BYTES);
        let read = self.socket.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "the connection ended early");
        Ok(())
    }
}

/// How the end of a body is known.
enum Framing {
    Length(usize),
    Chunks,
}

fn framing(head: &[u8]) -> Result<Framing> {
    let head = std::str::from_utf8(head).context("a head that is no text")?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    for line in head.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            return Ok(Framing::Length(value.trim().parse()?));
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Ok(Framing::Chunks);
        }
    }
    bail!("a body without an end: {head}")
}
