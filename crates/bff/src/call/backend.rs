//! Calling the service behind a route.

use std::time::Duration;

use http::HeaderMap;
use http::uri::PathAndQuery;
use tokio::time::Instant;
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

use super::Call;
use super::headers::answer_headers;
use crate::backend::{Backend, BoxError};
use crate::deadline;
use crate::problem::Problem;
use crate::route::Route;

/// Largest message taken from a backend, in bytes.
const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

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
        let limit = self.limit();
        let route = self.route();
        let request = self.request(message, Some(limit));
        let mut grpc = self.grpc()?;
        let call = async {
            ready(&mut grpc).await?;
            let path = PathAndQuery::from_static(route.grpc_path);
            grpc.unary(request, path, ProstCodec::<Q, A>::default())
                .await
        };
        let answer = settle(call, limit, route).await?;
        let (metadata, message, _) = answer.into_parts();
        self.answer_headers.extend(answer_headers(&metadata));
        Ok(message)
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
        let mut grpc = self.grpc()?;
        let call = async {
            ready(&mut grpc).await?;
            let path = PathAndQuery::from_static(route.grpc_path);
            grpc.server_streaming(request, path, ProstCodec::<Q, A>::default())
                .await
        };
        let answer = settle(call, limit, route).await?;
        let (metadata, stream, _) = answer.into_parts();
        self.answer_headers.extend(answer_headers(&metadata));
        Ok(stream)
    }

    pub(crate) fn limit(&self) -> Duration {
        let own = Duration::from_millis(u64::from(self.route().deadline_ms));
        self.timeout.map_or(own, |asked| asked.min(own))
    }

    fn grpc(&self) -> Result<Grpc<Backend>, Problem> {
        Ok(client(self.app.backend(self.route())?))
    }

    pub(super) fn request<Q>(&self, message: Q, timeout: Option<Duration>) -> Request<Q> {
        let mut headers = HeaderMap::new();
        self.edge.forward(&self.headers, &self.caller, &mut headers);
        if let Some(timeout) = timeout {
            headers.insert(deadline::GRPC_TIMEOUT, deadline::to_header(timeout));
        }
        let mut request = Request::new(message);
        *request.metadata_mut() = MetadataMap::from_headers(headers);
        request
    }
}

pub(crate) fn client(backend: Backend) -> Grpc<Backend> {
    Grpc::new(backend).max_decoding_message_size(MAX_MESSAGE_BYTES)
}

pub(crate) async fn ready(grpc: &mut Grpc<Backend>) -> Result<(), Status> {
    grpc.ready().await.map_err(refusal)
}

/// What a transport that could not even take the call has to say: its own
/// status where it has one, such as an open breaker's.
pub(crate) fn refusal(error: BoxError) -> Status {
    Status::try_from_error(error).unwrap_or_else(|error| Status::unavailable(error.to_string()))
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
