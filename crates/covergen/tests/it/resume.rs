//! Uploads by tus 1.0 against the live platform: by its reference client, and
//! by hand where a client must misbehave.

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use covergen_imaging::{Encoding, Picture, encode};
use futures::StreamExt as _;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::{NamedTempFile, tempdir};
use tokio::process::Command;

use crate::api::{Person, client, read, register};
use crate::platform::Platform;

/// `filename 夏.png`, as tus writes it.
const NAMED: &str = "filename 5aSPLnBuZw==";

/// A photo that does not shrink: some five megabytes.
pub(crate) fn photo() -> Vec<u8> {
    let mut state = 7_u32;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()
    };
    let pixels = (0..1500 * 1200).flat_map(|_| {
        let [red, green, blue, _] = noise();
        [red, green, blue, 255]
    });
    let picture = Picture::new(1500, 1200, pixels.collect()).unwrap();
    encode(&picture, Encoding::PREVIEW).unwrap()
}

fn on_disk(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file.flush().unwrap();
    file
}

/// Runs the reference client.
async fn tus(person: &Person, scenario: &str, place: &str, file: &NamedTempFile) -> Value {
    let app = concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/mobile");
    let node = std::env::var("COVERGEN_TEST_NODE").unwrap_or_else(|_| "node".to_owned());
    let run = Command::new(&node)
        .args(["e2e/tus.mjs", scenario, place])
        .arg(file.path())
        .current_dir(app)
        .env("COVERGEN_TOKEN", &person.token)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(120), run)
        .await
        .expect("the client ends")
        .unwrap_or_else(|error| panic!("{node}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{error}");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{error}"))
}

/// A request of the protocol.
fn ask(person: &Person, method: &str, url: &str) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    client()
        .request(method, url)
        .bearer_auth(&person.token)
        .header("tus-resumable", "1.0.0")
}

fn patch(person: &Person, url: &str, offset: usize) -> RequestBuilder {
    ask(person, "PATCH", url)
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", offset)
}

async fn begin(person: &Person, base: &str, prefix: &str, length: usize) -> Response {
    let answer = ask(person, "POST", &format!("{base}{prefix}/media/uploads"))
        .header("upload-length", length)
        .header("upload-metadata", NAMED)
        .header("content-length", 0)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["tus-resumable"], "1.0.0");
    answer
}

/// The address of a new upload.
async fn begun(person: &Person, base: &str, prefix: &str, length: usize) -> String {
    let answer = begin(person, base, prefix, length).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(prefix), "{location}");
    format!("{base}{location}")
}

fn number(answer: &Response, header: &str) -> usize {
    answer.headers()[header].to_str().unwrap().parse().unwrap()
}

async fn reason(answer: Response) -> String {
    assert_eq!(answer.headers()["tus-resumable"], "1.0.0");
    read(answer).await["reason"].as_str().unwrap().to_owned()
}

/// The asset that the same file becomes when it is sent at once.
async fn sent_whole(person: &Person, content: &[u8]) -> Value {
    let answer = person
        .request(Method::POST, "/media")
        .header("content-type", "image/png")
        .body(content.to_vec())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    read(answer).await
}

