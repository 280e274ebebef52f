//! Calling the service behind a route.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::response::Response;
use covergen_grpc::{Answer, Client, framed, post, refusal};
use http::HeaderMap;
use tokio::time::Instant;
use tonic::metadata::MetadataMap;
use tonic::{Request, Status, Streaming};

use super::Call;
use super::headers::{answer_headers, is_fallback};
use crate::backend::Backend;
use crate::deadline;
use crate::json::{Wire, Writer};
use crate::problem::Problem;
use crate::route::Route;
use crate::stream::{Ask, End, MOST_ASKED_BYTES, Messages};

/// Room for the headers that a call to a backend bears, so that the map does
/// not grow while they are put in.
const FORWARDED: usize = 24;

impl Call {
    /// Makes a unary call, within the route's deadline or the caller's own,
    /// whichever is sooner.
    ///
    /// # Errors
    /// What the backend answered, as a problem.
    pub async fn unary<Q, A>(&mut self, message: Q) -> Result<A, Problem>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let answer = self.ask(&message).await?;
        answer
            .decode()
            .map_err(|status| Problem::from_answer(&status, self.route()))
    }

    /// Makes a unary call and answers with what it answers, which is written
    /// as JSON from its wire form where that is in the usual order, and
    /// otherwise by way of the message.
    ///
    /// # Errors
    /// What the backend answered, as a problem.
    pub async fn pass<Q, A>(
        mut self,
        message: Q,
        table: &'static Wire,
        write: fn(&mut Writer, &A),
    ) -> Result<Response, Problem>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let answer = self.ask(&message).await?;
        let mut writer = self.writer();
        if writer.wire(table, &answer.message).is_err() {
            writer.restart();
            let message = answer
                .decode()
                .map_err(|status| Problem::from_answer(&status, self.route()))?;
            write(&mut writer, &message);
        }
        Ok(self.written(writer))
    }

    async fn ask(&mut self, message: &impl prost::Message) -> Result<Answer, Problem> {
        let (limit, route) = (self.limit(), self.route());
        let headers = self.forwarded(Some(limit));
        let call = unary(self.app.backend(route)?, route.grpc_path, headers, message);
        let answer = settle(call, limit, route).await?;
        answer_headers(&answer.headers, &mut self.answer_headers);
        answer_headers(&answer.trailers, &mut self.answer_headers);
        if is_fallback(&answer.headers) {
            self.fallback.store(true, Ordering::Relaxed);
        }
        Ok(answer)
    }

    /// A refusal that no backend made, told as if one had.
    #[must_use]
    pub fn refused(&self, status: &Status) -> Problem {
        Problem::from_answer(status, self.route())
    }

    /// Opens a server stream. The deadline covers the wait for its headers;
    /// the stream itself lasts as long as both sides want it to, unless the
    /// caller asked for less.
    ///
    /// # Errors
    /// What the backend answered instead of a stream, as a problem.
    pub async fn stream<Q, A>(&mut self, message: Q) -> Result<Streaming<A>, Problem>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let limit = self.limit();
        let route = self.route();
        let request = self.request(message, self.timeout);
        let mut client = Client::new(self.app.backend(route)?.clone());
        let call = client.server_streaming::<Q, A>(request, route.grpc_path);
        let answer = settle(call, limit, route).await?;
        let (metadata, stream, _) = answer.into_parts();
        answer_headers(metadata.as_ref(), &mut self.answer_headers);
        Ok(stream)
    }

    /// Watches the messages of a server stream: one that others watch as well
    /// where the method says that it is `shared` and the gate with whom, else
    /// as [`Call::stream`]. What time the caller asked for is then the caller's
    /// alone.
    ///
    /// # Errors
    /// What the backend answered instead of a stream, as a problem.
    pub async fn watch<Q, A>(&mut self, message: Q) -> Result<Messages<A>, Problem>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let (limit, route) = (self.limit(), self.route());
        let is_shared = route.shared && message.encoded_len() < MOST_ASKED_BYTES;
        let Some(sight) = self.caller.sight.clone().filter(|_| is_shared) else {
            return self.stream(message).await.map(Messages::from);
        };
        let until = self.timeout.map(|asked| Instant::now() + asked);
        let watcher = self.app.watches.join(Ask {
            backend: self.app.backend(route)?.clone(),
            path: route.grpc_path,
            headers: self.forwarded(None),
            message: framed(&message).map_err(|status| self.refused(&status))?,
            sight,
        })?;
        let mut watcher = watcher.until(until);
        let opened = async { watcher.opened().await.map_err(End::into_status) };
        let head = settle(opened, limit, route).await?;
        answer_headers(&head, &mut self.answer_headers);
        Ok(watcher.into())
    }

    pub(crate) fn limit(&self) -> Duration {
        let own = Duration::from_millis(u64::from(self.route().deadline_ms));
        self.timeout.map_or(own, |asked| asked.min(own))
    }

    pub(super) fn request<Q>(&self, message: Q, timeout: Option<Duration>) -> Request<Q> {
        let mut request = Request::new(message);
        *request.metadata_mut() = MetadataMap::from_headers(self.forwarded(timeout));
        request
    }

    /// The metadata of a call to the backend.
    fn forwarded(&self, timeout: Option<Duration>) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(FORWARDED);
        self.edge.forward(&self.headers, &self.caller, &mut headers);
        self.route().same_for_all(&mut headers);
        if let Some(timeout) = timeout {
            headers.insert(deadline::GRPC_TIMEOUT, deadline::to_header(timeout));
        }
        headers
    }
}

/// Sends `message` to the method at `path` and waits for the answer.
///
/// # Errors
/// The status that the backend, or the way to it, answered instead.
pub(crate) async fn unary(
    backend: &Backend,
    path: &'static str,
    headers: HeaderMap,
    message: &impl prost::Message,
) -> Result<Answer, Status> {
    let request = post(path, headers, framed(message)?);
    Answer::read(backend.send(request).await.map_err(refusal)?).await
}

/// Waits for the end of a call, but no longer than `limit`.
pub(crate) async fn settle<T>(
    call: impl Future<Output = Result<T, Status>>,
    limit: Duration,
    route: &Route,
) -> Result<T, Problem> {
    let started = Instant::now();
    match tokio::time::timeout(limit, call).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(status)) if deadline::is_over(status.code(), started, limit) => {
            Err(deadline::over())
        }
        Ok(Err(status)) => Err(Problem::from_answer(&status, route)),
        Err(_) => Err(deadline::over()),
    }
}
