//! The server over real sockets.

use std::time::Duration;

use covergen_bff::{ServeLimits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::Platform;

struct Running {
    platform: Platform,
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

async fn start(limits: ServeLimits) -> Running {
    let platform = Platform::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let router = platform.router.clone();
    let task = tokio::spawn(serve(listener, router, limits, async {
        let _ = stopped.await;
    }));
    Running {
        platform,
        address,
        stop,
        task,
    }
}

impl Running {
    async fn connect(&self, request: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        socket
    }

    /// Sends one request on its own connection; answers all that comes back.
    async fn exchange(&self, request: &str) -> String {
        let mut socket = self.connect(request).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), socket.read_to_end(&mut answer));
        read.await
            .expect("the server closes the connection")
            .unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

#[tokio::test]
async fn a_request_is_answered_over_a_socket() {
    let running = start(ServeLimits::default()).await;
    let answer = running
        .exchange("GET /api/v1/things/t1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\"displayName\":\"A thing\""), "{answer}");
}

#[tokio::test]
async fn a_caller_who_leaves_cancels_the_backend_call() {
    let running = start(ServeLimits::default()).await;
    let path = "GET /api/v1/watch/1?hang=true HTTP/1.1\r\nhost: x\r\n\r\n";
    let body = r#"{"hang":true}"#;
    let unary = format!(
        "POST /api/v1/fail HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (stream, call) = (running.connect(path).await, running.connect(&unary).await);
    running.platform.backend.until_open(2).await;
    drop((stream, call));
    running.platform.backend.until_open(0).await;
}

#[tokio::test]
async fn headers_that_never_end_are_cut_off() {
    let running = start(ServeLimits {
        header_timeout_ms: 50,
        ..ServeLimits::default()
    })
    .await;
    let answer = running
        .exchange("GET / HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
}

#[tokio::test]
async fn floods_of_headers_are_refused() {
    let running = start(ServeLimits::default()).await;
    let many: String = (0..500).map(|index| format!("x-{index}: y\r\n")).collect();
    let answer = running
        .exchange(&format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"))
        .await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let large = "y".repeat(64 * 1024);
    let answer = running
        .exchange(&format!("GET / HTTP/1.1\r\nhost: x\r\nx: {large}\r\n\r\n"))
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 431") || answer.is_empty(),
        "{answer}"
    );
}

#[tokio::test]
async fn shutdown_drains_and_then_cuts_off() {
    let running = start(ServeLimits {
        drain_ms: 100,
        ..ServeLimits::default()
    })
    .await;
    let path = "GET /api/v1/watch/1?hang=true HTTP/1.1\r\nhost: x\r\n\r\n";
    let _stream = running.connect(path).await;
    running.platform.backend.until_open(1).await;
    running.stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), running.task).await;
    ended
        .expect("an open stream does not hold the server up")
        .unwrap()
        .unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}
