//! Streams of messages over a WebSocket (RFC 6455).

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts as _;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use http::header::{ORIGIN, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, interval_at, timeout};
use tokio_util::sync::CancellationToken;
use tonic::Code;

use super::events::Flow;
use crate::app::App;
use crate::gate::CredentialSource;
use crate::problem::Problem;
use crate::route::Binding;

/// Largest message taken from a client, in bytes: it has nothing to say but
/// that it goes.
const MAX_INCOMING_BYTES: usize = 4 * 1024;
/// How long a client may take to read a message, or to answer a close.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a client may take over the close of a server that shuts down, which
/// has little time for all of them.
const LAST_WORDS: Duration = Duration::from_secs(2);

const GOOD: u16 = 1000;
const GOING_AWAY: u16 = 1001;
const UNSUPPORTED: u16 = 1003;
const FAILED: u16 = 1011;

/// The way to a WebSocket that a request asked for.
pub(crate) struct Socket {
    upgrade: WebSocketUpgrade,
    /// Held as long as the connection is open.
    place: OwnedSemaphorePermit,
    ping_every: Duration,
    /// Told when the server shuts down.
    closing: CancellationToken,
}

impl Socket {
    /// Whether a request on a stream of messages asks for one. Elsewhere the
    /// wish is ignored, as HTTP has it.
    ///
    /// # Errors
    /// When it asks wrongly, from a foreign page, or there are too many.
    pub(crate) async fn of(
        app: &App,
        binding: &Binding,
        parts: &mut Parts,
        source: Option<CredentialSource>,
    ) -> Result<Option<Self>, Problem> {
        let is_stream = binding.route.streaming && binding.answer.is_some();
        if !is_stream || parts.method != Method::GET || !is_asked_for(parts) {
            return Ok(None);
        }
        // A browser lets any page open a socket, and sends cookies along.
        if source == Some(CredentialSource::Cookie) {
            app.sealer.require_origin(&parts.headers)?;
        }
        let version = parts.headers.get(SEC_WEBSOCKET_VERSION);
        if version.is_none_or(|version| version != "13") {
            return Err(
                refused("This server speaks version 13 of the WebSocket protocol.")
                    .with_status(StatusCode::UPGRADE_REQUIRED)
                    .with_header("sec-websocket-version", HeaderValue::from_static("13")),
            );
        }
        let upgrade = WebSocketUpgrade::from_request_parts(parts, &())
            .await
            .map_err(|rejection| refused(rejection.body_text()))?;
        let place = Arc::clone(&app.sockets)
            .try_acquire_owned()
            .map_err(|_| crowded())?;
        Ok(Some(Self {
            upgrade: upgrade
                .max_message_size(MAX_INCOMING_BYTES)
                .max_frame_size(MAX_INCOMING_BYTES),
            place,
            ping_every: Duration::from_secs(app.config.keepalive_seconds.max(1)),
            closing: app.closing.clone(),
        }))
    }

    /// Places for so many sockets at once.
    pub(crate) fn places(most: usize) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(Self::most(most) as usize))
    }

    /// So many places there are when that many are wanted.
    pub(crate) fn most(wanted: usize) -> u32 {
        u32::try_from(wanted.min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX)
    }

    /// Answers the request; the stream flows once the connection is there.
    pub(super) fn run<T: prost::Message + Default + 'static>(self, flow: Flow<T>) -> Response {
        let Self {
            upgrade,
            place,
            ping_every,
            closing,
        } = self;
        upgrade.on_upgrade(move |socket| async move {
            let mut pump = Pump {
                socket,
                silent_pings: 0,
            };
            pump.run(flow, ping_every, closing).await;
            drop(place);
        })
    }
}

/// Carries messages one way and signs of life both ways.
struct Pump {
    socket: WebSocket,
    /// Pings sent since the client was last heard.
    silent_pings: u32,
}

