//! The server against peers that are not our client, and our client against a
//! server that is not ours.

use std::time::Duration;

use bytes::Bytes;
use covergen_mesh::{Registry, ServerConfig};
use futures::StreamExt as _;
use h2::client::SendRequest;
use http::{HeaderMap, Request, Response};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tonic::Code;

use crate::{
    client::Client,
    probe::{CHAT, Probe, READ, WATCH, WRITE},
    world::{Server, Setup, bounded, tcp},
};

async fn start(config: ServerConfig) -> Server {
    let setup = Setup {
        server: config.clone(),
        ..Setup::default()
    };
    Server::start(setup.protect("probe", Probe::echo()), config).await
}

async fn connect(server: &Server) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (sender, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    sender.ready().await.unwrap()
}

/// As [`connect`], by a client that takes no more of an answer than this.
async fn connect_with_window(server: &Server, bytes: u32) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let mut client = h2::client::Builder::new();
    let (sender, connection) = client
        .initial_window_size(bytes)
        .handshake(stream)
        .await
        .unwrap();
    tokio::spawn(connection);
    sender.ready().await.unwrap()
}

fn request(path: &str, change: impl FnOnce(&mut HeaderMap)) -> Request<()> {
    let mut request = Request::post(format!("http://probe{path}"))
        .body(())
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("content-type", "application/grpc".parse().unwrap());
    headers.insert("te", "trailers".parse().unwrap());
    change(headers);
    request
}

/// Sends one empty message and answers the head of what comes back.
async fn send(
    sender: &mut SendRequest<Bytes>,
    request: Request<()>,
) -> Result<Response<h2::RecvStream>, h2::Error> {
    let (response, mut body) = sender.send_request(request, false)?;
    body.send_data(Bytes::from_static(&[0; 5]), true)?;
    response.await
}

fn code(response: &Response<h2::RecvStream>) -> &str {
    response
        .headers()
        .get("grpc-status")
        .map_or("", |code| code.to_str().unwrap())
}

#[tokio::test]
async fn a_malformed_timeout_is_an_invalid_argument() {
    let server = start(ServerConfig::default()).await;
    let mut sender = connect(&server).await;
    for value in ["", "1", "S", "5s", "+5S", "123456789S", "1e3S"] {
        let request = request(READ, |headers| {
            headers.insert("grpc-timeout", value.parse().unwrap());
        });
        let response = send(&mut sender, request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(code(&response), "3", "{value:?}");
    }
    let fine = request(READ, |headers| {
        headers.insert("grpc-timeout", "1S".parse().unwrap());
    });
    assert_eq!(code(&send(&mut sender, fine).await.unwrap()), "");
}

#[tokio::test]
async fn a_flood_of_headers_is_refused_and_others_are_unharmed() {
    // Below the library's own default, so that it is ours that is seen to hold.
    let server = start(ServerConfig {
        header_list_bytes: 4 * 1024,
        ..ServerConfig::default()
    })
    .await;
    let mut sender = connect(&server).await;
    let flood = request(READ, |headers| {
        for n in 0..8 {
            let name = http::HeaderName::try_from(format!("x-{n}")).unwrap();
            headers.insert(name, "y".repeat(1_000).parse().unwrap());
        }
    });
    let refused = match send(&mut sender, flood).await {
        Ok(response) => response.status() == 431,
        Err(error) => error.is_reset() || error.is_go_away() || error.is_io(),
    };
    assert!(refused);
    let mut other = connect(&server).await;
    let response = send(&mut other, request(READ, |_| ())).await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn the_server_announces_how_many_streams_it_takes() {
    let server = start(ServerConfig::default()).await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (sender, mut connection) = h2::client::handshake(stream).await.unwrap();
    let mut sender = sender.ready().await.unwrap();
    let answered = send(&mut sender, request(READ, |_| ()));
    tokio::select! {
        response = answered => assert_eq!(response.unwrap().status(), 200),
        ended = &mut connection => panic!("{ended:?}"),
    }
    assert_eq!(connection.max_concurrent_send_streams(), 256);
}

#[tokio::test]
async fn what_is_not_grpc_is_answered_as_http() {
    let server = start(ServerConfig::default()).await;
    let mut sender = connect(&server).await;
    let json = request(READ, |headers| {
        headers.insert("content-type", "application/json".parse().unwrap());
    });
    assert_eq!(send(&mut sender, json).await.unwrap().status(), 415);
    let mut get = request(READ, |_| ());
    *get.method_mut() = http::Method::GET;
    assert_eq!(send(&mut sender, get).await.unwrap().status(), 405);
}

/// Reads until the server closes; fails if it does not.
async fn is_closed(mut stream: TcpStream) {
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut rest));
    // A reset is an end, too.
    let _ = closed.await.expect("the server closes the connection");
}

