//! gRPC-web, binary and text.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use covergen_bff::BffConfig;
use http::Request;
use prost::Message;

use crate::scratch::covergen::echo::v1::{
    All, FailRequest, GetRequest, LoginRequest, Tick, WatchRequest,
};
use crate::support::{Answer, Platform, request};

const SERVICE: &str = "/covergen.echo.v1.EchoService";

/// A gRPC frame around a message.
fn frame(message: &impl Message) -> Vec<u8> {
    let bytes = message.encode_to_vec();
    let length = u32::try_from(bytes.len()).unwrap();
    let mut out = vec![0];
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&bytes);
    out
}

fn call(method: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Request<Body> {
    let mut sent = request("POST", &format!("{SERVICE}/{method}"))
        .header("content-type", "application/grpc-web+proto")
        .header("x-grpc-web", "1");
    for (name, value) in headers {
        sent = sent.header(*name, *value);
    }
    sent.body(Body::from(body)).unwrap()
}

/// Messages and trailers of a gRPC-web body.
fn parts(mut body: &[u8]) -> (Vec<Vec<u8>>, String) {
    let (mut messages, mut trailers) = (Vec::new(), String::new());
    while body.len() >= 5 {
        let length = u32::from_be_bytes([body[1], body[2], body[3], body[4]]) as usize;
        let content = &body[5..5 + length];
        if body[0] & 0x80 == 0 {
            messages.push(content.to_vec());
        } else {
            trailers = String::from_utf8(content.to_vec()).unwrap().to_lowercase();
        }
        body = &body[5 + length..];
    }
    (messages, trailers)
}

/// The grpc-status of an answer, wherever it stands.
fn status(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let header = answer.header("grpc-status");
    if !header.is_empty() {
        return header.to_owned();
    }
    let (_, trailers) = parts(&answer.body);
    let line = trailers
        .lines()
        .find_map(|line| line.strip_prefix("grpc-status:"));
    line.unwrap_or("none").trim().to_owned()
}

fn all() -> All {
    All {
        text: "hello".to_owned(),
        words: vec!["a".to_owned()],
        ..All::default()
    }
}

#[tokio::test]
async fn a_unary_call_goes_there_and_back() {
    let platform = Platform::new();
    let answer = platform.send(call("Echo", frame(&all()), &[])).await;
    assert_eq!(answer.header("content-type"), "application/grpc-web+proto");
    let (messages, trailers) = parts(&answer.body);
    assert_eq!(All::decode(&*messages[0]).unwrap().text, "hello");
    assert!(trailers.contains("grpc-status:0"), "{trailers}");
}

#[tokio::test]
async fn text_is_base64_both_ways() {
    let platform = Platform::new();
    let sent = request("POST", &format!("{SERVICE}/Echo"))
        .header("content-type", "application/grpc-web-text+proto")
        .header("accept", "application/grpc-web-text+proto")
        .body(Body::from(STANDARD.encode(frame(&all()))));
    let answer = platform.send(sent.unwrap()).await;
    assert_eq!(
        answer.header("content-type"),
        "application/grpc-web-text+proto"
    );
    let mut body = Vec::new();
    // Frames are encoded one by one, each with its own padding.
    let text = answer.text();
    for part in text
        .split_inclusive('=')
        .collect::<Vec<_>>()
        .concat()
        .as_bytes()
        .chunks(4)
    {
        body.extend(STANDARD.decode(part).unwrap());
    }
    let (messages, trailers) = parts(&body);
    assert_eq!(All::decode(&*messages[0]).unwrap().text, "hello");
    assert!(trailers.contains("grpc-status:0"), "{trailers}");
}

#[tokio::test]
async fn a_stream_is_a_frame_per_message() {
    let platform = Platform::new();
    let ask = WatchRequest {
        count: 3,
        ..WatchRequest::default()
    };
    let answer = platform.send(call("Watch", frame(&ask), &[])).await;
    let (messages, trailers) = parts(&answer.body);
    let versions: Vec<i32> = messages
        .iter()
        .map(|message| Tick::decode(&**message).unwrap().version)
        .collect();
    assert_eq!(versions, [1, 2, 3]);
    assert!(trailers.contains("grpc-status:0"), "{trailers}");
}

#[tokio::test]
async fn only_what_is_exposed_can_be_called() {
    let platform = Platform::new();
    let internal = platform
        .send(call("Internal", frame(&GetRequest::default()), &[]))
        .await;
    assert_eq!(status(&internal), "12");
    let unknown = platform
        .send(call("Nothing", frame(&GetRequest::default()), &[]))
        .await;
    assert_eq!(status(&unknown), "12");
    let anonymous = platform
        .send(call("Whoami", frame(&GetRequest::default()), &[]))
        .await;
    assert_eq!(status(&anonymous), "16");
    let bearer = [("authorization", "Bearer user-ada")];
    let known = platform
        .send(call("Whoami", frame(&GetRequest::default()), &bearer))
        .await;
    assert_eq!(status(&known), "0");
    assert!(String::from_utf8_lossy(&known.body).contains("Bearer internal-ada"));
    assert!(!String::from_utf8_lossy(&known.body).contains("user-ada"));
}

#[tokio::test]
async fn refusals_carry_details_and_internals_do_not_leak() {
    let platform = Platform::new();
    let fail = |code: i32| FailRequest {
        code,
        reason: "BECAUSE".to_owned(),
        message: "at 10.0.0.7".to_owned(),
        ..FailRequest::default()
    };
    let stated = platform.send(call("Fail", frame(&fail(5)), &[])).await;
    assert_eq!(status(&stated), "5");
    let everything = format!("{:?}{}", stated.headers, stated.text());
    assert!(everything.contains("10.0.0.7") && everything.contains("grpc-status-details-bin"));
    let internal = platform.send(call("Fail", frame(&fail(13)), &[])).await;
    assert_eq!(status(&internal), "13");
    let everything = format!("{:?}{}", internal.headers, internal.text());
    assert!(
        !everything.contains("10.0.0.7") && !everything.contains("details-bin"),
        "{everything}"
    );
}

#[tokio::test]
async fn trailers_pass_unless_the_service_broke() {
    let platform = Platform::over_socket().await;
    let ask = |fail_after| WatchRequest {
        count: 2,
        fail_after,
        ..WatchRequest::default()
    };
    let whole = platform.send(call("Download", frame(&ask(0)), &[])).await;
    assert_eq!(status(&whole), "0");
    assert!(parts(&whole.body).1.contains("x-ended:well"));
    let broken = platform.send(call("Download", frame(&ask(1)), &[])).await;
    assert_eq!(status(&broken), "13");
    let everything = broken.text();
    assert!(everything.contains("chunk 0;"), "{everything}");
    assert!(
        !everything.contains("x-ended") && !everything.contains("10.0.0.7"),
        "{everything}"
    );
}

#[tokio::test]
async fn malformed_requests_are_refused_before_the_backend() {
    let platform = Platform::new();
    let whole = frame(&all());
    let mut twice = whole.clone();
    twice.extend_from_slice(&whole);
    let mut lying = whole.clone();
    lying[4] = 200;
    let mut trailer = whole.clone();
    trailer[0] = 0x80;
    for body in [
        Vec::new(),
        vec![0, 0],
        whole[..6].to_vec(),
        twice,
        lying,
        trailer,
    ] {
        let answer = platform.send(call("Echo", body, &[])).await;
        assert_eq!(status(&answer), "3");
    }
    let text = request("POST", &format!("{SERVICE}/Echo"))
        .header("content-type", "application/grpc-web-text")
        .body(Body::from("!!!!"));
    assert_eq!(status(&platform.send(text.unwrap()).await), "3");
    let large = platform
        .send(call("Echo", vec![0; 5 * 1024 * 1024], &[]))
        .await;
    assert_eq!(status(&large), "8");
    let timeout = platform
        .send(call("Echo", whole, &[("grpc-timeout", "soon")]))
        .await;
    assert_eq!(status(&timeout), "3");
    assert_eq!(
        platform
            .backend
            .calls
            .load(std::sync::atomic::Ordering::SeqCst),
        0
    );
}

#[tokio::test]
async fn bytes_that_are_no_message_are_the_callers_fault() {
    let platform = Platform::new();
    let answer = platform
        .send(call("Echo", vec![0, 0, 0, 0, 2, 0xff, 0xff], &[]))
        .await;
    // tonic's own codec calls it INTERNAL; services decode with one that does not.
    assert!(["3", "13"].contains(&status(&answer).as_str()));
}

#[tokio::test]
async fn plain_grpc_has_its_own_address() {
    let platform = Platform::new();
    let sent = request("POST", &format!("{SERVICE}/Echo"))
        .header("content-type", "application/grpc")
        .body(Body::from(frame(&all())));
    platform
        .send(sent.unwrap())
        .await
        .problem(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_cookie_session_needs_its_csrf_token_here_too() {
    let platform = Platform::with(BffConfig::default());
    let login = request("POST", "/api/v1/auth/login")
        .header("content-type", "application/json")
        .header("x-covergen-session", "cookie")
        .body(Body::from(r#"{"name":"ada"}"#));
    let opened = platform.send(login.unwrap()).await;
    let csrf = opened
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|line| line.to_str().ok()?.strip_prefix("covergen_csrf="))
        .map(|rest| rest.split(';').next().unwrap().to_owned())
        .next()
        .unwrap();
    let cookie = format!("covergen_session=user-ada; covergen_csrf={csrf}");
    let ask = frame(&GetRequest::default());
    let bare = platform
        .send(call("Whoami", ask.clone(), &[("cookie", &cookie)]))
        .await;
    assert_eq!(status(&bare), "7");
    let headers = [("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str())];
    let answer = platform.send(call("Whoami", ask, &headers)).await;
    assert_eq!(status(&answer), "0");
}

#[tokio::test]
async fn cookie_sessions_open_by_rest_alone() {
    let platform = Platform::new();
    let login = LoginRequest {
        name: "ada".to_owned(),
    };
    let asked = [("x-covergen-session", "cookie")];
    let refused = platform.send(call("Login", frame(&login), &asked)).await;
    assert_eq!(status(&refused), "9");
    let plain = platform.send(call("Login", frame(&login), &[])).await;
    assert_eq!(status(&plain), "0");
    assert!(plain.headers.get("set-cookie").is_none());
}
