//! Large transfers in a small process: what passes through is not kept.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use covergen_faults::checker::Databases;
use covergen_objects::{Key, PutMode};
use futures::StreamExt as _;
use libdeflater::Crc;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::tempdir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::api::{Person, client, read, register};
use crate::platform::{Platform, run_with};

const MIB: usize = 1024 * 1024;
/// What a process may grow by while it passes something on.
const MOST_KIB: u64 = 32 * 1024;
/// The longest file that media keeps, and so many that a ZIP of them has a GiB.
const FILE_BYTES: usize = 32 * MIB;
const FILES: usize = 33;

/// A figure of the kernel's about a process, in KiB.
fn kib(process: u32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Measures by how much a process grows beyond what it has now.
pub(crate) struct Growth {
    process: u32,
    before: u64,
}

impl Growth {
    pub(crate) fn of(platform: &Platform) -> Self {
        let process = platform.process();
        // The peak begins anew from what is resident now.
        std::fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
        let before = kib(process, "VmRSS:");
        Self { process, before }
    }

    /// The same for the process that came after, beyond what the one before
    /// had: one that has just begun has not set up yet what it needs anyway.
    pub(crate) fn after_restart(&self, platform: &Platform) -> Self {
        Self {
            process: platform.process(),
            before: self.before,
        }
    }

    #[track_caller]
    pub(crate) fn assert_small(&self, what: &str) {
        self.assert_at_most(what, MOST_KIB);
    }

    #[track_caller]
    pub(crate) fn assert_at_most(&self, what: &str, most_kib: u64) {
        let grown = kib(self.process, "VmHWM:").saturating_sub(self.before);
        println!("{what}: {grown} KiB more than {} KiB", self.before);
        assert!(grown <= most_kib, "{what}: the process grew by {grown} KiB");
    }
}

/// Bytes that do not shrink.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(length).collect()
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

async fn one_cover(person: &Person) -> String {
    let body = json!({"title": "Large", "sizes": [{"preset": "thumbnail"}], "formats": ["jpeg"]});
    let (status, body) = person.generate("large", &body).await.unwrap();
    assert!(status.is_success(), "{body}");
    let ended = person.ended(body["taskId"].as_str().unwrap()).await;
    ended["covers"][0]["id"].as_str().unwrap().to_owned()
}

/// An archive of one file, made the usual way.
async fn eventually_archived(person: &Person) -> String {
    let cover = one_cover(person).await;
    let items = json!([{"coverId": cover, "width": 64, "height": 64, "format": "png"}]);
    let answer = person.post("/export/batch", &json!({"items": items})).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let id = read(answer).await["exportId"].as_str().unwrap().to_owned();
    let mut status = Value::Null;
    for _ in 0..600 {
        status = read(person.get(&format!("/export/{id}/status")).await).await;
        if status["status"] == "SUCCEEDED" {
            return id;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the archive is not made: {status}");
}

/// Makes an archive of one small file one of many large ones. Drawing a GiB of
/// pictures would take minutes; what is written instead is what export and
/// media would have written, and one object stands for them all on the disk.
/// Returns the checksum of the files.
async fn enlarge(folder: &Path, export: &str) -> u32 {
    let databases = Databases::in_folder(folder);
    let text = |row: &sea_orm::QueryResult, name: &str| row.try_get::<String>("", name).unwrap();
    let file = databases
        .rows("export", "SELECT asset_id, cover_id FROM export_files")
        .await
        .unwrap();
    let (asset, cover) = (text(&file[0], "asset_id"), text(&file[0], "cover_id"));
    let found = format!("SELECT object_key FROM assets WHERE id = '{asset}'");
    let key = text(
        &databases.rows("media", &found).await.unwrap()[0],
        "object_key",
    );
    let content = noise(FILE_BYTES);
    let crc = crc(&content);
    let url = format!("file://{}", folder.join("objects").display());
    let objects = covergen_objects::open(&covergen_objects::Config::from_url(url))
        .await
        .unwrap();
    let key = Key::parse(&key).unwrap();
    let put = objects.put(&key, content.into(), "image/png", PutMode::Replace);
    put.await.unwrap();
    let resized = format!("UPDATE assets SET bytes = {FILE_BYTES} WHERE id = '{asset}'");
    databases.change("media", &resized).await.unwrap();
    databases
        .change("export", "DELETE FROM export_files")
        .await
        .unwrap();
    for position in 0..FILES {
        let row = format!(
            "INSERT INTO export_files (export_id, position, cover_id, name, preset, width, height, \
             format, quality, compression, status, asset_id, bytes, crc32) VALUES ('{export}', \
             {position}, '{cover}', 'large-{position}.png', '', 64, 64, 'png', 0, '', \
             'SUCCEEDED', '{asset}', {FILE_BYTES}, {crc})"
        );
        databases.change("export", &row).await.unwrap();
    }
    crc
}

/// Reads a ZIP of stored files as it comes, and checks all of it: every file
/// against its checksum, and the directory at the end against the files.
#[derive(Default)]
struct Zip {
    held: Vec<u8>,
    /// Bytes of the file at hand that are still to come, and those so far.
    left: usize,
    crc: Crc,
    stated: u32,
    at: u64,
    /// Place and checksum of each file.
    files: Vec<(u64, u32)>,
    is_directory: bool,
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

impl Zip {
    fn take(&mut self, mut bytes: &[u8]) {
        self.at += bytes.len() as u64;
        while !bytes.is_empty() {
            if self.left > 0 {
                let (file, rest) = bytes.split_at(bytes.len().min(self.left));
                self.crc.update(file);
                self.left -= file.len();
                bytes = rest;
                if self.left == 0 {
                    assert_eq!(self.crc.sum(), self.stated, "file {}", self.files.len());
                }
                continue;
            }
            self.held.extend_from_slice(bytes);
            bytes = &[];
            self.is_directory |= self.held.starts_with(b"PK\x01\x02");
            if self.is_directory || self.held.len() < 30 {
                continue;
            }
            assert_eq!(&self.held[..4], b"PK\x03\x04");
            let head = 30 + u16_at(&self.held, 26) + u16_at(&self.held, 28);
            if self.held.len() < head {
                continue;
            }
            let held = std::mem::take(&mut self.held);
            let place = self.at - held.len() as u64;
            self.stated = u32_at(&held, 14);
            self.left = u32_at(&held, 22) as usize;
            self.crc = Crc::new();
            self.files.push((place, self.stated));
            self.at = place + head as u64;
            self.take(&held[head..]);
        }
    }

    fn finish(self) {
        let (mut at, directory) = (0, &self.held);
        for (place, crc) in &self.files {
            assert_eq!(&directory[at..at + 4], b"PK\x01\x02");
            assert_eq!(u32_at(directory, at + 16), *crc);
            assert_eq!(u64::from(u32_at(directory, at + 42)), *place);
            let beside = [28, 30, 32].map(|field| u16_at(directory, at + field));
            at += 46 + beside.iter().sum::<usize>();
        }
        assert_eq!(&directory[at..at + 4], b"PK\x05\x06");
        assert_eq!(u16_at(directory, at + 10), self.files.len());
        assert_eq!(directory.len(), at + 22);
    }
}

fn length(answer: &Response) -> u64 {
    let stated = &answer.headers()["content-length"];
    stated.to_str().unwrap().parse().unwrap()
}

async fn each(answer: Response, mut take: impl FnMut(&Bytes)) {
    let mut body = answer.bytes_stream();
    while let Some(bytes) = body.next().await {
        take(&bytes.expect("the body comes whole"));
    }
}

/// Reads a megabyte of a download and then nothing more.
async fn slow_reader(platform: &Platform, person: &Person, path: &str) -> TcpStream {
    let host = platform.web.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "GET /api/v1{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\r\n",
        person.token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = vec![0; MIB];
    stream.read_exact(&mut bytes).await.unwrap();
    assert!(bytes.starts_with(b"HTTP/1.1 200"));
    stream
}

/// Reads a GiB, then its second half alone.
async fn read_it_all(person: &Person, platform: &Platform, path: &str, files_crc: u32) {
    let growth = Growth::of(platform);
    let answer = person.get(path).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let (size, etag) = (length(&answer), answer.headers()["etag"].clone());
    assert!(size > 1024 * MIB as u64, "{size}");
    let middle = size / 2 + 12_345;
    let (mut zip, mut second_half, mut at) = (Zip::default(), Crc::new(), 0_u64);
    each(answer, |bytes| {
        zip.take(bytes);
        let before = usize::try_from(middle.saturating_sub(at)).unwrap();
        second_half.update(&bytes[before.min(bytes.len())..]);
        at += bytes.len() as u64;
    })
    .await;
    assert_eq!(at, size);
    assert_eq!(zip.files.len(), FILES);
    assert!(zip.files.iter().all(|(_, crc)| *crc == files_crc));
    zip.finish();
    growth.assert_small("a download of a GiB");

    let request = person.request(Method::GET, path);
    let request = request.header("range", format!("bytes={middle}-"));
    let answer = request.header("if-range", etag).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(length(&answer), size - middle);
    let mut again = Crc::new();
    each(answer, |bytes| again.update(bytes)).await;
    assert_eq!(again.sum(), second_half.sum());
    growth.assert_small("and of its second half");
}

#[tokio::test]
async fn a_download_of_a_gigabyte_is_not_kept_in_memory() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let tier = ["admin", "set-tier", "--email", "ada@example.org", "pro"];
    assert!(run_with(folder.path(), &tier, &[]).await.0);
    let export = eventually_archived(&ada).await;
    let crc = enlarge(folder.path(), &export).await;
    let path = format!("/export/{export}/download");
    // Whatever is set up at the first use is.
    let warm = ada
        .request(Method::GET, &path)
        .header("range", "bytes=0-9999999");
    each(warm.send().await.unwrap(), |_| {}).await;
    read_it_all(&ada, &platform, &path, crc).await;

    // Those who do not read on hold nothing but what fits into a few windows,
    // whatever else goes on meanwhile.
    let growth = Growth::of(&platform);
    let mut stalled = Vec::new();
    for _ in 0..4 {
        stalled.push(slow_reader(&platform, &ada, &path).await);
    }
    let other = ada
        .request(Method::GET, &path)
        .header("range", "bytes=0-199999999");
    each(other.send().await.unwrap(), |_| {}).await;
    growth.assert_small("four readers that stall, and one that does not");
    drop(stalled);
}

/// So many bytes, made as they are sent.
fn endless(length: usize) -> reqwest::Body {
    let piece = Bytes::from(noise(MIB));
    let pieces = (0..length / MIB).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
    reqwest::Body::wrap_stream(futures::stream::iter(pieces))
}

#[tokio::test]
async fn a_hundred_megabytes_of_uploads_are_not_kept_in_memory() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let uploads = format!("{}/api/v1/media/uploads", platform.web);
    let tus = |method: &str, url: &str| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = client().request(method, url).bearer_auth(&ada.token);
        request.header("tus-resumable", "1.0.0")
    };
    let one = 10 * MIB;
    let begin = async || {
        let request = tus("POST", &uploads).header("upload-length", one);
        let answer = request.header("content-length", 0).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        format!(
            "{}{}",
            platform.web,
            answer.headers()["location"].to_str().unwrap()
        )
    };
    let send = async |url: &str| {
        // All but the last megabyte: what becomes of a whole file is told
        // elsewhere.
        let request = tus("PATCH", url)
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", 0)
            .body(endless(9 * MIB));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(answer.headers()["upload-offset"], (9 * MIB).to_string());
    };
    send(&begin().await).await;
    let growth = Growth::of(&platform);
    for _ in 0..12 {
        send(&begin().await).await;
    }
    growth.assert_small("twelve uploads of 9 MiB in parts");

    // What is too large is told before it is read.
    for kind in ["image/png", "multipart/form-data; boundary=x"] {
        let request = ada.request(Method::POST, "/media");
        let request = request.header("content-type", kind);
        let request = request.header("content-length", 100 * MIB);
        let answer = request.body(endless(100 * MIB)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE, "{kind}");
    }
    let request = tus("POST", &uploads).header("upload-length", 100 * MIB);
    let answer = request.header("content-length", 0).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    growth.assert_small("a hundred megabytes that are too many");
}