#[tokio::test]
async fn whoever_does_not_introduce_themselves_is_let_go() {
    let server = start(ServerConfig {
        handshake_timeout_ms: 50,
        ..ServerConfig::default()
    })
    .await;
    let silent = TcpStream::connect(server.address).await.unwrap();
    is_closed(silent).await;
    let mut dawdling = TcpStream::connect(server.address).await.unwrap();
    dawdling.write_all(b"PRI * HT").await.unwrap();
    is_closed(dawdling).await;
    let mut browser = TcpStream::connect(server.address).await.unwrap();
    browser.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    is_closed(browser).await;
}

#[tokio::test]
async fn a_connection_too_many_is_closed_and_room_comes_back() {
    let server = start(ServerConfig {
        max_connections: 1,
        ..ServerConfig::default()
    })
    .await;
    let mut first = connect(&server).await;
    send(&mut first, request(READ, |_| ())).await.unwrap();
    is_closed(TcpStream::connect(server.address).await.unwrap()).await;
    send(&mut first, request(READ, |_| ())).await.unwrap();
    drop(first);
    // The server notices in its own time.
    let address = server.address;
    bounded(async { while answers(address).await.is_none() {} }).await;
}

/// Whether a new connection gets an answer.
async fn answers(address: std::net::SocketAddr) -> Option<()> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (sender, connection) = h2::client::handshake(stream).await.ok()?;
    tokio::spawn(connection);
    let mut sender = sender.ready().await.ok()?;
    send(&mut sender, request(READ, |_| ()))
        .await
        .ok()
        .map(drop)
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM_AND_HEADERS: u8 = 5;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Streams opened and reset in the same breath (CVE-2023-44487), as no client
/// library would send them.
#[tokio::test]
async fn a_flood_of_resets_ends_the_connection_and_no_other() {
    let server = start(ServerConfig::default()).await;
    let mut other = connect(&server).await;
    // :method POST, :scheme http, :path /, each from HPACK's static table.
    let headers = [0x83, 0x86, 0x84];
    let mut flood = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    flood.extend(frame(SETTINGS, 0, 0, &[]));
    for stream in (1..2_000).step_by(2) {
        flood.extend(frame(HEADERS, END_STREAM_AND_HEADERS, stream, &headers));
        flood.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
    }
    let mut attacker = TcpStream::connect(server.address).await.unwrap();
    attacker.write_all(&flood).await.unwrap();
    is_closed(attacker).await;
    let response = send(&mut other, request(READ, |_| ())).await.unwrap();
    assert_eq!(response.status(), 200);
}

/// A server that answers every request with these headers and nothing else.
async fn answering(headers: &'static [(&'static str, &'static str)]) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut connection) = h2::server::handshake(stream).await else {
                continue;
            };
            tokio::spawn(async move {
                while let Some(Ok((_, mut respond))) = connection.accept().await {
                    let mut response = Response::builder();
                    for (name, value) in headers {
                        response = response.header(*name, *value);
                    }
                    respond
                        .send_response(response.body(()).unwrap(), true)
                        .unwrap();
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_hostile_answer_does_not_panic_the_client() {
    let hostile = answering(&[("grpc-status", "7"), ("grpc-status-details-bin", "%%%")]).await;
    let mesh = Setup::default().mesh(Registry::default(), tcp(&[hostile]));
    let mut client = Client::new(mesh.channel("probe"));
    assert_eq!(
        client.text(READ).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let status = client.watch(Bytes::new()).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn an_answer_without_a_status_is_a_failure() {
    let proxy = answering(&[]).await;
    let mesh = Setup::default().mesh(Registry::default(), tcp(&[proxy]));
    let mut client = Client::new(mesh.channel("probe"));
    assert_eq!(client.text(READ).await.unwrap_err().code(), Code::Internal);
}

/// Reads frames until a request begins.
async fn read_until_headers(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await?;
        if head[3] == HEADERS {
            return Ok(());
        }
    }
}

/// A peer that takes connections and is about to leave: it answers the first
/// request of each with GOAWAY and the promise to have processed nothing.
async fn leaving() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
                read_until_headers(&mut stream).await?;
                stream.write_all(&frame(GOAWAY, 0, 0, &[0; 8])).await?;
                // Open until the client closes it.
                stream.read_to_end(&mut Vec::new()).await
            });
        }
    });
    address
}

#[tokio::test]
async fn a_write_that_a_leaving_peer_did_not_take_goes_elsewhere() {
    let server = start(ServerConfig::default()).await;
    let endpoints = tcp(&[leaving().await, server.address]);
    let mesh = Setup::default().mesh(Registry::default(), endpoints);
    let mut client = Client::new(mesh.channel("probe"));
    for _ in 0..2 {
        assert_eq!(client.text(WRITE).await.unwrap(), "hello");
    }
}

