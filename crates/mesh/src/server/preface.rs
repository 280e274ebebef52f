//! The first bytes of an HTTP/2 connection, with a time limit.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// What every HTTP/2 client sends first (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Reads the preface and gives the connection back as if it had not.
///
/// The HTTP/2 library waits for it without limit, and pings only after it; so
/// a client that connects and says nothing would keep its place for ever.
pub(crate) async fn expect<IO>(mut io: IO) -> io::Result<Replayed<IO>>
where
    IO: AsyncRead + Unpin,
{
    let mut received = [0; PREFACE.len()];
    let mut filled = 0;
    while filled < PREFACE.len() {
        let read = io.read(&mut received[filled..]).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // HTTP/1 and noise are turned away at the first wrong byte.
        if received[filled..filled + read] != PREFACE[filled..filled + read] {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not an HTTP/2 connection",
            ));
        }
        filled += read;
    }
    Ok(Replayed {
        io,
        held: Bytes::from_static(PREFACE),
    })
}

/// Reads the first byte, which tells one protocol from another, and gives the
/// connection back as if it had not.
pub(crate) async fn first<IO>(mut io: IO) -> io::Result<(u8, Replayed<IO>)>
where
    IO: AsyncRead + Unpin,
{
    let first = io.read_u8().await?;
    let held = Bytes::copy_from_slice(&[first]);
    Ok((first, Replayed { io, held }))
}

/// A connection that plays what was read of it before the rest.
pub(crate) struct Replayed<IO> {
    io: IO,
    held: Bytes,
}

impl<IO: AsyncRead + Unpin> AsyncRead for Replayed<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.held.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buffer);
        }
        let played = self.held.len().min(buffer.remaining());
        buffer.put_slice(&self.held.split_to(played));
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Replayed<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_preface_is_played_again_byte_for_byte() {
        let bytes = [PREFACE.as_slice(), b"rest"].concat();
        let (byte, replayed) = first(bytes.as_slice()).await.unwrap();
        assert_eq!(byte, b'P');
        let mut prefaced = expect(replayed).await.unwrap();
        let mut played = Vec::new();
        prefaced.read_to_end(&mut played).await.unwrap();
        assert_eq!(played, bytes);
    }

    #[tokio::test]
    async fn another_protocol_is_turned_away() {
        let request: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        assert!(expect(request).await.is_err());
        let short: &[u8] = b"PRI * HT";
        assert!(expect(short).await.is_err());
    }
}
