//! HTTP/2 as no client would speak it, and messages that unfold, at the ports
//! of the real program: it grows by little, and others are served meanwhile.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use libdeflater::{CompressionLvl, Compressor};
use reqwest::StatusCode;
use tempfile::tempdir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tonic::Code;

use crate::api::{Person, client, register};
use crate::gigabyte::Growth;
use crate::platform::{Platform, unhurried};
use crate::port::Port;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A flood that is not stopped has so many bytes, and frames …
const MOST_BYTES: usize = 32 << 20;
/// … at most so many.
const MOST_FRAMES: u32 = 200_000;
/// By so much a process may grow.
pub(crate) const MOST_KIB: u64 = 64 * 1024;
/// A server that takes nothing for so long has stopped reading.
const STALLED: Duration = Duration::from_secs(2);
/// Calls of somebody else's while a flood is under way.
const OTHERS: usize = 20;
/// Connections that flood at once.
const ATTACKERS: usize = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `:method POST`, `:scheme http`, `:path /`, each from HPACK's static table.
const REQUEST: [u8; 3] = [0x83, 0x86, 0x84];

/// A header that is not indexed, with a value of this length (below 16,384).
fn header(name: &str, length: usize) -> Vec<u8> {
    let mut field = vec![0, u8::try_from(name.len()).unwrap()];
    field.extend(name.as_bytes());
    field.extend(hpack_length(length));
    field.extend(vec![b'y'; length]);
    field
}

/// An integer with a prefix of seven bits (RFC 7541, 5.1).
fn hpack_length(length: usize) -> Vec<u8> {
    let mut rest = length.checked_sub(127).expect("a long one");
    let mut bytes = vec![127];
    while rest >= 128 {
        bytes.push(u8::try_from(rest % 128).unwrap() | 128);
        rest /= 128;
    }
    bytes.push(u8::try_from(rest).unwrap());
    bytes
}

/// What is sent at first, and what again and again for stream 1, 3, 5, …
struct Flood {
    name: &'static str,
    first: Vec<u8>,
    again: fn(u32) -> Vec<u8>,
}

fn floods() -> Vec<Flood> {
    let open = |headers: &[u8], flags| frame(HEADERS, flags, 1, headers);
    vec![
        Flood {
            name: "headers that go on",
            first: open(&REQUEST, END_STREAM),
            again: |_| frame(CONTINUATION, 0, 1, &header("x", 16_300)),
        },
        Flood {
            name: "headers that go on with nothing",
            first: open(&REQUEST, END_STREAM),
            again: |_| frame(CONTINUATION, 0, 1, &[]),
        },
        Flood {
            name: "pings",
            first: Vec::new(),
            again: |at| frame(PING, 0, 0, &u64::from(at).to_be_bytes()),
        },
        Flood {
            name: "settings",
            first: Vec::new(),
            again: |_| frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]),
        },
        Flood {
            name: "long headers",
            first: Vec::new(),
            again: |stream| {
                let headers = [REQUEST.to_vec(), header("x", 16_300)].concat();
                frame(HEADERS, END_STREAM | END_HEADERS, stream, &headers)
            },
        },
        Flood {
            // One header of 4,000 bytes, told once and then named 12,000 times.
            name: "headers that unfold",
            first: open(
                &[
                    &REQUEST[..],
                    &[0x40, 1, b'x'][..],
                    &hpack_length(3_900)[..],
                    &[b'y'; 3_900][..],
                ]
                .concat(),
                END_STREAM | END_HEADERS,
            ),
            again: |stream| {
                let headers = [&REQUEST[..], &[0xBE; 12_000][..]].concat();
                frame(HEADERS, END_STREAM | END_HEADERS, stream + 2, &headers)
            },
        },
        Flood {
            name: "resets",
            first: Vec::new(),
            again: |stream| {
                let mut both = frame(HEADERS, END_STREAM | END_HEADERS, stream, &REQUEST);
                both.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
                both
            },
        },
        Flood {
            name: "data of no length",
            first: open(&REQUEST, END_HEADERS),
            again: |_| frame(DATA, 0, 1, &[]),
        },
    ]
}

/// Sends until it is stopped: cut off, or not read from any more. Nothing that
/// comes back is read, except where `reads`.
async fn send(to: SocketAddr, first: Vec<u8>, again: fn(u32) -> Vec<u8>, reads: bool) {
    let socket = TcpStream::connect(to).await.expect("it listens");
    let (mut from, mut into) = socket.into_split();
    let reader = tokio::spawn(async move {
        let mut rest = [0; 65_536];
        while reads && from.read(&mut rest).await.is_ok_and(|read| read > 0) {}
        from
    });
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    bytes.extend(first);
    let (mut sent, mut stream) = (0, 1);
    while sent < MOST_BYTES && stream < 2 * MOST_FRAMES {
        while bytes.len() < 65_536 {
            bytes.extend(again(stream));
            stream += 2;
        }
        let write = tokio::time::timeout(STALLED, into.write_all(&bytes));
        if !matches!(write.await, Ok(Ok(()))) {
            break;
        }
        sent += bytes.len();
        bytes.clear();
    }
    reader.abort();
}

fn attack(to: SocketAddr, flood: &Flood) -> Vec<JoinHandle<()>> {
    let attacker = |at| {
        let (first, again) = (flood.first.clone(), flood.again);
        tokio::spawn(send(to, first, again, at % 2 == 0))
    };
    (0..ATTACKERS).map(attacker).collect()
}

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

