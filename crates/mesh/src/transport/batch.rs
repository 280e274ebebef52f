//! Writes that wait one turn for company.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose owner's other work goes first: the first write after a
/// flush is put off until the runtime has run what else is ready. Calls that
/// start at about the same time then leave in one system call, and so do the
/// headers and the message of each, which costs less than one by one
/// (`cargo xtask bench bff`). On an idle machine the turn comes at once.
pub(crate) struct Batched<T> {
    inner: T,
    // A write has waited its turn and may go.
    waited: bool,
}

impl<T> Batched<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self {
            inner,
            waited: false,
        }
    }

    fn wait_once(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.waited {
            return Poll::Ready(());
        }
        self.waited = true;
        // Goes to the end of the queue: everything that is ready runs before.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Batched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, into)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Batched<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.wait_once(cx));
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.wait_once(cx));
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        if flushed.is_ready() {
            self.waited = false;
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures::task::noop_waker;

    use super::*;

    /// Notes what reaches it, write by write.
    #[derive(Default)]
    struct Noted(Vec<Vec<u8>>);

    impl AsyncWrite for Noted {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.0.push(bytes.to_vec());
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn the_first_write_after_a_flush_waits_one_turn() {
        let waker = noop_waker();
        let mut cx = Context::from_waker(&waker);
        let mut stream = Batched::new(Noted::default());
        for round in 0..2 {
            let mut stream = Pin::new(&mut stream);
            assert!(stream.as_mut().poll_write(&mut cx, b"alone").is_pending());
            for text in [&b"in"[..], b"company"] {
                let written = stream.as_mut().poll_write(&mut cx, text);
                assert!(matches!(written, Poll::Ready(Ok(count)) if count == text.len()));
            }
            assert!(stream.as_mut().poll_flush(&mut cx).is_ready());
            assert_eq!(stream.inner.0.len(), 2 * (round + 1));
        }
    }

    #[tokio::test]
    async fn what_is_written_arrives_whole() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        let (near, mut far) = tokio::io::duplex(16);
        let sent: Vec<u8> = (0..=255).collect();
        let told = sent.clone();
        let writing = tokio::spawn(async move {
            let mut near = Batched::new(near);
            for part in told.chunks(7) {
                near.write_all(part).await.unwrap();
                near.flush().await.unwrap();
            }
            near.shutdown().await.unwrap();
        });
        let mut received = Vec::new();
        far.read_to_end(&mut received).await.unwrap();
        writing.await.unwrap();
        assert_eq!(received, sent);
    }
}
