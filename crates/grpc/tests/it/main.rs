//! Both sides beside the library's own: what they make of a body is the same.

#![allow(clippy::unwrap_used)]

mod client;
mod server;

use std::convert::Infallible;

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio_stream::StreamExt as _;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::{Code, Status};
use tonic_prost::ProstCodec;

const PATH: &str = "/test.Echo/Say";

/// A message.
#[derive(Clone, PartialEq, prost::Message)]
struct Text {
    #[prost(string, tag = "1")]
    said: String,
}

type Codec = ProstCodec<Text, Text>;

fn text(said: &str) -> Text {
    Text {
        said: said.to_owned(),
    }
}

fn read(message: Bytes) -> Result<Text, Status> {
    prost::Message::decode(message).map_err(|error| Status::internal(error.to_string()))
}

fn framed(said: &str) -> Vec<u8> {
    covergen_grpc::framed(&text(said)).unwrap().to_vec()
}

fn prefixed(flag: u8, length: usize, message: &[u8]) -> Vec<u8> {
    let mut frame = vec![flag];
    frame.extend(u32::try_from(length).unwrap().to_be_bytes());
    frame.extend(message);
    frame
}

/// How a body ends.
#[derive(Debug, Clone)]
enum End {
    Plain,
    /// By a frame without anything in it.
    Empty,
    Trailers(Vec<(&'static str, &'static str)>),
    Broken(Code),
    /// Not at all.
    Open,
}

/// Data in pieces of `size`, then its end.
fn body(data: &[u8], size: usize, end: &End) -> Body {
    let pieces = data.chunks(size.max(1)).map(Bytes::copy_from_slice);
    let mut frames: Vec<Result<Frame<Bytes>, Status>> =
        pieces.map(|piece| Ok(Frame::data(piece))).collect();
    match end {
        End::Plain => {}
        End::Open => {
            let rest = tokio_stream::pending();
            let frames = tokio_stream::iter(frames).chain(rest);
            return Body::new(StreamBody::new(frames));
        }
        End::Empty => frames.push(Ok(Frame::data(Bytes::new()))),
        End::Trailers(trailers) => frames.push(Ok(Frame::trailers(headers(trailers)))),
        End::Broken(code) => frames.push(Err(Status::new(*code, "it broke"))),
    }
    Body::new(StreamBody::new(tokio_stream::iter(frames)))
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs = pairs.iter().map(|(name, value)| {
        (
            http::HeaderName::from_static(name),
            http::HeaderValue::from_static(value),
        )
    });
    pairs.collect()
}

/// Something that is attached to a request and to its answer.
#[derive(Debug, Clone, PartialEq)]
struct Mark(u8);

/// A service that answers with what it is asked, and bears on what was said.
async fn echo(request: tonic::Request<Text>) -> Result<tonic::Response<Text>, Status> {
    let marked = request.extensions().get::<Mark>().cloned();
    let from = request.metadata().get("x-from").cloned();
    let late = request.metadata().get("x-late").cloned();
    let said = request.into_inner().said;
    if said == "refuse" {
        return Err(Status::failed_precondition("as asked"));
    }
    let mut answer = tonic::Response::new(text(&said));
    for (name, value) in [("x-from", from), ("x-late", late)] {
        if let Some(value) = value {
            answer.metadata_mut().insert(name, value);
        }
    }
    if let Some(mark) = marked {
        answer.extensions_mut().insert(mark);
    }
    // What no handler may say.
    answer
        .metadata_mut()
        .insert("grpc-status", "7".parse().unwrap());
    Ok(answer)
}

/// The library's own server of it.
async fn served(request: http::Request<Body>) -> Result<http::Response<Body>, Infallible> {
    let mut grpc = tonic::server::Grpc::new(Codec::default())
        .max_decoding_message_size(covergen_grpc::MAX_MESSAGE_BYTES)
        .accept_compressed(CompressionEncoding::Gzip);
    Ok(grpc.unary(tower::service_fn(echo), request).await)
}
