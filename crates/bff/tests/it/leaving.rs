//! Who goes away is not worked for any longer, over sockets on both sides.

use covergen_bff::{ServeLimits, serve};
use prost::Message as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::scratch::covergen::echo::v1::{FailRequest, WatchRequest};
use crate::support::Platform;

async fn start() -> (Platform, std::net::SocketAddr) {
    let platform = Platform::over_socket().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = platform.router.clone();
    let limits = ServeLimits::default();
    tokio::spawn(serve(listener, router, limits, std::future::pending()));
    (platform, address)
}

/// A request whose body is sent as it is.
fn post(path: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn grpc_web(method: &str, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let body = [&[0], &length[..], message].concat();
    let path = format!("/covergen.echo.v1.EchoService/{method}");
    post(&path, "application/grpc-web+proto", &body)
}

async fn eventually_cancelled(request: &[u8]) {
    let (platform, address) = start().await;
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request).await.unwrap();
    platform.backend.until_open(1).await;
    drop(socket);
    platform.backend.until_open(0).await;
}

#[tokio::test]
async fn a_unary_call_by_rest_is_cancelled() {
    eventually_cancelled(&post(
        "/api/v1/slow",
        "application/json",
        b"{\"hang\":true}",
    ))
    .await;
}

#[tokio::test]
async fn an_event_stream_is_cancelled() {
    let request = b"GET /api/v1/watch/1?hang=true HTTP/1.1\r\nhost: x\r\n\r\n";
    eventually_cancelled(request).await;
}

#[tokio::test]
async fn a_unary_call_by_grpc_web_is_cancelled() {
    let hang = FailRequest {
        hang: true,
        ..FailRequest::default()
    };
    eventually_cancelled(&grpc_web("Slow", &hang.encode_to_vec())).await;
}

#[tokio::test]
async fn a_stream_by_grpc_web_is_cancelled() {
    let hang = WatchRequest {
        hang: true,
        ..WatchRequest::default()
    };
    eventually_cancelled(&grpc_web("Watch", &hang.encode_to_vec())).await;
}
