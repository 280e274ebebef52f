//! Streams of messages: Server-Sent Events, newline-delimited JSON, or the
//! frames of a WebSocket.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use tonic::Status;

use super::Messages;
use crate::accept;
use crate::call::Call;
use crate::json::{Projection, Writer};
use crate::problem::Problem;
use crate::route::Route;

/// How messages of a stream are framed where the caller does not choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frames {
    /// `text/event-stream`.
    Events,
    /// `application/x-ndjson`.
    Lines,
}

/// One stream on its way to the caller.
pub(super) struct Flow<T> {
    stream: Messages<T>,
    write: fn(&mut Writer, &T),
    id: fn(&T) -> Option<String>,
    frames: Frames,
    sequence: u64,
    keepalive: Duration,
    projection: Option<Projection>,
    route: &'static Route,
    request_id: String,
    ended: bool,
}

impl Call {
    /// Answers with a stream of messages, framed as the caller accepts it.
    ///
    /// Each event's id is what `id` finds in the message, else its number in
    /// this stream. A stream that fails ends with an `error` event (or an
    /// `{"error": …}` line) that holds the problem. A caller who asked for a
    /// WebSocket gets one.
    ///
    /// # Errors
    /// 406 when the caller accepts neither framing.
    pub fn answer_events<T>(
        mut self,
        stream: Messages<T>,
        by_default: Frames,
        write: fn(&mut Writer, &T),
        id: fn(&T) -> Option<String>,
    ) -> Result<Response, Problem>
    where
        T: prost::Message + Default + 'static,
    {
        let socket = self.socket.take();
        let frames = match &socket {
            Some(_) => by_default,
            None => accept::frames(&self.headers, by_default)?,
        };
        let flow = Flow {
            stream,
            write,
            id,
            frames,
            sequence: 0,
            keepalive: Duration::from_secs(self.app.config.keepalive_seconds.max(1)),
            projection: self.projection.take(),
            route: self.route(),
            request_id: self.edge.request_id.to_string(),
            ended: false,
        };
        if let Some(socket) = socket {
            return Ok(socket.run(flow));
        }
        // Fused, since some readers poll a body past its end.
        let events = futures::StreamExt::fuse(futures::stream::unfold(flow, Flow::next));
        let body = Body::from_stream(events);
        let mut response = self.head(StatusCode::OK, body);
        let content_type = match frames {
            Frames::Events => "text/event-stream",
            Frames::Lines => "application/x-ndjson",
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        // Some proxies hold a response back until it is whole unless told not to.
        headers.insert(
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        );
        Ok(response)
    }
}

impl<T: prost::Message + Default + 'static> Flow<T> {
    /// The next frame; none once the stream has ended.
    async fn next(mut self) -> Option<(Result<Bytes, std::convert::Infallible>, Self)> {
        if self.ended {
            return None;
        }
        let message = if self.frames == Frames::Events {
            match tokio::time::timeout(self.keepalive, self.stream.message()).await {
                Ok(message) => message,
                Err(_) => return Some((Ok(Bytes::from_static(b": keepalive\n\n")), self)),
            }
        } else {
            self.stream.message().await
        };
        let frame = match message {
            Ok(Some(message)) => self.frame(&message),
            Ok(None) => return None,
            Err(status) => {
                self.ended = true;
                self.error_frame(&self.problem(&status))
            }
        };
        Some((Ok(frame), self))
    }

    /// The next message; none at a good end.
    pub(super) async fn message(&mut self) -> Result<Option<T>, Status> {
        self.stream.message().await
    }

    /// A message as JSON.
    pub(super) fn json(&self, message: &T) -> Vec<u8> {
        let mut writer = Writer::projecting(self.projection.clone(), Vec::new());
        (self.write)(&mut writer, message);
        writer.into_bytes()
    }

    /// What a failed stream ends with.
    pub(super) fn problem(&self, status: &Status) -> Problem {
        Problem::from_answer(status, self.route).with_request_id(&self.request_id)
    }

    fn frame(&mut self, message: &T) -> Bytes {
        self.sequence += 1;
        let json = self.json(message);
        let mut out = Vec::with_capacity(json.len() + 32);
        if self.frames == Frames::Events {
            let id = (self.id)(message).filter(|id| is_event_id(id));
            let id = id.unwrap_or_else(|| self.sequence.to_string());
            out.extend_from_slice(format!("id: {id}\ndata: ").as_bytes());
            out.extend_from_slice(&json);
            out.extend_from_slice(b"\n\n");
        } else {
            out.extend_from_slice(&json);
            out.push(b'\n');
        }
        out.into()
    }

    fn error_frame(&self, problem: &Problem) -> Bytes {
        let json = problem.to_json();
        let (before, after): (&[u8], &[u8]) = match self.frames {
            Frames::Events => (b"event: error\ndata: ", b"\n\n"),
            Frames::Lines => (b"{\"error\":", b"}\n"),
        };
        [before, &json, after].concat().into()
    }
}

/// An id must keep to one line, and an empty one would reset the client's.
fn is_event_id(id: &str) -> bool {
    !id.is_empty() && !id.contains(['\n', '\r', '\0'])
}
