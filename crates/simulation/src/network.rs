//! The simulated network, as the mesh connects and listens over it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use covergen_mesh::{Connect, Io, Listen};
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil::net::{TcpListener, TcpStream};

use crate::world::World;

/// Bytes after which a connection that is to break breaks, at most: a few calls.
const LONGEST_LIFE_BYTES: usize = 4_000;

/// Connects over the simulated network.
#[derive(Debug)]
pub(crate) struct Network(pub(crate) World);

impl Connect for Network {
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Box<dyn Io>>> {
        Box::pin(async move {
            let stream = TcpStream::connect((host, port)).await?;
            let breaks = self.0.is_faulty() && rand::random_bool(self.0.plan().resets);
            let left = breaks.then(|| rand::random_range(0..LONGEST_LIFE_BYTES));
            let fragile: Box<dyn Io> = Box::new(Fragile { stream, left });
            Ok(fragile)
        })
    }
}

/// A connection that may break in the middle of what it carries.
struct Fragile {
    stream: TcpStream,
    left: Option<usize>,
}

impl AsyncRead for Fragile {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Fragile {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let most = self.left.unwrap_or(bytes.len()).min(bytes.len());
        if most == 0 && !bytes.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, &bytes[..most]);
        if let (Some(left), Poll::Ready(Ok(count))) = (&mut self.left, &written) {
            *left -= count;
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Listens on the simulated network.
pub(crate) struct Listener(pub(crate) TcpListener);

impl Listen for Listener {
    type Io = TcpStream;

    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        self.0.accept().await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}
