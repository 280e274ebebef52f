//! Answers of public reads, kept for the time that their service gives none.
//!
//! A gallery from a minute ago is better than none. Only what the contract
//! says is the same for everybody is kept: public methods whose answers any
//! cache may hold, whatever headers come with the question. A policy names the
//! methods that may be answered so, by `fallback: last-known`; until a breaker
//! opens, every call is made.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use covergen_bff::{Route, Surface};
use covergen_mesh::{Channel, Fallback, FallbackCall};
use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use tonic::Status;
use tonic::body::Body;
use tower::Service as _;

/// Questions kept, the first asked making room for the last.
const MAX_ENTRIES: usize = 512;
const MAX_QUESTION_BYTES: usize = 1024;
const MAX_ANSWER_BYTES: usize = 128 * 1024;
/// Before a message: whether it is compressed, and its length.
const PREFIX_BYTES: usize = 5;

/// The last answers of one BFF. Clones share them.
#[derive(Clone)]
pub struct LastKnown(Arc<Shared>);

struct Shared {
    methods: BTreeSet<&'static str>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    answers: HashMap<Question, Bytes>,
    order: VecDeque<Question>,
}

/// A method and the encoded message.
type Question = (String, Bytes);

impl LastKnown {
    /// For the routes of a surface whose answers are everybody's.
    #[must_use]
    pub fn new(surface: &Surface) -> Self {
        let routes = surface.bindings.iter().map(|binding| binding.route);
        let methods = routes.filter(|route| is_everybodys(route));
        Self(Arc::new(Shared {
            methods: methods.map(|route| route.grpc_path).collect(),
            kept: Mutex::default(),
        }))
    }

    /// Makes a call, and keeps its answer if it may be given to others.
    pub(crate) fn call(
        &self,
        mut channel: Channel,
        request: Request<Body>,
    ) -> BoxFuture<'static, Result<Response<Body>, Status>> {
        if !self.0.methods.contains(request.uri().path()) {
            return channel.call(request);
        }
        let known = self.clone();
        Box::pin(async move { known.watched(channel, request).await })
    }

    async fn watched(
        &self,
        mut channel: Channel,
        request: Request<Body>,
    ) -> Result<Response<Body>, Status> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let (question, body) = whole(body).await?.split();
        let response = channel.call(Request::from_parts(head, body)).await?;
        let (head, body) = response.into_parts();
        let answered = whole(body).await?;
        let is_success = is_success(answered.trailers.as_ref().unwrap_or(&head.headers));
        let (answer, body) = answered.split();
        if let (true, Some(question), Some(answer)) = (is_success, question, answer) {
            self.keep((path, question), answer);
        }
        Ok(Response::from_parts(head, body))
    }

    fn keep(&self, question: Question, answer: Bytes) {
        if question.1.len() > MAX_QUESTION_BYTES || answer.len() > MAX_ANSWER_BYTES {
            return;
        }
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { answers, order } = &mut *kept;
        if answers.insert(question.clone(), answer).is_none() {
            order.push_back(question);
        }
        if order.len() > MAX_ENTRIES
            && let Some(first) = order.pop_front()
        {
            answers.remove(&first);
        }
    }
}

impl Fallback for LastKnown {
    fn answer<'a>(&'a self, call: &'a FallbackCall<'a>) -> BoxFuture<'a, Option<Bytes>> {
        let question = (call.method.to_owned(), call.message.clone());
        let kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = kept.answers.get(&question).cloned();
        Box::pin(std::future::ready(answer))
    }
}

/// Whether anybody who asks the same is answered the same.
fn is_everybodys(route: &Route) -> bool {
    let is_shared = |cache: &covergen_bff::CachePolicy| !cache.private && cache.vary.is_empty();
    route.public && !route.streaming && route.cache.as_ref().is_some_and(is_shared)
}

fn is_success(trailers: &HeaderMap) -> bool {
    trailers
        .get("grpc-status")
        .is_some_and(|status| status == "0")
}

/// A body that has arrived.
struct Whole {
    data: Bytes,
    trailers: Option<HeaderMap>,
}

async fn whole(body: Body) -> Result<Whole, Status> {
    let collected = body.collect().await?;
    Ok(Whole {
        trailers: collected.trailers().cloned(),
        data: collected.to_bytes(),
    })
}

impl Whole {
    /// Its one message, none where that is compressed, and the body again.
    fn split(self) -> (Option<Bytes>, Body) {
        let is_plain = self.data.len() >= PREFIX_BYTES && self.data[0] == 0;
        let message = is_plain.then(|| self.data.slice(PREFIX_BYTES..));
        let trailers = self.trailers.map(Ok::<_, Infallible>);
        let body = Full::new(self.data).with_trailers(std::future::ready(trailers));
        (message, Body::new(body))
    }
}
