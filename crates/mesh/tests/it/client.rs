//! What a generated client of the probe would be.

use bytes::Bytes;
use futures::Stream;
use tonic::{IntoRequest, Response, Status, Streaming, client::Grpc};

use crate::probe::{CHAT, Raw, WATCH};
use covergen_mesh::Channel;

#[derive(Clone)]
pub(crate) struct Client(Grpc<Channel>);

impl Client {
    pub(crate) fn new(channel: Channel) -> Self {
        // The default limit would hide the mesh's own.
        Self(Grpc::new(channel).max_decoding_message_size(64 << 20))
    }

    pub(crate) async fn unary(
        &mut self,
        path: &'static str,
        request: impl IntoRequest<Bytes>,
    ) -> Result<Response<Bytes>, Status> {
        self.0.ready().await?;
        let path = http::uri::PathAndQuery::from_static(path);
        self.0.unary(request.into_request(), path, Raw).await
    }

    /// A unary call whose answer is text.
    pub(crate) async fn text(&mut self, path: &'static str) -> Result<String, Status> {
        let answer = self.unary(path, Bytes::from_static(b"hello")).await?;
        Ok(String::from_utf8(answer.into_inner().to_vec()).unwrap())
    }

    pub(crate) async fn watch(
        &mut self,
        request: impl IntoRequest<Bytes>,
    ) -> Result<Response<Streaming<Bytes>>, Status> {
        self.0.ready().await?;
        let path = http::uri::PathAndQuery::from_static(WATCH);
        self.0
            .server_streaming(request.into_request(), path, Raw)
            .await
    }

    pub(crate) async fn chat(
        &mut self,
        messages: impl Stream<Item = Bytes> + Send + 'static,
    ) -> Result<Response<Streaming<Bytes>>, Status> {
        self.0.ready().await?;
        let path = http::uri::PathAndQuery::from_static(CHAT);
        let request = tonic::Request::new(messages);
        self.0.streaming(request, path, Raw).await
    }
}
