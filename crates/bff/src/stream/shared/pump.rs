//! From the service into the log.

use std::time::Duration;

use covergen_grpc::{of_http, post, read_status, refusal, sanitize};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio::sync::watch;
use tonic::Status;
use tonic::body::Body;

use super::Ask;
use super::frames::Frames;
use super::log::{End, Log};
use crate::backend::Backend;

/// How often watchers of a stream on which nothing happens are asked about
/// again.
const RECHECK: Duration = Duration::from_secs(10);

/// The call that opens the stream, in the name of who asks first.
pub(super) fn call(ask: &Ask) -> Request<Body> {
    post(ask.path, ask.headers.clone(), ask.message.clone())
}

/// Opens the stream and writes down what comes of it, until its end.
pub(super) async fn run(backend: Backend, call: Request<Body>, log: watch::Sender<Log>) {
    let end = relay(backend, call, &log).await;
    log.send_modify(|log| log.end(end));
}

async fn relay(backend: Backend, call: Request<Body>, log: &watch::Sender<Log>) -> End {
    let (mut head, mut body) = match backend.send(call).await {
        Ok(response) => response.into_parts(),
        Err(error) => return End::Broken(refusal(error)),
    };
    if head.status != StatusCode::OK {
        return End::Broken(of_http(head.status));
    }
    // Said at once where there is nothing to stream.
    let told = read_status(&mut head.headers);
    if let Some(Err(_)) = told {
        return End::Told(head.headers);
    }
    log.send_modify(|log| log.begin(head.headers.clone()));
    if told.is_some() {
        return End::Told(head.headers);
    }
    let mut frames = Frames::default();
    loop {
        let frame = match tokio::time::timeout(RECHECK, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(status))) => return End::Broken(status),
            Ok(None) => return End::Broken(Status::internal("a stream ended without a status")),
            Err(_) => {
                // Nothing is new; but who wakes up asks whether they still may.
                log.send_modify(|_| {});
                continue;
            }
        };
        let data = match frame.into_data() {
            Ok(data) => data,
            Err(frame) => {
                let mut trailers = frame.into_trailers().unwrap_or_default();
                // They are made into a status by whoever watches.
                sanitize(&mut trailers);
                return End::Told(trailers);
            }
        };
        frames.add(&data);
        loop {
            match frames.next() {
                Ok(Some(message)) => log.send_modify(|log| log.push(message)),
                Ok(None) => break,
                Err(status) => return End::Broken(status),
            }
        }
    }
}
