//! Answers of public reads, kept for the time that their service gives none.
//!
//! A gallery from a minute ago is better than none. Only what the contract
//! says is the same for everybody is kept: public methods whose answers any
//! cache may hold, whatever headers come with the question. A policy names the
//! methods that may be answered so, by `fallback: last-known`; until a breaker
//! opens, every call is made. What is kept is given for an hour at most, and an
//! answer that was made of it is not kept again.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use covergen_bff::{Route, Surface};
use covergen_mesh::{Channel, FALLBACK_HEADER, Fallback, FallbackCall};
use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;
use tower::Service as _;

/// Questions kept, the first asked making room for the last.
const MAX_ENTRIES: usize = 512;
const MAX_QUESTION_BYTES: usize = 1024;
const MAX_ANSWER_BYTES: usize = 128 * 1024;
/// What is older is no answer any more.
const MAX_AGE: Duration = Duration::from_secs(3600);
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
    /// With the time at which each was answered.
    answers: HashMap<Question, (Instant, Bytes)>,
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
        let is_news = is_success && !head.headers.contains_key(FALLBACK_HEADER);
        let (answer, body) = answered.split();
        if let (true, Some(question), Some(answer)) = (is_news, question, answer) {
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
        let answer = (Instant::now(), answer);
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
        let answer = kept.answers.get(&question);
        let answer = answer.filter(|(since, _)| since.elapsed() < MAX_AGE);
        let answer = answer.map(|(_, answer)| answer.clone());
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

#[cfg(test)]
mod tests {
    use covergen_mesh::{Fallback as _, FallbackCall};

    use super::*;

    #[tokio::test]
    async fn an_answer_is_given_for_an_hour() {
        let known = LastKnown::new(covergen_bff_web::surface());
        let question = ("/a.B/C".to_owned(), Bytes::from_static(b"q"));
        known.keep(question.clone(), Bytes::from_static(b"a"));
        let ask = async || {
            let call = FallbackCall {
                method: &question.0,
                headers: &HeaderMap::new(),
                message: question.1.clone(),
                context: None,
            };
            known.answer(&call).await
        };
        assert_eq!(ask().await.unwrap(), "a");
        {
            let mut kept = known.0.kept.lock().unwrap();
            let (since, _) = kept.answers.get_mut(&question).unwrap();
            *since = since.checked_sub(MAX_AGE).unwrap();
        }
        assert_eq!(ask().await, None);
    }
}
