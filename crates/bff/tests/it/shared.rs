//! One stream of the service for all who watch the same.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::body::Body;
use covergen_bff::{
    Admission, Backend, BffConfig, Caller, Gate, Problem, ServeLimits, Sight, serve,
};
use http::{HeaderValue, StatusCode, header};
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use tower::ServiceExt as _;

use crate::scratch::covergen::live::v1::WatchRequest;
use crate::support::{BOTH, How, Live, Platform, Seen, Watcher, failed, request};

/// Tokens are `USER.SESSION`, until the session has ended.
#[derive(Clone, Default)]
struct Sessions(Arc<Mutex<HashSet<String>>>);

impl Sessions {
    fn end(&self, token: &str) {
        self.0.lock().unwrap().insert(token.to_owned());
    }

    fn standing(&self, token: &str) -> Result<(), Problem> {
        if self.0.lock().unwrap().contains(token) {
            return Err(Problem::unauthenticated("SESSION_ENDED", "Sign in again."));
        }
        Ok(())
    }
}

#[async_trait]
impl Gate for Sessions {
    async fn admit(&self, request: &Admission<'_>) -> Result<Caller, Problem> {
        let token = request.credential.expect("a token").token.to_owned();
        self.standing(&token)?;
        let (user, _) = token.split_once('.').expect("a user and a session");
        let (sessions, own) = (self.clone(), token.clone());
        Ok(Caller {
            key: user.to_owned(),
            user_id: Some(user.to_owned()),
            metadata: vec![(
                header::AUTHORIZATION,
                HeaderValue::from_str(&token).unwrap(),
            )],
            sight: Some(Sight {
                scope: user.into(),
                standing: Arc::new(move || sessions.standing(&own)),
            }),
        })
    }
}

struct World {
    platform: Platform,
    live: Live,
    sessions: Sessions,
}

impl World {
    /// The service behind a socket.
    async fn new() -> Self {
        let live = Live::default();
        live.say(1);
        let backend = live.over_socket().await;
        Self::over(live, backend)
    }

    fn over(live: Live, backend: Backend) -> Self {
        let sessions = Sessions::default();
        let gate = Arc::new(sessions.clone());
        let platform = Platform::build(BffConfig::default(), |bff| {
            bff.gate(gate).backend("live", backend)
        });
        Self {
            platform,
            live,
            sessions,
        }
    }

    async fn watch(&self, how: How, token: &str) -> Watcher {
        self.watch_with(how, token, "thing", 0, &[]).await
    }

    async fn watch_with(
        &self,
        how: How,
        token: &str,
        id: &str,
        after_version: u64,
        headers: &[(&str, &str)],
    ) -> Watcher {
        let mut sent = match how {
            How::Events => request("GET", &format!("/api/v1/live/{id}")),
            How::GrpcWeb => request("POST", "/covergen.live.v1.LiveService/Watch"),
        };
        sent = sent.header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            sent = sent.header(*name, *value);
        }
        let mut body = Vec::new();
        if how == How::GrpcWeb {
            sent = sent.header("content-type", "application/grpc-web+proto");
            let id = id.to_owned();
            let message = WatchRequest { id, after_version }.encode_to_vec();
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            body = [&[0], &length[..], &message].concat();
        } else if after_version > 0 {
            sent = sent.header("last-event-id", after_version.to_string());
        }
        let sent = sent.body(Body::from(body)).unwrap();
        let answer = self.platform.router.clone().oneshot(sent).await.unwrap();
        Watcher::of(how, answer)
    }

    #[track_caller]
    fn opened(&self, times: usize) {
        let openers = self.live.openers();
        assert_eq!(openers.len(), times, "{openers:?}");
    }
}

#[tokio::test]
async fn many_watchers_open_one_stream_and_all_of_them_see_all() {
    let world = World::new().await;
    let mut watchers = Vec::new();
    for number in 0..200 {
        let token = format!("ada.{}", number % 7);
        watchers.push(world.watch(BOTH[number % 2], &token).await);
    }
    for watcher in &mut watchers {
        assert_eq!(watcher.versions(1).await, [1]);
    }
    world.live.say(2);
    world.live.say(3);
    world.live.end(None);
    for watcher in &mut watchers {
        assert_eq!(watcher.versions(2).await, [2, 3]);
        assert_eq!(watcher.sees().await, Seen::End(None));
    }
    world.opened(1);
    world.live.until_open(0).await;
    // What has ended is not joined any more.
    let mut next = world.watch(How::Events, "ada.1").await;
    assert_eq!(next.versions(1).await, [3]);
    world.opened(2);
}

#[tokio::test]
async fn who_comes_late_begins_with_the_latest_state() {
    let world = World::new().await;
    let mut first = world.watch(How::Events, "ada.1").await;
    assert_eq!(first.versions(1).await, [1]);
    world.live.say(2);
    world.live.say(3);
    assert_eq!(first.versions(2).await, [2, 3]);
    for how in BOTH {
        let mut late = world.watch(how, "ada.1").await;
        assert_eq!(late.versions(1).await, [3], "{how:?}");
    }
    world.opened(1);
}