#[tokio::test]
async fn the_reference_client_uploads_resumes_and_ends() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let content = photo();
    let file = on_disk(&content);
    let whole = sent_whole(&ada, &content).await;
    for base in [
        format!("{}/api/v1", platform.web),
        format!("{}/m/v1", platform.mobile),
    ] {
        let endpoint = format!("{base}/media/uploads");
        for scenario in ["whole", "aborted"] {
            let done = tus(&ada, scenario, &endpoint, &file).await;
            let id = done["assetId"].as_str().expect("an asset");
            let asset = read(ada.get(&format!("/media/{id}")).await).await;
            assert_eq!(asset["sha256"], whole["sha256"], "{asset}");
            assert_eq!(asset["fileName"], "夏 photo.png");
            if scenario == "aborted" {
                // It went on where it was, not from the beginning.
                assert!(done["first"].as_u64() > done["accepted"].as_u64(), "{done}");
            }
            let url = done["url"].as_str().unwrap();
            let told = client().get(url).bearer_auth(&ada.token).send().await;
            let told = read(told.unwrap()).await;
            assert_eq!(
                (&told["state"], &told["assetId"]),
                (&json!("SUCCEEDED"), &json!(id))
            );
        }
        let ended = tus(&ada, "ended", &endpoint, &file).await;
        let url = ended["url"].as_str().unwrap();
        let gone = ask(&ada, "HEAD", url).send().await.unwrap();
        assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn an_upload_goes_on_after_the_process_was_killed_in_the_middle_of_it() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let content = photo();
    let url = begun(&ada, &platform.mobile, "/m/v1", content.len()).await;
    // Some of it, and then the line is still and open.
    let sent = 4_600_000;
    assert!(content.len() > sent + 100_000);
    let pieces: Vec<_> = content[..sent]
        .chunks(50_000)
        .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
        .collect();
    let body = futures::stream::iter(pieces).chain(futures::stream::pending());
    let request = patch(&ada, &url, 0).body(reqwest::Body::wrap_stream(body));
    let sending = tokio::spawn(request.send());
    let stored = eventually_stored(&ada, &url, 4 * 1024 * 1024).await;
    let path = url.strip_prefix(&platform.mobile).unwrap().to_owned();
    let platform = platform.kill_and_restart().await;
    assert!(sending.await.unwrap().is_err());
    let ada = ada.at(&platform);
    let url = format!("{}{path}", platform.mobile);
    let told = ask(&ada, "HEAD", &url).send().await.unwrap();
    assert_eq!(told.status(), StatusCode::OK);
    assert_eq!(told.headers()["cache-control"], "no-store");
    let offset = number(&told, "upload-offset");
    assert!((stored..=sent).contains(&offset), "{offset}");
    assert_eq!(number(&told, "upload-length"), content.len());
    assert_eq!(told.headers()["upload-metadata"], NAMED);
    let done = tus(&ada, "resumed", &url, &on_disk(&content)).await;
    assert!(done["first"].as_u64().unwrap() > offset as u64, "{done}");
    let id = done["assetId"].as_str().expect("an asset");
    let asset = read(ada.get(&format!("/media/{id}")).await).await;
    assert_eq!(asset["sha256"], sent_whole(&ada, &content).await["sha256"]);
    assert_eq!(asset["fileName"], "夏.png");
}

/// Waits until so much is told as stored.
async fn eventually_stored(person: &Person, url: &str, bytes: usize) -> usize {
    for _ in 0..600 {
        let told = ask(person, "HEAD", url).send().await.unwrap();
        let offset = number(&told, "upload-offset");
        if offset >= bytes {
            return offset;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{bytes} bytes are never stored");
}

#[tokio::test]
async fn what_is_spoken_is_told_and_another_version_refused() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let uploads = format!("{}/api/v1/media/uploads", platform.web);
    let offers = client()
        .request(Method::OPTIONS, &uploads)
        .send()
        .await
        .unwrap();
    assert_eq!(offers.status(), StatusCode::NO_CONTENT);
    for (header, text) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-max-size", "536870912"),
        ("tus-checksum-algorithm", "sha1,sha256"),
        (
            "tus-extension",
            "creation,creation-with-upload,termination,expiration,checksum",
        ),
    ] {
        assert_eq!(offers.headers()[header], text);
    }
    let url = begun(&ada, &platform.web, "/api/v1", 10).await;

    for version in [Some("0.2.2"), None] {
        let mut request = client().head(&url).bearer_auth(&ada.token);
        if let Some(version) = version {
            request = request.header("tus-resumable", version);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PRECONDITION_FAILED);
        assert_eq!(answer.headers()["tus-version"], "1.0.0");
    }
}

#[tokio::test]
async fn bytes_that_do_not_fit_are_refused_as_the_protocol_says() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let url = begun(&ada, &platform.web, "/api/v1", 10).await;
    let answer = patch(&ada, &url, 3).body("abc").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    assert_eq!(reason(answer).await, "UPLOAD_OFFSET_MISMATCH");

    // SHA-1 of "abc", which "abd" does not have.
    let sum = "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=";
    let with_sum = |body: &'static str| {
        patch(&ada, &url, 0)
            .header("upload-checksum", sum)
            .body(body)
    };
    let answer = with_sum("abd").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 460);
    assert_eq!(reason(answer).await, "UPLOAD_CHECKSUM_MISMATCH");
    let answer = with_sum("abc").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(number(&answer, "upload-offset"), 3);
    assert!(
        answer.headers()["upload-expires"]
            .to_str()
            .unwrap()
            .ends_with(" GMT")
    );
}

