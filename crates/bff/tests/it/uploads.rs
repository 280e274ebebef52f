//! Uploads: forms and bare files on their way into a client stream.

use std::convert::Infallible;
use std::sync::atomic::Ordering;

use axum::body::Body;
use base64::Engine as _;
use bytes::Bytes;
use covergen_bff::{Bff, BffConfig, BffError};
use futures::StreamExt as _;
use http::Request;
use http::request::Builder;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::generated::SURFACE;
use crate::support::{Answer, Platform, request};

const PATH: &str = "/api/v1/albums/summer/files";
const STORE: &str = "covergen.echo.v1.EchoService/Store";

/// Content that looks like a boundary in every place where it can.
fn content(length: usize) -> Vec<u8> {
    let pattern = b"\r\n--\r\n--boundar\r\n-\r\r\n--boundarX";
    pattern.iter().copied().cycle().take(length).collect()
}

fn field(name: &str, value: &str) -> Vec<u8> {
    format!("--boundary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        .into_bytes()
}

fn file(name: &str, kind: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: {kind}\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), b"--boundary--\r\n".to_vec()].concat()
}

fn to(path: &str) -> Builder {
    request("POST", path).header("authorization", "Bearer user-ada")
}

fn sent(body: impl Into<Body>) -> Request<Body> {
    to(PATH)
        .header("content-type", "multipart/form-data; boundary=boundary")
        .body(body.into())
        .unwrap()
}

/// A body that arrives in pieces of a length.
fn in_pieces(bytes: &[u8], length: usize) -> Body {
    let pieces: Vec<Result<Bytes, Infallible>> = bytes
        .chunks(length.max(1))
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    Body::from_stream(futures::stream::iter(pieces))
}

#[track_caller]
fn assert_stored(answer: &Answer, content: &[u8]) -> serde_json::Value {
    assert_eq!(answer.status, 201, "{}", answer.text());
    let stored = answer.json();
    assert_eq!(stored["bytes"], content.len().to_string());
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(content));
    assert_eq!(stored["sha256"], digest);
    assert!(stored["largestChunk"].as_i64().unwrap() <= 1024 * 1024);
    stored
}

#[tokio::test]
async fn a_form_arrives_with_its_fields_and_its_file() {
    let platform = Platform::new();
    let content = content(2_500_000);
    let body = form(&[
        field("title", "Été — 夏"),
        field("tags", "a"),
        field("tags", "b"),
        field("colour", "RED"),
        field("inner.number", "7"),
        file("C:\\pictures\\a \\\"b\\\".png", "image/PNG; x=y", &content),
    ]);
    let mut request = sent(body);
    let headers = request.headers_mut();
    headers.insert("idempotency-key", "key-1".parse().unwrap());
    headers.insert("if-match", "\"v7\"".parse().unwrap());
    let answer = platform.send(request).await;
    let header = &assert_stored(&answer, &content)["header"];
    assert_eq!(header["album"], "summer");
    assert_eq!(header["title"], "Été — 夏");
    assert_eq!(header["tags"], serde_json::json!(["a", "b"]));
    assert_eq!(header["colour"], "RED");
    assert_eq!(header["inner"]["number"], 7);
    assert_eq!(header["contentType"], "image/png");
    assert_eq!(header["filename"], "a \"b\".png");
    assert_eq!(header["requestId"], "key-1");
    assert_eq!(header["etag"], "v7");
}

#[tokio::test]
async fn a_bare_file_takes_its_fields_from_the_query() {
    let platform = Platform::new();
    let content = content(1_300_000);
    let request = request("PUT", "/api/v1/files?title=T&album=x&inner.name=n")
        .header("authorization", "Bearer user-ada")
        .header("content-type", "text/csv")
        .header(
            "content-disposition",
            "attachment; filename*=UTF-8''%E5%A4%8F.csv",
        )
        .body(in_pieces(&content, 70_000))
        .unwrap();
    let answer = platform.send(request).await;
    let header = &assert_stored(&answer, &content)["header"];
    assert_eq!(header["title"], "T");
    assert_eq!(header["album"], "x");
    assert_eq!(header["contentType"], "text/csv");
    assert_eq!(header["filename"], "夏.csv");
    assert_ne!(header["requestId"], "", "a key is made where none is given");
}

#[tokio::test]
async fn a_file_that_states_no_type_is_left_to_the_service() {
    let platform = Platform::new();
    for head in ["", "Content-Type: application/octet-stream\r\n"] {
        let part =
            format!("--boundary\r\n{head}Content-Disposition: form-data; name=file\r\n\r\nabc\r\n");
        let answer = platform.send(sent(form(&[part.into_bytes()]))).await;
        let header = &assert_stored(&answer, b"abc")["header"];
        assert_eq!(header["contentType"], "");
        assert_eq!(header["filename"], "");
    }
}