#[tokio::test]
async fn a_message_that_declares_too_much_is_resource_exhausted() {
    let server = start(ServerConfig::default()).await;
    let mut sender = connect(&server).await;
    let (response, mut body) = sender.send_request(request(READ, |_| ()), false).unwrap();
    // 5 MiB, of which the first byte comes.
    body.send_data(Bytes::from_static(&[0, 0, 0x50, 0, 0, 1]), false)
        .unwrap();
    assert_eq!(code(&bounded(response).await.unwrap()), "8");
}

#[tokio::test]
async fn a_stream_that_its_client_resets_has_not_ended_well() {
    // A proxy passes a cancelled upload on as a reset that is no error.
    for reason in [h2::Reason::CANCEL, h2::Reason::NO_ERROR] {
        reset_half_way(reason).await;
    }
}

async fn reset_half_way(reason: h2::Reason) {
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let probe = Probe::stream(move |request| {
        let tell = tell.lock().unwrap().take();
        // Beside the call, which the reset ends.
        tokio::spawn(async move {
            let mut messages = request.into_inner();
            let first = messages.next().await;
            let second = messages.next().await;
            tell.unwrap().send((first, second)).unwrap();
        });
        async { Ok(futures::stream::pending().boxed()) }
    });
    let server = Server::start(
        Setup::default().protect("probe", probe),
        ServerConfig::default(),
    );
    let server = server.await;
    let mut sender = connect(&server).await;
    let (response, mut body) = sender.send_request(request(CHAT, |_| ()), false).unwrap();
    body.send_data(Bytes::from_static(&[0, 0, 0, 0, 1, b'x']), false)
        .unwrap();
    bounded(response).await.unwrap();
    body.send_reset(reason);
    let (first, second) = bounded(told).await.unwrap();
    assert_eq!(first.unwrap().unwrap(), "x");
    assert_eq!(second.unwrap().unwrap_err().code(), Code::Aborted);
}

#[tokio::test]
async fn a_client_that_says_nothing_is_asked_and_then_hung_up_on() {
    let config = ServerConfig {
        keepalive_interval_ms: 100,
        keepalive_timeout_ms: 100,
        ..ServerConfig::default()
    };
    let server = start(config).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    // The preface and empty settings, and then nothing more.
    client
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    let mut said = Vec::new();
    bounded(client.read_to_end(&mut said)).await.unwrap();
    let mut kinds = Vec::new();
    let mut rest = said.as_slice();
    while let [a, b, c, kind, ..] = *rest {
        kinds.push(kind);
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        rest = &rest[9 + length..];
    }
    assert!(kinds.contains(&6), "it was not asked: {kinds:?}");
}

/// A server with one place of each kind.
async fn start_small() -> Server {
    start(ServerConfig {
        max_calls: 1,
        max_streams: 1,
        ..ServerConfig::default()
    })
    .await
}

async fn trailing_code(body: &mut h2::RecvStream) -> String {
    let trailers = bounded(body.trailers()).await.unwrap().unwrap();
    trailers["grpc-status"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off_at_its_deadline() {
    let server = start_small().await;
    for method in [READ, WATCH] {
        let mut stingy = connect_with_window(&server, 0).await;
        let call = request(method, |headers| {
            headers.insert("grpc-timeout", "2S".parse().unwrap());
        });
        let (head, mut body) = bounded(send(&mut stingy, call)).await.unwrap().into_parts();
        assert_eq!(head.status, 200);
        assert!(bounded(body.data()).await.is_none());
        assert_eq!(trailing_code(&mut body).await, "4", "{method}");
        // And its place is free.
        let mut other = connect(&server).await;
        let response = send(&mut other, request(method, |_| ())).await.unwrap();
        assert_eq!(code(&response), "", "{method}");
    }
}

#[tokio::test]
async fn a_client_that_takes_an_answer_bit_by_bit_has_its_place_until_the_end() {
    const BYTES: usize = 5 + 200;
    let server = start_small().await;
    let mut slow = connect_with_window(&server, 1).await;
    let (response, mut asks) = slow.send_request(request(READ, |_| ()), false).unwrap();
    let mut message = vec![b'x'; BYTES];
    message[..5].copy_from_slice(&[0, 0, 0, 0, 200]);
    asks.send_data(message.into(), true).unwrap();
    let mut body = bounded(response).await.unwrap().into_body();

    let mut other = connect(&server).await;
    let shed = send(&mut other, request(READ, |_| ())).await.unwrap();
    assert_eq!(code(&shed), "8");

    let mut taken = 0;
    while let Some(data) = bounded(body.data()).await {
        let data = data.unwrap();
        taken += data.len();
        body.flow_control().release_capacity(data.len()).unwrap();
    }
    assert_eq!(taken, BYTES);
    assert_eq!(trailing_code(&mut body).await, "0");
    let response = send(&mut other, request(READ, |_| ())).await.unwrap();
    assert_eq!(code(&response), "");
}
