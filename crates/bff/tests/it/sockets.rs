//! Streams over WebSockets, against the real server.

use covergen_bff::{BffConfig, ServeLimits, serve};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::support::Platform;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

struct Server {
    platform: Platform,
    address: std::net::SocketAddr,
}

impl Server {
    async fn start(config: BffConfig) -> Self {
        let platform = Platform::with(config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = platform.router.clone();
        let limits = ServeLimits::default();
        tokio::spawn(serve(listener, router, limits, std::future::pending()));
        Self { platform, address }
    }

    async fn open(&self, path: &str, headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
        let url = format!("ws://{}/api/v1{path}", self.address);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let opened = tokio_tungstenite::connect_async(request).await;
        opened.map(|(socket, _)| socket)
    }

    async fn refused(&self, path: &str, headers: &[(&'static str, &str)]) -> (u16, Value) {
        match self.open(path, headers).await {
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                let problem = serde_json::from_slice(body).unwrap_or_default();
                (response.status().as_u16(), problem)
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Text frames until the close, and the close.
async fn read(mut socket: Socket) -> (Vec<Value>, u16, String) {
    let mut frames = Vec::new();
    while let Some(message) = socket.next().await {
        match message.unwrap() {
            Message::Text(text) => frames.push(serde_json::from_str(&text).unwrap()),
            Message::Close(Some(close)) => {
                // The other side goes once we have said so, too.
                while socket.next().await.is_some() {}
                return (frames, close.code.into(), close.reason.to_string());
            }
            _ => {}
        }
    }
    panic!("the connection ended without a close")
}

#[tokio::test]
async fn each_message_is_one_frame_and_a_good_stream_ends_with_1000() {
    let server = Server::start(BffConfig::default()).await;
    let socket = server.open("/watch/2?fields=version", &[]).await.unwrap();
    let (frames, code, _) = read(socket).await;
    assert_eq!(
        frames,
        [
            serde_json::json!({"version": 1}),
            serde_json::json!({"version": 2})
        ]
    );
    assert_eq!(code, 1000);
}

#[tokio::test]
async fn a_stream_that_fails_tells_the_problem_and_ends_with_1011() {
    let server = Server::start(BffConfig::default()).await;
    let socket = server.open("/watch/3?failAfter=1", &[]).await.unwrap();
    let (frames, code, reason) = read(socket).await;
    assert_eq!(frames.len(), 2);
    assert_eq!(frames[1]["error"]["reason"], "WENT_WRONG");
    assert_eq!(frames[1]["error"]["status"], 409);
    assert_eq!((code, &*reason), (1011, "WENT_WRONG"));
}

#[tokio::test]
async fn what_is_refused_is_refused_before_the_socket_opens() {
    let server = Server::start(BffConfig {
        max_sockets: 1,
        ..BffConfig::default()
    })
    .await;
    let (status, problem) = server.refused("/watch/3?failAfter=-1", &[]).await;
    assert_eq!((status, &problem["reason"]), (404, &"NOT_FOUND".into()));
    let (status, _) = server.refused("/watch/x", &[]).await;
    assert_eq!(status, 400);
    let version = [("sec-websocket-version", "12")];
    let (status, _) = server.refused("/watch/1", &version).await;
    assert_eq!(status, 426);
    let _held = server.open("/watch/1?hang=true", &[]).await.unwrap();
    let (status, problem) = server.refused("/watch/1", &[]).await;
    assert_eq!(
        (status, &problem["reason"]),
        (503, &"TOO_MANY_SOCKETS".into())
    );
}

#[tokio::test]
async fn a_stream_goes_on_after_the_event_that_the_address_names() {
    let server = Server::start(BffConfig::default()).await;
    let socket = server.open("/watch/3?lastEventId=2", &[]).await.unwrap();
    let (frames, _, _) = read(socket).await;
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0]["version"], 3);
}

#[tokio::test]
async fn a_cookie_opens_a_socket_from_pages_of_ours_alone() {
    let server = Server::start(BffConfig {
        allowed_origins: vec!["https://studio.example".to_owned()],
        ..BffConfig::default()
    })
    .await;
    let cookie = ("cookie", "covergen_session=user-ada");
    let own = format!("http://{}", server.address);
    for origin in [&*own, "https://studio.example"] {
        let headers = [cookie, ("origin", origin)];
        let (frames, _, _) = read(server.open("/watch/1", &headers).await.unwrap()).await;
        assert_eq!(frames.len(), 1, "{origin}");
    }
    for headers in [
        &[cookie][..],
        &[cookie, ("origin", "https://evil.example")],
        &[cookie, ("origin", "null")],
    ] {
        let (status, problem) = server.refused("/watch/1", headers).await;
        assert_eq!(
            (status, &problem["reason"]),
            (403, &"ORIGIN_NOT_ALLOWED".into())
        );
    }
    let bearer = [
        ("authorization", "Bearer user-ada"),
        ("origin", "https://evil.example"),
    ];
    read(server.open("/watch/1", &bearer).await.unwrap()).await;
}

#[tokio::test]
async fn a_client_that_closes_or_goes_cancels_the_call() {
    let server = Server::start(BffConfig::default()).await;
    let mut closing = server.open("/watch/1?hang=true", &[]).await.unwrap();
    let going = server.open("/watch/1?hang=true", &[]).await.unwrap();
    server.platform.backend.until_open(2).await;
    closing.close(None).await.unwrap();
    drop(going);
    server.platform.backend.until_open(0).await;
}

#[tokio::test]
async fn a_client_that_talks_is_told_that_nobody_listens() {
    let server = Server::start(BffConfig::default()).await;
    let mut socket = server.open("/watch/1?hang=true", &[]).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    let (_, code, _) = read(socket).await;
    assert_eq!(code, 1003);
    server.platform.backend.until_open(0).await;
}

#[tokio::test]
async fn an_idle_socket_is_pinged_and_dropped_once_it_is_silent() {
    let server = Server::start(BffConfig {
        keepalive_seconds: 1,
        ..BffConfig::default()
    })
    .await;
    let mut socket = server.open("/watch/0?hang=true", &[]).await.unwrap();
    let first = socket.next().await.unwrap().unwrap();
    assert!(matches!(first, Message::Ping(_)), "{first:?}");
    // Not read any more, so pings go unanswered.
    server.platform.backend.until_open(0).await;
}

#[tokio::test]
async fn elsewhere_the_wish_is_ignored() {
    let server = Server::start(BffConfig::default()).await;
    let (status, body) = server.refused("/things/t1", &[]).await;
    assert_eq!((status, &body["id"]), (200, &"t1".into()));
}

#[tokio::test]
async fn a_server_that_shuts_down_says_that_it_goes() {
    let platform = Platform::with(BffConfig::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = serve(
        listener,
        platform.router.clone(),
        ServeLimits::default(),
        async {
            let _ = stopped.await;
        },
    );
    let serving = tokio::spawn(serving);
    let server = Server { platform, address };
    let mut socket = server.open("/watch/1?hang=true", &[]).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))));
    stop.send(()).unwrap();
    let (_, code, reason) = read(socket).await;
    assert_eq!((code, reason.as_str()), (1001, "this server is going"));
    serving.await.unwrap().unwrap();
}
