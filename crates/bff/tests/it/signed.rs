//! What a signature says of a body, kept to on every way in.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use covergen_bff::{
    Admission, Bff, BffConfig, Caller, ContentDigest, Gate, Presented, Problem, Proof, Signatures,
};
use http::Request;
use sha2::{Digest as _, Sha256, Sha512};

use crate::support::{Answer, Platform, ScratchGate, request};

/// Believes what a header says of who signed, and of which body.
struct Believer;

#[async_trait]
impl Signatures for Believer {
    async fn check(&self, request: &Presented<'_>) -> Result<Option<Proof>, Problem> {
        let Some(signer) = request.headers.get("x-signer") else {
            return Ok(None);
        };
        let digest = |name: &str| {
            let text = request.headers.get(name)?.to_str().ok()?;
            let bytes = (0..text.len()).step_by(2);
            Some(bytes.map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()))
        };
        let short = digest("x-short").map(|digest| ContentDigest::Sha256(digest.collect()));
        let long = digest("x-long").map(|digest| ContentDigest::Sha512(digest.collect()));
        let digests = short.into_iter().chain(long).collect::<Vec<_>>();
        assert_eq!(request.has_body, !digests.is_empty());
        Ok(Some(Proof::new(signer.to_str().unwrap(), digests)))
    }
}

/// Lets in whom a signature names.
struct SignedGate;

#[async_trait]
impl Gate for SignedGate {
    async fn admit(&self, request: &Admission<'_>) -> Result<Caller, Problem> {
        let token = request.credential.map(|credential| credential.token);
        if request.signed_by.is_none() || request.signed_by != token {
            return Err(Problem::unauthenticated("UNSIGNED", "Sign it."));
        }
        ScratchGate.admit(request).await
    }
}

fn signed(bff: Bff) -> Bff {
    bff.gate(Arc::new(SignedGate))
        .signatures(Arc::new(Believer))
}

fn platform() -> Platform {
    Platform::build(BffConfig::default(), signed)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request by ada that says it is signed by her, with this body in mind.
fn meant(path: &str, kind: &str, body: &[u8]) -> http::request::Builder {
    request("POST", path)
        .header("authorization", "Bearer user-ada")
        .header("content-type", kind)
        .header("x-signer", "user-ada")
        .header("x-short", hex(&Sha256::digest(body)))
        .header("x-long", hex(&Sha512::digest(body)))
}

fn in_pieces(bytes: &[u8]) -> Body {
    let pieces: Vec<Result<Bytes, Infallible>> = bytes
        .chunks(100_000)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    Body::from_stream(futures::stream::iter(pieces))
}

fn sent(of: http::request::Builder, body: &[u8]) -> Request<Body> {
    of.body(in_pieces(body)).unwrap()
}

#[track_caller]
fn mismatch(answer: &Answer) {
    answer.problem(400, "DIGEST_MISMATCH");
    assert_eq!(
        answer.header("want-content-digest"),
        "sha-256=10, sha-512=9"
    );
}

const FILES: &str = "/api/v1/albums/summer/files";
const FORM: &str = "multipart/form-data; boundary=b";
const JSON: &str = "application/json";

fn form(content: &[u8]) -> Vec<u8> {
    let head = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
        Content-Type: text/plain\r\n\r\n";
    [&head[..], content, b"\r\n--b--\r\n"].concat()
}

#[tokio::test]
async fn a_document_that_was_changed_reaches_no_backend() {
    let platform = platform();
    let body = br#"{"text":"signed"}"#;
    let path = "/api/v1/echo";
    let whole = platform.send(sent(meant(path, JSON, body), body)).await;
    assert_eq!(whole.status.as_u16(), 200, "{}", whole.text());
    let calls = platform.backend.calls.load(Ordering::SeqCst);
    assert_eq!(calls, 1);
    for other in [
        &br#"{"text":"sighed"}"#[..],
        b"{}",
        br#"{"text":"signed"} "#,
    ] {
        mismatch(&platform.send(sent(meant(path, JSON, body), other)).await);
    }
    // Neither does one to a route that takes no body at all.
    let nowhere = meant("/api/v1/nowhere", JSON, body);
    mismatch(&platform.send(sent(nowhere, b"{}")).await);
    let web = "/covergen.echo.v1.EchoService/Get";
    let kind = "application/grpc-web+proto";
    let message = b"\0\0\0\0\x04\x0a\x02t1";
    mismatch(
        &platform
            .send(sent(meant(web, kind, message), b"\0\0\0\0\0"))
            .await,
    );
    let large = vec![b' '; 1024 * 1024 + 1];
    let answer = platform.send(sent(meant(path, JSON, &large), &large)).await;
    answer.problem(413, "BODY_TOO_LARGE");
    assert_eq!(platform.backend.calls.load(Ordering::SeqCst), calls);
}

#[tokio::test]
async fn a_file_that_was_changed_never_looks_whole_to_the_service() {
    let platform = platform();
    let content = b"signed ".repeat(200_000);
    let body = form(&content);
    let answer = platform.send(sent(meant(FILES, FORM, &body), &body)).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text());
    assert_eq!(platform.backend.whole.load(Ordering::SeqCst), 1);
    let flipped = |at: usize| {
        let mut other = body.clone();
        other[at] ^= 1;
        other
    };
    let changed = [
        // In the first piece, in the middle, and in the last.
        flipped(body.len() / 20),
        flipped(body.len() / 2),
        flipped(body.len() - 20),
        // After the file, where nobody reads for its sake.
        [&body[..], b"x"].concat(),
        [&body[..], &b"x".repeat(4096)].concat(),
        [&body[..], &b"x".repeat(1_000_000)].concat(),
    ];
    let cases = changed.len();
    for (at, other) in changed.into_iter().enumerate() {
        mismatch(&platform.send(sent(meant(FILES, FORM, &body), &other)).await);
        platform.backend.until_broken(at + 1).await;
    }
    // A bare file as well.
    let bare = meant(FILES, "text/plain", &content);
    mismatch(&platform.send(sent(bare, &content[1..])).await);
    platform.backend.until_broken(cases + 1).await;
    assert_eq!(platform.backend.whole.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_gate_learns_who_has_signed_and_nobody_can_tell_it() {
    let platform = platform();
    let get = || request("GET", "/api/v1/things/t1").header("authorization", "Bearer user-ada");
    let ask =
        async |of: http::request::Builder| platform.send(of.body(Body::empty()).unwrap()).await;
    ask(get().header("x-signer", "user-ada")).await.ok();
    ask(get()).await.problem(401, "UNSIGNED");
    ask(get().header("x-signer", "user-eve"))
        .await
        .problem(401, "UNSIGNED");
    ask(get().header("covergen-signed-by", "user-ada"))
        .await
        .problem(401, "UNSIGNED");
    // Where nobody judges signatures, none is believed.
    let without = |bff: Bff| bff.gate(Arc::new(SignedGate));
    let platform = Platform::build(BffConfig::default(), without);
    let asked = get().header("x-signer", "user-ada").body(Body::empty());
    platform.send(asked.unwrap()).await.problem(401, "UNSIGNED");
}