#[tokio::test]
async fn who_does_not_read_holds_nobody_back_and_goes_on_with_the_latest() {
    let world = World::new().await;
    let mut slow = world.watch(How::Events, "ada.1").await;
    let mut fast = world.watch(How::GrpcWeb, "ada.1").await;
    for version in 2..=500 {
        world.live.say(version);
    }
    while fast.sees().await != Seen::Version(500) {}
    assert_eq!(slow.versions(1).await, [500]);
    world.live.say(501);
    assert_eq!(slow.versions(1).await, [501]);
    assert_eq!(fast.versions(1).await, [501]);
    world.opened(1);
}

#[tokio::test]
async fn the_stream_ends_with_the_last_who_watches() {
    let world = World::new().await;
    let opener = world.watch(How::Events, "ada.1").await;
    let mut other = world.watch(How::GrpcWeb, "ada.2").await;
    drop(opener);
    world.live.say(2);
    assert_eq!(other.versions(1).await, [1]);
    assert_eq!(other.versions(1).await, [2]);
    world.live.until_open(1).await;
    drop(other);
    world.live.until_open(0).await;
    let mut next = world.watch(How::Events, "ada.2").await;
    assert_eq!(next.versions(1).await, [2]);
    assert_eq!(world.live.openers(), ["ada.1", "ada.2"]);
}

#[tokio::test]
async fn who_may_see_something_else_or_asks_for_it_has_a_stream_of_their_own() {
    let world = World::new().await;
    let mut watchers = Vec::new();
    for (token, id, headers) in [
        ("ada.1", "thing", &[][..]),
        ("bob.1", "thing", &[]),
        ("ada.1", "other", &[]),
        ("ada.1", "thing", &[("accept-language", "zh")]),
        ("ada.1", "thing", &[("x-user-type", "beta")]),
        ("ada.1", "thing", &[("covergen-workspace", "wks_1")]),
    ] {
        for how in BOTH {
            watchers.push(world.watch_with(how, token, id, 0, headers).await);
        }
    }
    for watcher in &mut watchers {
        assert_eq!(watcher.versions(1).await, [1]);
    }
    world.opened(6);
}

#[tokio::test]
async fn who_goes_on_from_somewhere_shares_with_those_who_do_so_too() {
    let world = World::new().await;
    world.live.say(5);
    let mut whole = world.watch(How::Events, "ada.1").await;
    assert_eq!(whole.versions(1).await, [5]);
    let mut behind = world
        .watch_with(How::Events, "ada.1", "thing", 4, &[])
        .await;
    assert_eq!(behind.versions(1).await, [5]);
    let mut both = Vec::new();
    for how in BOTH {
        both.push(world.watch_with(how, "ada.1", "thing", 5, &[]).await);
    }
    world.live.say(6);
    for watcher in &mut both {
        assert_eq!(watcher.versions(1).await, [6]);
    }
    let mut late = world
        .watch_with(How::Events, "ada.1", "thing", 5, &[])
        .await;
    assert_eq!(late.versions(1).await, [6]);
    world.opened(3);
}

#[tokio::test]
async fn an_error_reaches_all_who_watch() {
    let world = World::new().await;
    let mut watchers = Vec::new();
    for how in BOTH {
        watchers.push(world.watch(how, "ada.1").await);
    }
    let details = ErrorDetails::with_error_info("WENT_WRONG", "covergen", []);
    let status = Status::with_error_details(Code::Aborted, "It went wrong.", details);
    world.live.end(Some(&status));
    for watcher in &mut watchers {
        assert_eq!(watcher.versions(1).await, [1]);
        let ended = watcher.sees().await;
        assert_eq!(ended, failed(Code::Aborted, "WENT_WRONG"));
    }
    world.opened(1);
}

