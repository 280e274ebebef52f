//! Answers that the BFF keeps and gives again, until an event ends them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use axum::body::Body;
use axum::response::Response;
use bytes::{BufMut as _, Bytes, BytesMut};
use futures::future::BoxFuture;
use http::header::{AGE, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use sha2::{Digest, Sha256};

use crate::call::{Call, NO_STORE, matches_etag};
use crate::gate::Admission;
use crate::links::PREFERENCE_APPLIED;
use crate::problem::Problem;
use crate::route::Copies;

/// Keeps copies of answers: provided by the host.
#[async_trait]
pub trait AnswerCopies: Send + Sync + 'static {
    /// The copy under `key`, or else what `load` makes, which is then kept
    /// for the time that `copies` names, or until one of its events. Those who
    /// ask for the same key at the same time share one load. Only what `load`
    /// succeeds with is kept.
    ///
    /// # Errors
    /// What `load` fails with; a store that is away only means loading.
    async fn answer(
        &self,
        key: &str,
        copies: &Copies,
        load: BoxFuture<'_, Result<Bytes, Problem>>,
    ) -> Result<Bytes, Problem>;
}

/// Answers from a copy where the route keeps them, else by calling.
pub(crate) async fn answer(mut call: Call) -> Result<Response, Problem> {
    let (app, binding) = (Arc::clone(&call.app), call.binding);
    let kept = app.copies.as_ref().zip(policy(&call));
    let Some((store, policy)) = kept else {
        return (binding.handler)(call).await;
    };
    let key = key(&call);
    let asked = call.headers.remove(IF_NONE_MATCH);
    let applied = call.links.applied().filter(|_| binding.route.links);
    let aside = Mutex::new(None);
    let load = Box::pin(async {
        become_nobody(&mut call).await?;
        let response = (binding.handler)(call).await?;
        // What misses something, or was made in a service's place, says so.
        let control = response.headers().get(CACHE_CONTROL);
        let is_kept = control.is_none_or(|control| *control != NO_STORE);
        let made = encode(response).await?;
        if is_kept {
            return Ok(made);
        }
        // A store keeps what succeeds, so this goes past it.
        *aside.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
        Err(Problem::internal())
    });
    let answered = store.answer(&key, policy, load).await;
    let aside = aside.into_inner().unwrap_or_else(PoisonError::into_inner);
    let copy = match (answered, aside) {
        (Ok(copy), _) | (Err(_), Some(copy)) => copy,
        (Err(problem), None) => return Err(problem),
    };
    let Some(mut response) = decode(copy, asked.as_ref()) else {
        tracing::error!(rpc = binding.route.name, "a copy of an answer is not one");
        return Err(Problem::internal());
    };
    if let Some(applied) = applied {
        let headers = response.headers_mut();
        headers.insert(PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

/// How answers to this call are kept, if they are. A private one may differ
/// for those who are somebody.
fn policy(call: &Call) -> Option<&'static Copies> {
    let cache = call.route().cache.as_ref()?;
    let kept = cache.copies.as_ref()?;
    (!cache.private || call.caller.user_id.is_none()).then_some(kept)
}

/// A copy is for everybody, so nobody in particular asks for it: the backend
/// sees neither who does nor any header but those that select an answer.
async fn become_nobody(call: &mut Call) -> Result<(), Problem> {
    let route = call.route();
    let admission = Admission {
        route,
        credential: None,
        workspace: None,
        headers: &HeaderMap::new(),
        peer: None,
        request_id: &call.edge.request_id,
        signed_by: None,
    };
    call.caller = call.app.gate.admit(&admission).await?;
    call.edge.peer = None;
    let selecting = route.cache.iter().flat_map(|cache| cache.vary);
    let mut headers = HeaderMap::new();
    for name in selecting {
        if let Some(value) = call.headers.get(*name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    call.headers = headers;
    Ok(())
}

/// What tells copies apart: audience, contract, path, query in a canonical
/// order, and whatever else selects among answers.
fn key(call: &Call) -> String {
    let mut digest = Sha256::new();
    let mut part = |text: &[u8]| {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    };
    part(call.app.surface.audience.as_bytes());
    // Another contract writes other answers.
    part(&call.app.contract);
    part(call.binding.path.as_bytes());
    call.variables.iter().for_each(|v| part(v.as_bytes()));
    let mut query: Vec<&(String, String)> = call.query.iter().collect();
    // Values of a repeated parameter keep their order.
    query.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, value) in query {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    let mut wanted = call.wanted_paths().unwrap_or_default();
    wanted.sort();
    part(wanted.join(",").as_bytes());
    for name in call.route().cache.iter().flat_map(|cache| cache.vary) {
        part(call.headers.get(*name).map_or(b"", HeaderValue::as_bytes));
    }
    part(&[u8::from(call.wants_links())]);
    let hex = digest.finalize();
    hex.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Headers of an answer that are kept with it; the others are made anew.
static KEPT: [HeaderName; 6] = [
    CONTENT_TYPE,
    ETAG,
    http::header::CACHE_CONTROL,
    http::header::VARY,
    http::header::LAST_MODIFIED,
    http::header::CONTENT_DISPOSITION,
];

/// An answer as it is stored: its time, its headers, its body.
async fn encode(response: Response) -> Result<Bytes, Problem> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| Problem::internal())?;
    let mut head = Vec::new();
    for name in &KEPT {
        for value in parts.headers.get_all(name) {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.push(b'\n');
        }
    }
    let body = body.to_bytes();
    let mut out = BytesMut::with_capacity(12 + head.len() + body.len());
    out.put_u64(now_seconds());
    out.put_u32(u32::try_from(head.len()).unwrap_or_default());
    out.put_slice(&head);
    out.put_slice(&body);
    Ok(out.freeze())
}

/// The answer that a copy stands for; none where it is no such copy.
fn decode(mut copy: Bytes, asked: Option<&HeaderValue>) -> Option<Response> {
    if copy.len() < 12 {
        return None;
    }
    let fixed = copy.split_to(12);
    let made = u64::from_be_bytes(fixed[..8].try_into().ok()?);
    let head_bytes = u32::from_be_bytes(fixed[8..].try_into().ok()?) as usize;
    if copy.len() < head_bytes {
        return None;
    }
    let head = copy.split_to(head_bytes);
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()) {
        let at = line.windows(2).position(|two| two == b": ")?;
        let name = HeaderName::from_bytes(&line[..at]).ok()?;
        headers.append(name, HeaderValue::from_bytes(&line[at + 2..]).ok()?);
    }
    headers.insert(AGE, HeaderValue::from(now_seconds().saturating_sub(made)));
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let wanted = asked.and_then(text);
    let etag = headers.get(ETAG).and_then(text);
    let is_fresh = wanted.zip(etag).is_some_and(|(w, e)| matches_etag(&w, &e));
    let mut response = Response::new(Body::empty());
    if is_fresh {
        headers.remove(CONTENT_TYPE);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(copy.len()));
        *response.body_mut() = Body::from(copy);
    }
    *response.headers_mut() = headers;
    Some(response)
}

fn now_seconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or(Duration::ZERO).as_secs()
}