#[tokio::test]
async fn what_the_protocol_forbids_is_refused() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let eve = register(&platform, "eve").await;
    let uploads = format!("{}/api/v1/media/uploads", platform.web);
    let url = begun(&ada, &platform.web, "/api/v1", 10).await;
    let answer = patch(&ada, &url, 0).body("abc").send().await.unwrap();
    assert_eq!(number(&answer, "upload-offset"), 3);
    for (answer, status) in [
        (
            ask(&ada, "PATCH", &url)
                .header("content-type", "text/plain")
                .header("upload-offset", 3)
                .body("x"),
            415,
        ),
        (
            ask(&ada, "PATCH", &url)
                .header("content-type", "application/offset+octet-stream")
                .body("x"),
            400,
        ),
        (patch(&ada, &url, 3).body("01234567"), 400),
        (patch(&eve, &url, 3).body("x"), 404),
        (ask(&eve, "HEAD", &url), 404),
        (ask(&eve, "DELETE", &url), 404),
        (ask(&ada, "POST", &uploads).header("content-length", 0), 400),
        (
            ask(&ada, "POST", &uploads)
                .header("upload-length", -1)
                .header("content-length", 0),
            400,
        ),
        (
            ask(&ada, "POST", &uploads)
                .header("upload-length", 9)
                .header("upload-metadata", "filename !")
                .header("content-length", 0),
            400,
        ),
    ] {
        let answer = answer.send().await.unwrap();
        assert_eq!(
            answer.status().as_u16(),
            status,
            "{:?}",
            answer.text().await
        );
    }
    let huge = begin(&ada, &platform.web, "/api/v1", 100_000_000).await;
    assert_eq!(huge.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(reason(huge).await, "ASSET_TOO_LARGE");
}

#[tokio::test]
async fn another_verb_may_be_meant_and_what_is_no_picture_is_told() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    let url = begun(&ada, &platform.web, "/api/v1", 10).await;
    // A client that can send nothing but POST means another verb.
    let answer = ask(&ada, "POST", &url)
        .header("x-http-method-override", "PATCH")
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", 0)
        .body("abcdefghij")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(reason(answer).await, "IMAGE_FORMAT_UNSUPPORTED");
    let told = ada
        .get(
            url.strip_prefix(&format!("{}/api/v1", platform.web))
                .unwrap(),
        )
        .await;
    let told = read(told).await;
    assert_eq!(told["state"], "FAILED");
    assert_eq!(told["error"]["reason"], "IMAGE_FORMAT_UNSUPPORTED");
    // To a client that looks at headers alone it must not look done.
    let told = ask(&ada, "HEAD", &url).send().await.unwrap();
    assert_eq!(told.status(), StatusCode::GONE);
    assert_eq!(told.headers()["tus-resumable"], "1.0.0");
    for header in ["upload-offset", "upload-length", "upload-expires"] {
        assert!(!told.headers().contains_key(header), "{header}");
    }
    let answer = ask(&ada, "DELETE", &url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_upload_that_is_left_alone_expires() {
    let folder = tempdir().unwrap();
    let set = |key: &str, value: &str| {
        (
            format!("COVERGEN__SERVICES__MEDIA__{key}"),
            value.to_owned(),
        )
    };
    let variables = vec![
        set("UPLOAD_EXPIRES_MS", "300"),
        set("SWEEP_INTERVAL_MS", "1000000"),
    ];
    let platform = Platform::start_with(folder.path(), variables).await;
    let ada = register(&platform, "ada").await;
    let url = begun(&ada, &platform.web, "/api/v1", 10).await;
    eventually_gone(&ada, &url).await;
    let answer = patch(&ada, &url, 0).body("abc").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::GONE);
    assert_eq!(reason(answer).await, "UPLOAD_EXPIRED");
}

async fn eventually_gone(person: &Person, url: &str) {
    for _ in 0..200 {
        let told = ask(person, "HEAD", url).send().await.unwrap();
        if told.status() == StatusCode::GONE {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the upload does not expire");
}
