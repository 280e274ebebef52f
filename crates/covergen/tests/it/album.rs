//! An archive of pictures, sent through the web BFF of the live platform.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use covergen_archive::{DosTime, Entry, Layout, Piece, crc32};
use covergen_imaging::{Encoding, Picture, encode};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tempfile::tempdir;

use crate::api::{Person, client, read, register};
use crate::gigabyte::Growth;
use crate::platform::Platform;

/// `filename album.zip,filetype application/zip`, as tus writes it.
const NAMED: &str = "filename YWxidW0uemlw,filetype YXBwbGljYXRpb24vemlw";
/// Bytes of one request.
const PATCH_BYTES: usize = 16 * 1024 * 1024;
const PICTURES: u32 = 112;

/// A picture that does not shrink, of a megabyte; another seed, another one.
fn noise(seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let pixels = (0..600 * 560).flat_map(|_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [red, green, blue, _] = state.to_le_bytes();
        [red, green, blue, 255]
    });
    let picture = Picture::new(600, 560, pixels.collect()).unwrap();
    encode(&picture, Encoding::PREVIEW).unwrap()
}

/// An archive of files as our own exports write them.
fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entry = |(name, content): &(String, Vec<u8>)| Entry {
        name: name.clone(),
        length: content.len() as u64,
        crc32: crc32(content),
    };
    let entries: Vec<_> = files.iter().map(entry).collect();
    let layout = Layout::archive(&entries, DosTime::FIRST);
    let mut out = Vec::new();
    for piece in layout.pieces(0..layout.size()) {
        match piece {
            Piece::Bytes(bytes) => out.extend(bytes),
            Piece::File(index, ..) => out.extend(&files[index].1),
        }
    }
    out
}

fn tus(person: &Person, method: &str, url: &str) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = client().request(method, url).bearer_auth(&person.token);
    request.header("tus-resumable", "1.0.0")
}

/// Sends an archive in several requests; the path under which it stands.
async fn send(person: &Person, platform: &Platform, archive: &Bytes) -> String {
    let begun = tus(
        person,
        "POST",
        &format!("{}/api/v1/media/uploads", platform.web),
    )
    .header("upload-length", archive.len())
    .header("upload-metadata", NAMED)
    .header("content-length", 0);
    let answer = begun.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let path = answer.headers()["location"].to_str().unwrap().to_owned();
    let url = format!("{}{path}", platform.web);
    let mut offset = 0;
    while offset < archive.len() {
        let end = archive.len().min(offset + PATCH_BYTES);
        let answer = tus(person, "PATCH", &url)
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", offset)
            .body(archive.slice(offset..end));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(answer.headers()["upload-offset"], end.to_string());
        offset = end;
    }
    path.strip_prefix("/api/v1").unwrap().to_owned()
}

/// Waits until so many files of an archive became assets.
async fn eventually_taken(person: &Person, path: &str, count: i64) -> Value {
    let mut told = Value::Null;
    for _ in 0..3000 {
        told = read(person.get(path).await).await;
        if told["archive"]["succeeded"].as_i64() >= Some(count) {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the archive is not worked on: {}", told["archive"]);
}

/// Waits until the work on an archive has ended.
async fn eventually_settled(person: &Person, path: &str) -> Value {
    for _ in 0..3000 {
        let told = read(person.get(path).await).await;
        if told["state"] != "PROCESSING" {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the work on the archive does not end");
}

/// Names of all pictures in a library, each with its ids.
async fn library(person: &Person) -> BTreeMap<String, Vec<String>> {
    let (mut found, mut token) = (BTreeMap::<_, Vec<_>>::new(), String::new());
    loop {
        let page = format!("/media?pageSize=100&pageToken={token}");
        let page = read(person.get(&page).await).await;
        for asset in page["assets"].as_array().unwrap() {
            let text = |field: &str| asset[field].as_str().unwrap().to_owned();
            found.entry(text("fileName")).or_default().push(text("id"));
        }
        token = page["nextPageToken"].as_str().unwrap().to_owned();
        if token.is_empty() {
            return found;
        }
    }
}

#[tokio::test]
async fn a_hundred_megabytes_of_pictures_come_in_once_in_little_memory() {
    let named = |seed| (format!("album/{seed:03}.png"), noise(seed));
    let mut files: Vec<_> = (0..PICTURES).map(named).collect();
    files.push(("album/notes.txt".to_owned(), b"what a day".to_vec()));
    let archive = Bytes::from(zip(&files));
    assert!(archive.len() > 100 * 1000 * 1000, "{}", archive.len());

    let folder = tempdir().unwrap();
    // Measured is what it holds, and not what the allocator keeps for a while
    // after it was given back.
    let variables = vec![("MIMALLOC_PURGE_DELAY".to_owned(), "0".to_owned())];
    let platform = Platform::start_with(folder.path(), variables).await;
    let ada = register(&platform, "ada").await;
    let eve = register(&platform, "eve").await;
    // Whatever is set up at the first use is.
    let small = Bytes::from(zip(&files[..4]));
    let warm = send(&eve, &platform, &small).await;
    eventually_settled(&eve, &warm).await;

    let growth = Growth::of(&platform);
    let path = send(&ada, &platform, &archive).await;
    growth.assert_small("an archive of a hundred megabytes, coming in");
    eventually_taken(&ada, &path, 12).await;
    growth.assert_small("and worked on");

    let platform = platform.kill_and_restart().await;
    let (ada, eve) = (ada.at(&platform), eve.at(&platform));
    let growth = growth.after_restart(&platform);
    let told = eventually_settled(&ada, &path).await;
    growth.assert_small("the rest of it, after the process was killed");
    assert_eq!(told["state"], "SUCCEEDED");
    let archive = &told["archive"];
    assert_eq!(archive["entries"], PICTURES + 1);
    assert_eq!(archive["succeeded"], PICTURES);
    assert_eq!(archive["failed"], 1);
    let results = archive["results"].as_array().unwrap();
    let notes = results.last().unwrap();
    assert_eq!(notes["name"], "notes.txt");
    assert_eq!(notes["error"]["reason"], "IMAGE_FORMAT_UNSUPPORTED");

    let library = library(&ada).await;
    assert_eq!(library.len(), PICTURES as usize);
    for (result, (name, ids)) in results.iter().zip(&library) {
        assert_eq!(result["name"], **name);
        assert_eq!(ids, &[result["assetId"].as_str().unwrap()], "{name}");
    }
    // The same picture as when it is sent by itself, and nobody else's.
    let alone = ada
        .request(Method::POST, "/media")
        .header("content-type", "image/png");
    let alone = read(alone.body(files[77].1.clone()).send().await.unwrap()).await;
    let id = &library["077.png"][0];
    let stored = read(ada.get(&format!("/media/{id}")).await).await;
    assert_eq!(stored["sha256"], alone["sha256"]);
    assert_eq!(eve.get(&path).await.status(), StatusCode::NOT_FOUND);
}