#[tokio::test]
async fn it_works_the_same_over_a_socket() {
    let platform = Platform::over_socket().await;
    let content = content(3_000_000);
    let body = form(&[file("a.png", "image/png", &content)]);
    let answer = platform.send(sent(in_pieces(&body, 16_000))).await;
    assert_stored(&answer, &content);
    assert_eq!(platform.backend.whole.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_file_that_turns_out_wrong_never_looks_whole_to_the_service() {
    let good = file("a.txt", "text/plain", b"abc");
    let cut = good[..good.len() - 1].to_vec();
    let large = file("a.txt", "text/plain", &content(3 * 1024 * 1024 + 1));
    let cases: [(Vec<u8>, u16, &str); 6] = [
        (form(&[large]), 413, "BODY_TOO_LARGE"),
        (cut, 400, "MALFORMED_FORM"),
        (form(&[good.clone(), good.clone()]), 400, "SECOND_FILE"),
        (
            form(&[good.clone(), field("title", "late")]),
            400,
            "FIELD_AFTER_FILE",
        ),
        (form(&[file("a.txt", "text/plain", b"")]), 400, "EMPTY_FILE"),
        (
            [good.clone(), b"--boundaryX\r\n".to_vec()].concat(),
            400,
            "MALFORMED_FORM",
        ),
    ];
    for platform in [Platform::new(), Platform::over_socket().await] {
        for (at, (body, status, reason)) in cases.iter().enumerate() {
            let answer = platform.send(sent(in_pieces(body, 100_000))).await;
            answer.problem(*status, reason);
            platform.backend.until_broken(at + 1).await;
        }
        assert_eq!(platform.backend.whole.load(Ordering::SeqCst), 0);
        platform.backend.until_open(0).await;
    }
}

#[tokio::test]
async fn a_form_that_is_none_is_refused_before_the_service_hears_of_it() {
    let platform = Platform::new();
    let good = file("a.txt", "text/plain", b"abc");
    let nameless = b"--boundary\r\nContent-Disposition: form-data\r\n\r\nabc\r\n".to_vec();
    let coded = b"--boundary\r\nContent-Disposition: form-data; name=file\r\n\
                  Content-Transfer-Encoding: base64\r\n\r\nabc\r\n"
        .to_vec();
    let many: Vec<Vec<u8>> = (0..102).map(|at| field(&format!("f{at}"), "")).collect();
    let cases: [(Vec<u8>, u16, &str); 12] = [
        (form(&[]), 400, "FILE_MISSING"),
        (form(&[field("title", "x")]), 400, "FILE_MISSING"),
        (Vec::new(), 400, "MALFORMED_FORM"),
        (vec![b'x'; 5000], 400, "MALFORMED_FORM"),
        (form(&[nameless]), 400, "MALFORMED_FORM"),
        (form(&[coded]), 400, "MALFORMED_FORM"),
        (
            form(&[field("titel", "x"), good.clone()]),
            400,
            "UNKNOWN_PARAMETER",
        ),
        (
            form(&[field("colour", "GREEN"), good.clone()]),
            400,
            "INVALID_VALUE",
        ),
        (
            form(&[field("title", "x"), field("title", "y"), good.clone()]),
            400,
            "DUPLICATE_PARAMETER",
        ),
        (
            form(&[field("title", &"x".repeat(70_000)), good.clone()]),
            400,
            "MALFORMED_FORM",
        ),
        (form(&many), 400, "MALFORMED_FORM"),
        (
            form(&[file("a.gif", "image/gif", b"abc")]),
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
    ];
    for (body, status, reason) in cases {
        platform.send(sent(body)).await.problem(status, reason);
    }
    let head = format!("--boundary\r\nX-A: {}\r\n\r\n", "x".repeat(9000));
    platform
        .send(sent(head))
        .await
        .problem(400, "MALFORMED_FORM");
    for kind in [
        "multipart/form-data",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"x",
    ] {
        let request = to(PATH).header("content-type", kind);
        let answer = platform.send(
            request
                .body(Body::from(form(std::slice::from_ref(&good))))
                .unwrap(),
        );
        answer.await.problem(400, "MALFORMED_FORM");
    }
    let packed = to(PATH)
        .header("content-type", "text/plain")
        .header("content-encoding", "gzip");
    let answer = platform.send(packed.body(Body::from("abc")).unwrap()).await;
    answer.problem(415, "UNSUPPORTED_MEDIA_TYPE");
    let gif = to(PATH)
        .header("content-type", "image/gif")
        .body(Body::from("abc"));
    platform
        .send(gif.unwrap())
        .await
        .problem(415, "UNSUPPORTED_MEDIA_TYPE");
    let anonymous = request("POST", PATH).body(Body::from("abc")).unwrap();
    platform.send(anonymous).await.problem(401, "SIGN_IN");
    assert_eq!(platform.backend.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_stated_length_over_the_limit_is_refused_unread() {
    let platform = Platform::new();
    let request = to(PATH)
        .header("content-type", "text/plain")
        .header("content-length", "3145729")
        .body(Body::empty())
        .unwrap();
    platform.send(request).await.problem(413, "BODY_TOO_LARGE");
    assert_eq!(platform.backend.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_configuration_sets_another_limit_by_name() {
    let with = |name: &str, limit: u64| BffConfig {
        upload_limits: [(name.to_owned(), limit)].into(),
        ..BffConfig::default()
    };
    let platform = Platform::with(with(STORE, 2));
    let send = |text: &'static str| {
        platform.send(sent(form(&[file("a.txt", "text/plain", text.as_bytes())])))
    };
    assert_stored(&send("ab").await, b"ab");
    send("abc").await.problem(413, "BODY_TOO_LARGE");
    let unknown = Bff::builder(&SURFACE, with("covergen.echo.v1.EchoService/Echo", 2))
        .gate(std::sync::Arc::new(crate::support::ScratchGate));
    let unknown = unknown.backend(
        "echo",
        covergen_bff::Backend::new(
            crate::scratch::covergen::echo::v1::echo_service_server::EchoServiceServer::new(
                crate::support::EchoBackend::default(),
            ),
        ),
    );
    let unknown = crate::support::others(unknown);
    assert!(
        matches!(unknown.build(), Err(BffError::UnknownUpload(name)) if name.ends_with("/Echo"))
    );
}

#[tokio::test]
async fn a_refusal_comes_before_the_file_has() {
    for platform in [Platform::new(), Platform::over_socket().await] {
        // A body that would go on for ever.
        let head = [field("refuse", "true"), file("a.txt", "text/plain", b"abc")].concat();
        let endless = futures::stream::once(async { Ok::<_, Infallible>(Bytes::from(head)) })
            .chain(
                futures::stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 4096]))).take(500),
            );
        let answer = platform.send(sent(Body::from_stream(endless))).await;
        let problem = answer.problem(400, "FAILED_PRECONDITION");
        assert_eq!(problem["detail"], "the album is full");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_stops_coming_is_408() {
    let platform = Platform::new();
    let head = file("a.txt", "text/plain", b"abc");
    let stalled = futures::stream::once(async { Ok::<_, Infallible>(Bytes::from(head)) })
        .chain(futures::stream::pending());
    let answer = platform.send(sent(Body::from_stream(stalled))).await;
    answer.problem(408, "BODY_TIMEOUT");
    assert_eq!(platform.backend.whole.load(Ordering::SeqCst), 0);
    platform.backend.until_broken(1).await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing_open() {
    let platform = Platform::new();
    let head = file("a.txt", "text/plain", b"abc");
    let stalled = futures::stream::once(async { Ok::<_, Infallible>(Bytes::from(head)) })
        .chain(futures::stream::pending());
    let request = sent(Body::from_stream(stalled));
    let router = platform.router.clone();
    let call = tokio::spawn(async move {
        tower::ServiceExt::oneshot(router, request).await.unwrap();
    });
    platform.backend.until_open(1).await;
    call.abort();
    platform.backend.until_open(0).await;
    assert_eq!(platform.backend.whole.load(Ordering::SeqCst), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_is_the_same_however_its_bytes_arrive(
        content in prop_oneof![
            prop::collection::vec(any::<u8>(), 1..400),
            prop::collection::vec(prop::sample::select(b"\r\n-boundary".to_vec()), 1..400),
        ],
        length in 1_usize..90,
    ) {
        // What ends like the boundary would is not a file that a form holds.
        let text = [b"\r\n".as_slice(), &content, b"\r\n"].concat();
        let needle = b"\r\n--boundary";
        prop_assume!(!text.windows(needle.len()).any(|window| window == needle));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let body = form(&[field("title", "x"), file("a.txt", "text/plain", &content)]);
            let answer = Platform::new().send(sent(in_pieces(&body, length))).await;
            assert_stored(&answer, &content);
        });
    }

    #[test]
    fn no_bytes_make_it_fail_on_its_own_account(
        body in prop::collection::vec(prop::sample::select(b"\r\n-boundary:;=\"file".to_vec()), 0..300),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let body = [b"--boundary\r\n".to_vec(), body].concat();
            let answer = Platform::new().send(sent(body)).await;
            assert!(answer.status.as_u16() < 500, "{}", answer.text());
        });
    }
}
