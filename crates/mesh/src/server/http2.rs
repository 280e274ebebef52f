//! HTTP/2 as a server speaks it, through `h2` itself (ADR 26).

use std::{future::poll_fn, sync::Arc, time::Duration};

use bytes::Bytes;
use h2::{
    PingPong, RecvStream,
    server::{Builder, Connection, SendResponse},
};
use http::{Extensions, Request};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Arrival, RpcService, ServerConfig, Told, config::millis, stream};
use crate::{
    Peer,
    body::{Content, Heard, Incoming},
    network::Io,
};

/// What a client may send unread on one stream.
const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;

/// What one stream may have waiting to be written before its body is asked
/// for more.
const SEND_BUFFER_BYTES: usize = 400 * 1024;

/// Streams that were reset here and are remembered for a second: as many as may
/// be refused meanwhile.
const MAX_RESET_STREAMS: usize = 1024;

/// Looks, within the interval of signs of life, whether there was one.
const LOOKS: u32 = 4;

/// How HTTP/2 is spoken on all connections of a server.
pub(crate) struct Http2 {
    builder: Builder,
    keepalive_interval: Duration,
    keepalive_timeout: Duration,
}

impl Http2 {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        let mut builder = Builder::new();
        builder
            .max_concurrent_streams(config.max_concurrent_streams)
            .max_local_error_reset_streams(Some(config.max_local_error_resets as usize))
            .max_pending_accept_reset_streams(config.max_pending_accept_resets as usize)
            // Whoever is answered before the end of what they send is reset, and
            // what is still under way is told from what breaks the protocol.
            .max_concurrent_reset_streams(MAX_RESET_STREAMS)
            .max_header_list_size(config.header_list_bytes)
            .max_send_buffer_size(SEND_BUFFER_BYTES)
            .initial_window_size(STREAM_WINDOW_BYTES)
            // No smaller than all streams' together: a handler that does not
            // read must not stop the requests of others.
            .initial_connection_window_size(
                STREAM_WINDOW_BYTES.saturating_mul(config.max_concurrent_streams.min(1024)),
            );
        Self {
            builder,
            keepalive_interval: millis(config.keepalive_interval_ms),
            keepalive_timeout: millis(config.keepalive_timeout_ms),
        }
    }

    /// Begins a conversation.
    pub(crate) async fn begin<IO: Io>(
        &self,
        io: IO,
        service: RpcService,
        peer: Peer,
        draining: Arc<CancellationToken>,
    ) -> Result<Conversation<IO>, h2::Error> {
        let mut connection = self.builder.handshake(io).await?;
        let heard = Arc::<Heard>::default();
        Ok(Conversation {
            life: Life {
                ping: connection.ping_pong(),
                heard: Arc::clone(&heard),
                interval: self.keepalive_interval,
                timeout: self.keepalive_timeout,
            },
            requests: Requests {
                connection,
                service,
                peer,
                draining,
                heard,
            },
        })
    }
}

/// A connection that has shaken hands.
pub(crate) struct Conversation<IO> {
    pub(crate) requests: Requests<IO>,
    pub(crate) life: Life,
}

/// Hands the requests of one connection to the service.
pub(crate) struct Requests<IO> {
    connection: Connection<IO, Bytes>,
    service: RpcService,
    peer: Peer,
    draining: Arc<CancellationToken>,
    heard: Arc<Heard>,
}

impl<IO: Io> Requests<IO> {
    /// Reads and writes until the connection ends. May be given up and taken
    /// up again.
    pub(crate) async fn serve(&mut self) -> Result<(), h2::Error> {
        while let Some(request) = poll_fn(|cx| self.connection.poll_accept(cx)).await {
            let (request, respond) = request?;
            self.heard.again();
            self.take(request, respond);
        }
        Ok(())
    }

    /// Tells the client to send nothing new.
    pub(crate) fn close_gracefully(&mut self) {
        self.connection.graceful_shutdown();
    }

    /// A task for each, since what runs beside may be long in computing.
    fn take(&self, request: Request<RecvStream>, respond: SendResponse<Bytes>) {
        let (mut head, stream) = request.into_parts();
        head.extensions = Extensions::new();
        head.extensions.insert(self.peer.clone());
        let incoming = Incoming::request(stream, Arc::clone(&self.heard));
        let reply = self.service.handle(Arrival {
            head,
            content: Content::Arriving(incoming),
            told: Told::default(),
            draining: Some(Arc::clone(&self.draining)),
        });
        tokio::spawn(stream::answer(reply, respond));
    }
}

/// Finds out whether a client is still there.
pub(crate) struct Life {
    ping: Option<PingPong>,
    heard: Arc<Heard>,
    interval: Duration,
    timeout: Duration,
}

impl Life {
    /// Asks for a sign of life once nothing was heard for three quarters of the
    /// interval at least and all of it at most, and returns when none comes.
    pub(crate) async fn until_silent(mut self) {
        let Some(mut ping) = self.ping.take() else {
            return std::future::pending().await;
        };
        let pause = self.interval / LOOKS;
        let mut heard = Instant::now();
        loop {
            sleep(pause).await;
            if self.heard.since_last_look() {
                heard = Instant::now();
            }
            if heard.elapsed() + pause <= self.interval {
                continue;
            }
            match timeout(self.timeout, ping.ping(h2::Ping::opaque())).await {
                Ok(Ok(_)) => heard = Instant::now(),
                Err(_) => return,
                // The connection is ending, and says itself why.
                Ok(Err(_)) => return std::future::pending().await,
            }
        }
    }
}
