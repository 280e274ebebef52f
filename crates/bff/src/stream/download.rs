//! Streams of google.api.HttpBody: downloads, sent as they come.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use tonic::{Status, Streaming};

use crate::call::{Call, media_type};
use crate::problem::Problem;
use crate::route::Route;

impl Call {
    /// Answers with the chunks of a stream. The first chunk names the media
    /// type; a failure before it is a problem, a failure after it breaks the
    /// connection off, so that nobody takes half a file for a whole one.
    ///
    /// # Errors
    /// What the backend answered before the first chunk.
    pub async fn answer_download<T>(
        self,
        mut stream: Streaming<T>,
        open: fn(T) -> (String, Bytes),
    ) -> Result<Response, Problem>
    where
        T: Send + 'static,
    {
        let route = self.route();
        if self.is_fresh() {
            return Ok(self.head(StatusCode::NOT_MODIFIED, Body::empty()));
        }
        let first = stream
            .message()
            .await
            .map_err(|status| Problem::from_answer(&status, route))?;
        let (content_type, data) = first.map(open).unwrap_or_default();
        let is_part = self
            .answer_headers
            .iter()
            .any(|(name, _)| name == CONTENT_RANGE);
        let status = if is_part {
            StatusCode::PARTIAL_CONTENT
        } else {
            StatusCode::from_u16(route.status).unwrap_or(StatusCode::OK)
        };
        let rest = futures::stream::unfold(Some(stream), move |state| async move {
            let mut stream = state?;
            match stream.message().await {
                Ok(Some(chunk)) => Some((Ok(open(chunk).1), Some(stream))),
                Ok(None) => None,
                Err(status) => Some((Err(broken(status, route)), None)),
            }
        });
        let whole = futures::StreamExt::chain(
            futures::stream::once(std::future::ready(Ok::<_, Status>(data))),
            rest,
        );
        // Fused, since some readers poll a body past its end.
        let whole = futures::StreamExt::fuse(whole);
        let mut response = self.head(status, Body::from_stream(whole));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, media_type(&content_type));
        if response.headers().get(CONTENT_LENGTH).is_some_and(|value| {
            value
                .to_str()
                .ok()
                .and_then(|text| text.parse::<u64>().ok())
                .is_none()
        }) {
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        Ok(response)
    }
}

fn broken(status: Status, route: &'static Route) -> Status {
    tracing::warn!(rpc = route.name, code = ?status.code(), "a download broke off");
    status
}