#[tokio::test]
async fn a_refusal_is_what_it_is_on_a_stream_of_ones_own() {
    let world = World::new().await;
    let refused = world.watch_with(How::Events, "ada.1", "none", 0, &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let refused = world
        .watch_with(How::GrpcWeb, "ada.1", "none", 0, &[])
        .await;
    assert_eq!(refused.grpc_status.unwrap(), "5");
}

#[tokio::test]
async fn who_has_asked_for_less_time_ends_alone() {
    let world = World::new().await;
    let mut whole = world.watch(How::Events, "ada.1").await;
    assert_eq!(whole.versions(1).await, [1]);
    for (how, header) in [
        (How::Events, ("request-timeout", "0.2")),
        (How::GrpcWeb, ("grpc-timeout", "200m")),
    ] {
        let mut short = world.watch_with(how, "ada.1", "thing", 0, &[header]).await;
        assert_eq!(short.versions(1).await, [1], "{how:?}");
        let over = failed(Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
        assert_eq!(short.sees().await, over, "{how:?}");
    }
    world.live.say(2);
    assert_eq!(whole.versions(1).await, [2]);
    world.opened(1);
}

#[tokio::test]
async fn whose_session_ends_sees_nothing_more_and_the_others_go_on() {
    let world = World::new().await;
    for (how, opener) in [(How::Events, "ada.1"), (How::GrpcWeb, "ada.2")] {
        let mut opener_watches = world.watch(how, opener).await;
        let mut other = world.watch(How::Events, "ada.3").await;
        opener_watches.versions(1).await;
        other.versions(1).await;
        world.sessions.end(opener);
        world.live.say(2);
        let ended = opener_watches.sees().await;
        assert_eq!(ended, failed(Code::Unauthenticated, "SESSION_ENDED"));
        assert_eq!(other.versions(1).await, [2]);
        drop((opener_watches, other));
        world.live.until_open(0).await;
    }
    world.opened(2);
}

#[tokio::test]
async fn a_refusal_in_the_name_of_the_opener_ends_the_opener_alone() {
    let world = World::new().await;
    let mut watchers = Vec::new();
    for (how, token) in [
        (How::Events, "ada.1"),
        (How::Events, "ada.2"),
        (How::GrpcWeb, "ada.2"),
    ] {
        let mut watcher = world.watch(how, token).await;
        assert_eq!(watcher.versions(1).await, [1]);
        watchers.push(watcher);
    }
    let details = ErrorDetails::with_error_info("SESSION_ENDED", "covergen", []);
    let status = Status::with_error_details(Code::Unauthenticated, "It ended.", details);
    world.live.say(2);
    world.live.end(Some(&status));
    for watcher in &mut watchers {
        assert_eq!(watcher.versions(1).await, [2]);
    }
    let ended = watchers.remove(0).sees().await;
    assert_eq!(ended, failed(Code::Unauthenticated, "SESSION_ENDED"));
    // In the name of one of them; the state is told again.
    for watcher in &mut watchers {
        assert_eq!(watcher.versions(1).await, [2]);
    }
    world.live.say(3);
    for watcher in &mut watchers {
        assert_eq!(watcher.versions(1).await, [3]);
    }
    assert_eq!(world.live.openers(), ["ada.1", "ada.2"]);
}

#[tokio::test(start_paused = true)]
async fn whose_session_ends_while_nothing_happens_is_told_so() {
    let live = Live::default();
    live.say(1);
    let backend = live.backend();
    let world = World::over(live, backend);
    for (how, token) in [(How::Events, "ada.1"), (How::GrpcWeb, "ada.2")] {
        let mut other = world.watch(How::Events, "ada.3").await;
        let mut watcher = world.watch(how, token).await;
        assert_eq!(other.versions(1).await, [1]);
        assert_eq!(watcher.versions(1).await, [1]);
        world.sessions.end(token);
        let ended = watcher.sees().await;
        assert_eq!(ended, failed(Code::Unauthenticated, "SESSION_ENDED"));
        world.live.say(2);
        assert_eq!(other.versions(1).await, [2]);
        world.live.say(1);
    }
}

/// Over sockets on both sides, as browsers come and go.
#[tokio::test]
async fn connections_that_go_let_go_of_the_stream() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = world.platform.router.clone();
    let limits = ServeLimits::default();
    tokio::spawn(serve(listener, router, limits, std::future::pending()));
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let asked = "GET /api/v1/live/thing HTTP/1.1\r\nhost: x\r\n\
                     authorization: Bearer ada.1\r\n\r\n";
        socket.write_all(asked.as_bytes()).await.unwrap();
        let (mut text, mut piece) = (Vec::new(), [0; 1024]);
        while !String::from_utf8_lossy(&text).contains("id: 1\n") {
            let read = socket.read(&mut piece).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&text));
            text.extend_from_slice(&piece[..read]);
        }
        sockets.push(socket);
    }
    world.opened(1);
    world.live.until_open(1).await;
    drop(sockets);
    world.live.until_open(0).await;
}

#[tokio::test]
async fn no_more_than_a_bound_watch_one_stream() {
    let world = World::new().await;
    let mut watchers = Vec::new();
    for _ in 0..256 {
        let watcher = world.watch(How::Events, "ada.1").await;
        assert_eq!(watcher.status, StatusCode::OK);
        watchers.push(watcher);
    }
    let refused = world.watch(How::Events, "ada.2").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let refused = world.watch(How::GrpcWeb, "ada.2").await;
    assert_eq!(refused.grpc_status.unwrap(), "8");
    let other = world.watch(How::Events, "bob.1").await;
    assert_eq!(other.status, StatusCode::OK);

    watchers.pop();
    let mut next = world.watch(How::GrpcWeb, "ada.2").await;
    assert_eq!(next.versions(1).await, [1]);
}
