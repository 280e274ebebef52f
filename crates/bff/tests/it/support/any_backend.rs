//! A backend of any service: it knows the contract alone, and answers with the
//! fields of the request that the answer has, too.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use prost_reflect::prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use tokio::net::TcpListener;

/// Serves every RPC of the descriptors until the test ends; answers where.
pub(crate) async fn any_backend(descriptors: &[u8]) -> String {
    let pool = DescriptorPool::decode(descriptors).expect("the descriptors decode");
    let answer = move |request: Request| {
        let pool = pool.clone();
        async move { answer(&pool, request).await }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn answer(pool: &DescriptorPool, request: Request) -> Response {
    let method = method(pool, request.uri().path());
    let sent = request.into_body().collect().await.unwrap().to_bytes();
    // Flag and length stand before the one message.
    let request = DynamicMessage::decode(method.input(), sent.slice(5..)).unwrap();
    let mut answer = DynamicMessage::new(method.output());
    for (field, value) in request.fields() {
        answer.set_field_by_name(field.name(), value.clone());
    }
    let message = answer.encode_to_vec();
    let mut framed = BytesMut::with_capacity(message.len() + 5);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap());
    framed.put_slice(&message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let frames: [Result<Frame<Bytes>, std::convert::Infallible>; 2] = [
        Ok(Frame::data(framed.freeze())),
        Ok(Frame::trailers(trailers)),
    ];
    let body = Body::new(StreamBody::new(futures::stream::iter(frames)));
    Response::builder()
        .header("content-type", "application/grpc")
        .body(body)
        .unwrap()
}

fn method(pool: &DescriptorPool, path: &str) -> MethodDescriptor {
    let (service, name) = path.trim_start_matches('/').split_once('/').unwrap();
    let service = pool.get_service_by_name(service).expect("a known service");
    let mut methods = service.methods();
    methods
        .find(|method| method.name() == name)
        .expect("a known method")
}
