//! Where connections come from: the system's sockets, unless somebody brings
//! a network of their own.
//!
//! What is above, from the first byte of HTTP/2 or of the TLS handshake, is the
//! same either way, so that a simulated network meets all of it.

use std::{fmt, future::Future, io, net::SocketAddr};

use futures::future::BoxFuture;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};

/// A connection, whatever carries it.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Io for T {}

/// Opens connections in place of the system's sockets.
pub trait Connect: fmt::Debug + Send + Sync + 'static {
    /// A connection to `host:port`. It is given up when it takes longer than
    /// the target's `connect_timeout_ms`.
    fn connect<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Box<dyn Io>>>;
}

/// Takes in the connections that a server answers.
pub trait Listen: Send + 'static {
    /// What carries one.
    type Io: Io;

    /// The next connection, and the address of its other end.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Io, SocketAddr)>> + Send;

    /// Where it listens; an error if it cannot be used.
    fn local_addr(&self) -> io::Result<SocketAddr>;
}

impl Listen for TcpListener {
    type Io = tokio::net::TcpStream;

    async fn accept(&mut self) -> io::Result<(Self::Io, SocketAddr)> {
        let (stream, address) = Self::accept(self).await?;
        // Answers are small and awaited: never hold one back to fill a packet.
        // It fails only for a connection that is gone already.
        let gone = |error| io::Error::new(io::ErrorKind::ConnectionAborted, error);
        stream.set_nodelay(true).map_err(gone)?;
        Ok((stream, address))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Self::local_addr(self)
    }
}