impl Pump {
    /// Runs until either side ends. Dropping the flow cancels the backend's
    /// call.
    async fn run<T: prost::Message + Default + 'static>(
        &mut self,
        mut flow: Flow<T>,
        ping_every: Duration,
        closing: CancellationToken,
    ) {
        let mut pings = interval_at(Instant::now() + ping_every, ping_every);
        loop {
            let step = tokio::select! {
                message = flow.message() => self.forward(&mut flow, message).await,
                incoming = self.socket.recv() => self.hear(incoming).await,
                _ = pings.tick() => self.ping().await,
                // The client opens another one, which finds a server that stays.
                () = closing.cancelled() => {
                    let gone = self.close(GOING_AWAY, "this server is going");
                    timeout(LAST_WORDS, gone).await.unwrap_or(ControlFlow::Break(()))
                }
            };
            if step.is_break() {
                return;
            }
        }
    }

    async fn forward<T>(
        &mut self,
        flow: &mut Flow<T>,
        message: Result<Option<T>, tonic::Status>,
    ) -> ControlFlow<()>
    where
        T: prost::Message + Default + 'static,
    {
        match message {
            Ok(Some(message)) => self.text(flow.json(&message)).await,
            Ok(None) => self.close(GOOD, "").await,
            Err(status) => {
                let problem = flow.problem(&status);
                let json = [b"{\"error\":", problem.to_json().as_slice(), b"}"].concat();
                self.text(json).await?;
                self.close(FAILED, problem.reason()).await
            }
        }
    }

    async fn hear(&mut self, incoming: Option<Result<Message, axum::Error>>) -> ControlFlow<()> {
        self.silent_pings = 0;
        match incoming {
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => ControlFlow::Continue(()),
            Some(Ok(Message::Text(_) | Message::Binary(_))) => {
                self.close(UNSUPPORTED, "this stream takes no messages")
                    .await
            }
            Some(Ok(Message::Close(_))) => {
                // The protocol's own code has put an answer in line, which
                // goes out when it is read on.
                let _ = timeout(PATIENCE, self.socket.recv()).await;
                ControlFlow::Break(())
            }
            Some(Err(_)) | None => ControlFlow::Break(()),
        }
    }

    async fn ping(&mut self) -> ControlFlow<()> {
        self.silent_pings += 1;
        if self.silent_pings > 2 {
            return ControlFlow::Break(());
        }
        self.send(Message::Ping(bytes::Bytes::new())).await
    }

    async fn text(&mut self, json: Vec<u8>) -> ControlFlow<()> {
        match Utf8Bytes::try_from(json) {
            Ok(text) => self.send(Message::Text(text)).await,
            Err(_) => ControlFlow::Break(()),
        }
    }

    async fn send(&mut self, message: Message) -> ControlFlow<()> {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => ControlFlow::Continue(()),
            Ok(Err(_)) | Err(_) => ControlFlow::Break(()),
        }
    }

    /// Closes, and waits for the client to do the same, so that it reads the
    /// last message before the connection goes.
    async fn close(&mut self, code: u16, reason: &str) -> ControlFlow<()> {
        // A control frame holds 125 bytes, two of them the code.
        let end = reason.floor_char_boundary(123);
        let frame = CloseFrame {
            code,
            reason: reason[..end].into(),
        };
        self.send(Message::Close(Some(frame))).await?;
        let last = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        let _ = timeout(PATIENCE, last).await;
        ControlFlow::Break(())
    }
}

fn is_asked_for(parts: &Parts) -> bool {
    let values = parts.headers.get_all(UPGRADE);
    let mut words = values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    words.any(|word| word.trim().eq_ignore_ascii_case("websocket"))
        && parts.version <= http::Version::HTTP_11
}

fn refused(detail: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem::new(Code::InvalidArgument, "WEBSOCKET_REFUSED", detail.into())
}

fn crowded() -> Problem {
    Problem::new(
        Code::Unavailable,
        "TOO_MANY_SOCKETS",
        "No more WebSockets can be opened now; read the stream as events, or try again.",
    )
    .with_retry_after(Duration::from_secs(5))
}

/// Refuses cookies without the page's own origin: browsers name it whenever
/// they open a socket.
impl crate::session::Sealer {
    fn require_origin(&self, headers: &http::HeaderMap) -> Result<(), Problem> {
        if !headers.contains_key(ORIGIN) {
            return Err(Problem::permission_denied(
                "ORIGIN_NOT_ALLOWED",
                "A session cookie opens a WebSocket from a page alone, which names its origin.",
            ));
        }
        self.check_origin(headers)
    }
}
