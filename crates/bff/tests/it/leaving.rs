//! Who goes away is not worked for any longer, over sockets on both sides.

use std::sync::atomic::Ordering;

use axum::body::Body;
use covergen_bff::{ServeLimits, serve};
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::scratch::covergen::echo::v1::{FailRequest, WatchRequest};
use crate::support::{Platform, request};

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

/// Asks for a deadline and says with which status the answer ends. The client
/// itself would wait for ever.
async fn ended_by_its_deadline(method: &str, message: &[u8]) -> (Platform, String) {
    let (platform, address) = start().await;
    let mut socket = TcpStream::connect(address).await.unwrap();
    let sent = grpc_web(method, message);
    let sent = String::from_utf8(sent).unwrap();
    let timeout = "host: x\r\nconnection: close\r\ngrpc-timeout: 200m\r\n";
    let sent = sent.replacen("host: x\r\n", timeout, 1);
    socket.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    platform.backend.until_open(0).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (platform, answer)
}

#[tokio::test]
async fn a_stream_by_grpc_web_ends_at_its_deadline() {
    let hang = WatchRequest {
        count: 2,
        hang: true,
        ..WatchRequest::default()
    };
    let (platform, answer) = ended_by_its_deadline("Watch", &hang.encode_to_vec()).await;
    assert!(answer.contains("line\nbreak"), "{answer:?}");
    assert!(answer.contains("grpc-status:4\r\n"), "{answer:?}");
    assert!(answer.contains("grpc-status-details-bin:"), "{answer:?}");
    assert_eq!(platform.backend.calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_unary_call_past_its_deadline_is_told_so_whoever_notices_first() {
    let hang = FailRequest {
        hang: true,
        ..FailRequest::default()
    };
    let (_platform, answer) = ended_by_its_deadline("Slow", &hang.encode_to_vec()).await;
    assert!(answer.contains("grpc-status: 4\r\n"), "{answer:?}");
    let rest = start().await.0;
    let sent = request("POST", "/api/v1/slow")
        .header("content-type", "application/json")
        .header("request-timeout", "0.2")
        .body(Body::from("{\"hang\":true}"));
    rest.send(sent.unwrap())
        .await
        .problem(504, "DEADLINE_EXCEEDED");
}
