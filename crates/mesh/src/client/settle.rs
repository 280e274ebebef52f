//! Reads answers to their status.

use bytes::Bytes;
use covergen_grpc::{of_http, read_status, sanitize, with_headers};
use http::{Response, StatusCode};
use http_body::Frame;
use tonic::{Status, body::Body};

use super::Call;
use crate::{
    body::{BodyWatch, OnCut, watch},
    hop::{Failure, Hop},
    server::Reply,
    transport::from_body,
};

/// Turns every answer other than OK into a failure, wherever its status
/// stands: in the headers of an answer without a body, or in the trailers.
///
/// For a unary call that means reading it whole, so that the layers above can
/// judge it and let go of it. A stream is judged by how it begins.
pub(crate) struct Settle<H> {
    inner: H,
}

impl<H> Settle<H> {
    pub(crate) fn new(inner: H) -> Self {
        Self { inner }
    }
}

impl<H: Hop<Call, Answer = Reply, Failure = Failure>> Hop<Call> for Settle<H> {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
        let is_unary = call.method.is_unary();
        let mut reply = self.inner.call(call).await?;
        match read_status(reply.response.headers_mut()) {
            None => {}
            Some(Ok(())) => return Ok(reply.into_response()),
            Some(Err(status)) => return Err(Failure::sent(status)),
        }
        let status = reply.response.status();
        if status != StatusCode::OK {
            return Err(Failure::sent(of_http(status)));
        }
        if is_unary {
            settle_unary(reply).await
        } else {
            let response = reply.into_response();
            Ok(response.map(|body| watch(body, CleanTrailers, OnCut::Trailers)))
        }
    }
}

async fn settle_unary(reply: Reply) -> Result<Response<Body>, Failure> {
    let whole = reply.collect().await.map_err(from_body)?;
    let Some(mut trailers) = whole.trailers else {
        let status = Status::internal("the answer ended without a status");
        return Err(Failure::sent(status));
    };
    match read_status(&mut trailers) {
        Some(Ok(())) => {
            let body = whole.held.into_body_with(trailers);
            Ok(whole.head.map(|()| body))
        }
        Some(Err(status)) => Err(Failure::sent(with_headers(&status, whole.head.headers()))),
        None => Err(Failure::sent(Status::internal(
            "the trailers hold no status",
        ))),
    }
}

/// A stream's trailers are read by the generated client, which panics on some.
struct CleanTrailers;

impl BodyWatch for CleanTrailers {
    fn frame(&mut self, frame: &mut Frame<Bytes>) -> Result<(), Status> {
        if let Some(trailers) = frame.trailers_mut() {
            sanitize(trailers);
        }
        Ok(())
    }
}
