//! A file that is larger than what the process may grow by.

use std::time::Duration;

use base64::Engine as _;
use covergen_bff::{BffConfig, ServeLimits, serve};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::Platform;

const MIB: usize = 1024 * 1024;
const FILE_BYTES: usize = 100 * MIB;
/// What the process, client and service included, may grow by.
const MOST_KIB: u64 = 32 * 1024;

/// A figure of the kernel's about this process, in KiB.
fn kib(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Sends one part of the file after the other, each written before the next
/// is made, and answers what the server says to it.
async fn upload(address: std::net::SocketAddr, parts: usize) -> (String, [u8; 32]) {
    let part: Vec<u8> = (0..MIB).map(|at| (at * 31 % 251) as u8).collect();
    let head = "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\
         Content-Type: image/png\r\n\r\n";
    let tail = "\r\n--boundary--\r\n";
    let length = head.len() + parts * MIB + tail.len();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /api/v1/albums/summer/files HTTP/1.1\r\nhost: bff\r\n\
         authorization: Bearer user-ada\r\nconnection: close\r\n\
         content-type: multipart/form-data; boundary=boundary\r\ncontent-length: {length}\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut digest = Sha256::new();
    for _ in 0..parts {
        digest.update(&part);
        socket.write_all(&part).await.unwrap();
    }
    socket.write_all(tail.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = socket.read_to_string(&mut answer);
    let read = tokio::time::timeout(Duration::from_secs(60), read).await;
    read.expect("an answer comes").unwrap();
    (answer, digest.finalize().into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_pass_through_and_are_not_kept() {
    let store = "covergen.echo.v1.EchoService/Store".to_owned();
    let config = BffConfig {
        upload_limits: [(store, 2 * FILE_BYTES as u64)].into(),
        ..BffConfig::default()
    };
    let platform = Platform::over_socket_with(config).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = serve(
        listener,
        platform.router.clone(),
        ServeLimits::default(),
        std::future::pending(),
    );
    tokio::spawn(serving);
    // What every upload needs once is there before anything is measured.
    let (answer, _) = upload(address, 1).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");

    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = kib("VmRSS:");
    let (answer, digest) = upload(address, FILE_BYTES / MIB).await;
    let grown = kib("VmHWM:").saturating_sub(before);

    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 201"), "{answer}");
    let stored: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(stored["bytes"], FILE_BYTES.to_string());
    let expected = base64::engine::general_purpose::STANDARD.encode(digest);
    assert_eq!(stored["sha256"], expected);
    println!("{grown} KiB more than {before} KiB");
    assert!(grown <= MOST_KIB, "the process grew by {grown} KiB");
}
