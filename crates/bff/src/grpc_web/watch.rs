//! A stream that several callers watch, as one of them sees it by gRPC-web.

use std::convert::Infallible;
use std::time::Duration;

use futures::StreamExt as _;
use http::Response;
use http_body::Frame;
use http_body_util::StreamBody;
use tonic::body::Body;

use super::forward::GrpcResponse;
use crate::app::App;
use crate::deadline;
use crate::problem::Problem;
use crate::route::Route;
use crate::stream::{Ask, End, Next, trailers};

/// Watches what is asked for and answers with its messages as they are.
pub(super) async fn answer(
    app: &App,
    route: &'static Route,
    ask: Ask,
    limit: Duration,
) -> Result<GrpcResponse, Problem> {
    let mut watcher = app.watches.join(ask)?;
    let opened = tokio::time::timeout(limit, watcher.opened()).await;
    let (head, body) = match opened.map_err(|_| deadline::over())? {
        Err(End::Told(refusal)) => (refusal, Body::empty()),
        Err(End::Broken(status)) => return Err(Problem::from_answer(&status, route)),
        Ok(head) => {
            let frames = futures::stream::unfold(Some(watcher), move |watcher| async move {
                let mut watcher = watcher?;
                let (frame, watcher) = match watcher.next().await {
                    Next::Message(message) => (Frame::data(message.into_bytes()), Some(watcher)),
                    Next::End(end) => (Frame::trailers(ended(end, route)), None),
                };
                Some((Ok::<_, Infallible>(frame), watcher))
            });
            // Bodies are polled past their end: tonic-web does, after the trailers.
            (head, Body::new(StreamBody::new(frames.fuse())))
        }
    };
    let mut response = Response::new(body);
    *response.headers_mut() = head;
    Ok(response)
}

/// What the answer ends with.
fn ended(end: End, route: &Route) -> http::HeaderMap {
    match end {
        End::Told(trailers) => trailers,
        End::Broken(status) => trailers(&Problem::from_answer(&status, route)),
    }
}
