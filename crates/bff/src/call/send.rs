//! Sending an upload on to the service, piece by piece.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use covergen_grpc::Client;
use futures::StreamExt as _;
use http_body::Frame;
use tonic::Status;

use super::Call;
use super::backend::settle;
use super::headers::answer_headers;
use crate::problem::Problem;
use crate::upload::Upload;

/// How long a transport may take to let go of an upload that is over.
const LET_GO: Duration = Duration::from_secs(1);

impl Call {
    /// Sends a header and then the file in chunks, as fast as the service
    /// takes them. When the file breaks off or turns out to be none, the
    /// stream ends with an error, never as if it were whole.
    ///
    /// # Errors
    /// What is wrong with the body, or what the backend answered.
    pub async fn send<Q, A>(
        &mut self,
        upload: Upload,
        header: Q,
        chunk: fn(Bytes) -> Q,
    ) -> Result<A, Problem>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let (limit, route) = (self.limit(), self.route());
        let source = Arc::new(tokio::sync::Mutex::new(upload.into_source()));
        let broken = Broken::default();
        let state = (Arc::clone(&source), broken.clone());
        let chunks = futures::stream::unfold(state, move |(source, broken)| async move {
            let next = source.lock().await.next().await;
            match next {
                Ok(piece) => piece.map(|piece| (chunk(piece), (source, broken))),
                Err(problem) => {
                    broken.set(problem);
                    None
                }
            }
        });
        let messages = futures::stream::once(std::future::ready(header)).chain(chunks);
        let request = self.request(messages, Some(limit));
        let guard = broken.clone();
        let backend = self.app.backend(route)?.clone();
        let mut client = Client::new(backend.wrapping(move |body| guard.watch(body)));
        let call = client.client_streaming::<Q, A>(request, route.grpc_path);
        let answered = settle(call, limit, route).await;
        if let Ok(mut source) = tokio::time::timeout(LET_GO, source.lock()).await {
            // A client that is still sending would not see the answer.
            source.drain().await;
        }
        if let Some(problem) = broken.take() {
            return Err(problem);
        }
        let (metadata, message, _) = answered?.into_parts();
        answer_headers(metadata.as_ref(), &mut self.answer_headers);
        Ok(message)
    }
}

/// Why an upload broke off, once it has.
#[derive(Clone, Default)]
struct Broken(Arc<Mutex<Option<Problem>>>);

impl Broken {
    fn set(&self, problem: Problem) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
    }

    fn take(&self) -> Option<Problem> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn is_set(&self) -> bool {
        let problem = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        problem.is_some()
    }

    fn watch(&self, body: tonic::body::Body) -> tonic::body::Body {
        tonic::body::Body::new(Guarded {
            body,
            broken: self.clone(),
        })
    }
}

/// A request body that ends with an error when its source broke off. gRPC
/// clients have no other way to say so than to reset the stream.
struct Guarded {
    body: tonic::body::Body,
    broken: Broken,
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() && self.broken.is_set() {
            // Not CANCELLED: tonic takes that for a good end.
            return Poll::Ready(Some(Err(Status::aborted("the upload broke off"))));
        }
        Poll::Ready(frame)
    }
}
