//! Runs the handler under the context of its call.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use tonic::{Status, body::Body};
use tower::Service;

use super::{Answer, Inbound, InboundData};
use crate::{CallContext, hop::Hop};

/// The innermost layer: the service's routes, the context around them and in
/// the request's extensions.
pub(crate) struct Scope<S> {
    routes: S,
}

impl<S> Scope<S> {
    pub(crate) fn new(routes: S) -> Self {
        Self { routes }
    }
}

impl<S> Hop<Inbound> for Scope<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    type Answer = Answer;
    type Failure = Status;

    async fn call(&self, inbound: Inbound) -> Result<Answer, Status> {
        let is_unary = inbound.is_unary();
        let InboundData {
            head,
            content,
            context,
            tail,
            ..
        } = *inbound;
        let mut request = Request::from_parts(head, content.into_body());
        request.extensions_mut().insert(context.clone());
        let mut routes = self.routes.clone();
        let answering = context.scope(async move {
            let Ok(()) = poll_fn(|cx| routes.poll_ready(cx)).await;
            routes.call(request).await
        });
        let Ok(mut response) = answering.await;
        if !is_unary {
            // A stream's messages are made after the handler returned.
            response = response.map(|body| Body::new(Scoped { context, body }));
        }
        Ok(Answer { response, tail })
    }
}

struct Scoped {
    context: CallContext,
    body: Body,
}

impl http_body::Body for Scoped {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let body = Pin::new(&mut this.body);
        this.context.sync_scope(|| body.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