/// Somebody at each port who has done nothing wrong.
struct Others {
    person: Person,
    port: Port,
}

impl Others {
    async fn are_served(&self, during: &str) {
        let workspaces = "/covergen.user.v1.UserService/ListWorkspaces";
        for _ in 0..OTHERS {
            let token = Some(self.person.token.as_str());
            let answer = self.port.ask(workspaces, token, Bytes::new()).await;
            answer.unwrap_or_else(|status| panic!("{during}: {status}"));
            let answer = self.person.get("/users/me").await;
            assert_eq!(answer.status(), StatusCode::OK, "{during}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_cost_little_and_others_do_not_notice() {
    let folder = tempdir().unwrap();
    let platform = Platform::start_with(folder.path(), vec![unhurried()]).await;
    let others = Others {
        person: register(&platform, "ada").await,
        port: Port::connect(&platform.grpc).await,
    };
    others.are_served("at first").await;
    for (door, url) in [("gRPC", &platform.grpc), ("web", &platform.web)] {
        for flood in floods() {
            let what = format!("{} at {door}", flood.name);
            let growth = Growth::of(&platform);
            let attackers = attack(address(url), &flood);
            others.are_served(&what).await;
            for attacker in attackers {
                attacker.await.unwrap();
            }
            growth.assert_at_most(&what, MOST_KIB);
            others.are_served(&what).await;
        }
    }
}

/// One message as gRPC frames it.
fn message(flag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[flag][..], &length[..], content].concat()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut packed = vec![0; compressor.gzip_compress_bound(content.len())];
    let length = compressor.gzip_compress(content, &mut packed).unwrap();
    packed.truncate(length);
    packed
}

const LOGIN: &str = "/covergen.auth.v1.AuthService/Login";

/// Bodies with what stands in `grpc-encoding`, and how they are refused.
fn bodies() -> Vec<(&'static str, &'static str, Vec<u8>, Vec<Code>)> {
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < 1 << 20, "it is small until it is unfolded");
    let mut torn = gzip(&[0; 4096]);
    torn.truncate(20);
    let exhausted = vec![Code::ResourceExhausted];
    let invalid = vec![Code::InvalidArgument];
    vec![
        ("a bomb", "gzip", message(1, &bomb), exhausted.clone()),
        (
            "a bomb in a bomb",
            "gzip",
            message(1, &gzip(&bomb)),
            invalid.clone(),
        ),
        (
            "one byte too many",
            "gzip",
            message(1, &gzip(&vec![0; (4 << 20) + 1])),
            exhausted.clone(),
        ),
        (
            "a long message",
            "identity",
            message(0, &vec![0; 5 << 20]),
            exhausted.clone(),
        ),
        (
            "a length without a message",
            "identity",
            vec![0, 0xFF, 0xFF, 0xFF, 0xFF],
            // By gRPC-web the message has to be there first.
            vec![Code::ResourceExhausted, Code::InvalidArgument],
        ),
        (
            "no gzip",
            "gzip",
            message(1, b"not gzip at all"),
            invalid.clone(),
        ),
        ("half a gzip", "gzip", message(1, &torn), invalid.clone()),
        (
            "gzip with a wrong checksum",
            "gzip",
            message(1, &wrong_checksum()),
            invalid.clone(),
        ),
        (
            "an encoding that is not taken",
            "br",
            message(1, b"x"),
            vec![Code::Unimplemented],
        ),
        (
            "packed, it is not said how",
            "identity",
            message(1, &gzip(b"")),
            // What the protocol itself asks for; gRPC-web's does not.
            vec![Code::Internal, Code::InvalidArgument],
        ),
        (
            "a flag that does not exist",
            "identity",
            message(7, b""),
            invalid,
        ),
    ]
}

fn wrong_checksum() -> Vec<u8> {
    let mut packed = gzip(&[0; 64]);
    let at = packed.len() - 8;
    packed[at] ^= 1;
    packed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_unfolds_is_refused_before_it_has_unfolded() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let port = Port::connect(&platform.grpc).await;
    register(&platform, "ada").await;
    let mut wrong = Vec::new();
    for (what, encoding, body, expected) in bodies() {
        let growth = Growth::of(&platform);
        let headers = [("grpc-encoding", encoding)];
        let code = port.send(LOGIN, &headers, body.clone().into()).await;
        let by_web = by_web(&platform, encoding, body).await;
        growth.assert_at_most(what, MOST_KIB);
        if !expected.contains(&code) || !expected.contains(&by_web) {
            wrong.push(format!("{what}: {code:?} by gRPC, {by_web:?} by gRPC-web"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same by gRPC-web, which forwards what it does not read.
async fn by_web(platform: &Platform, encoding: &str, body: Vec<u8>) -> Code {
    let answer = client()
        .post(format!("{}{LOGIN}", platform.web))
        .header("content-type", "application/grpc-web+proto")
        .header("grpc-encoding", encoding)
        .body(body)
        .send()
        .await
        .expect("the platform answers");
    let told = answer.headers().get("grpc-status").cloned();
    let body = answer.bytes().await.expect("a body");
    let code = told.map_or_else(
        || {
            let text = String::from_utf8_lossy(&body);
            let status = text.split("grpc-status:").nth(1).expect("a status");
            status.trim().split("\r\n").next().unwrap().to_owned()
        },
        |value| value.to_str().unwrap().to_owned(),
    );
    Code::from_bytes(code.as_bytes())
}
