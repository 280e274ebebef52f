use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, io, thread};

use bytes::Bytes;
use covergen_objects::{Config, Error, PutMode, open};
use futures::StreamExt;

use crate::engine::{Engine, key, local};

impl Engine {
    fn root(&self) -> std::path::PathBuf {
        self.folder.as_ref().unwrap().path().join("objects")
    }
}

async fn put(engine: &Engine, name: &str, body: &'static str) -> Result<(), Error> {
    let (k, body) = (key(name), Bytes::from_static(body.as_bytes()));
    let put = engine.store.put(&k, body, "text/plain", PutMode::Replace);
    put.await.map(drop)
}

#[tokio::test]
async fn objects_are_plain_files_and_nothing_unfinished_stays() {
    let engine = local().await;
    put(&engine, "a/b.txt", "hello").await.unwrap();
    let file = fs::read_to_string(engine.root().join("a/b.txt")).unwrap();
    assert_eq!(file, "hello");
    let broken = futures::stream::iter([Err(io::Error::other("gone"))]).boxed();
    let failed = engine.store.put_stream(&key("c"), broken, "a/b").await;
    assert!(failed.is_err());
    engine.store.ping().await.unwrap();
    assert_eq!(fs::read_dir(engine.root().join(".tmp")).unwrap().count(), 0);
}

/// Processes share a folder, and put what they have written in its place at any
/// time.
#[tokio::test]
async fn a_store_opens_while_others_write_to_its_folder() {
    let engine = local().await;
    let drafts = engine.root().join(".tmp");
    let done = Arc::new(AtomicBool::new(false));
    let writing = Arc::clone(&done);
    let writer = thread::spawn(move || {
        while !writing.load(Ordering::Relaxed) {
            let files: Vec<_> = (0..20).map(|n| drafts.join(format!("draft-{n}"))).collect();
            files.iter().for_each(|file| fs::write(file, "x").unwrap());
            files.iter().for_each(|file| fs::remove_file(file).unwrap());
        }
    });
    let url = format!("file://{}", engine.root().display());
    for _ in 0..500 {
        open(&Config::from_url(url.clone())).await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    writer.join().unwrap();
}

#[tokio::test]
async fn a_key_cannot_be_an_object_and_a_folder() {
    let engine = local().await;
    put(&engine, "a", "file").await.unwrap();
    let below = put(&engine, "a/b", "x").await;
    assert!(matches!(below, Err(Error::KeyConflict(_))), "{below:?}");
    put(&engine, "c/d", "file").await.unwrap();
    let above = put(&engine, "c", "x").await;
    assert!(matches!(above, Err(Error::KeyConflict(_))), "{above:?}");
    assert!(matches!(
        engine.store.head(&key("c")).await,
        Err(Error::NotFound(_))
    ));
    engine.store.delete(&key("c")).await.unwrap();
    assert!(engine.store.head(&key("c/d")).await.is_ok());
    // Once the folder is empty, its name is free again.
    engine.store.delete(&key("c/d")).await.unwrap();
    put(&engine, "c", "x").await.unwrap();
}

#[tokio::test]
async fn an_object_keeps_its_type_when_a_crash_cut_its_replacement_short() {
    let engine = local().await;
    put(&engine, "k", "first").await.unwrap();
    // What a crash leaves: the sidecar of the new object beside the old file.
    let meta = engine.root().join(".meta/k");
    let sidecar = fs::read_to_string(&meta).unwrap();
    let (_, old) = sidecar.split_once('[').unwrap();
    let new = r#"{"content_type":"image/png","etag":"ff","size_bytes":5,"inode":1}"#;
    fs::write(&meta, format!(r#"{{"entries":[{new},{old}"#)).unwrap();
    let head = engine.store.head(&key("k")).await.unwrap();
    assert_eq!(head.content_type.as_deref(), Some("text/plain"));
    assert_eq!(head.etag.len(), 64);
}

#[tokio::test]
async fn a_file_put_there_by_hand_is_an_object_and_a_link_is_not() {
    let engine = local().await;
    fs::write(engine.root().join("by-hand.bin"), "x").unwrap();
    let head = engine.store.head(&key("by-hand.bin")).await.unwrap();
    assert_eq!(
        head.content_type.as_deref(),
        Some("application/octet-stream")
    );
    std::os::unix::fs::symlink("/etc/passwd", engine.root().join("link")).unwrap();
    let page = engine.store.list("", None, 10).await.unwrap();
    assert_eq!(page.objects.len(), 1);
}

#[tokio::test]
async fn a_reader_is_not_disturbed_by_a_replacement_or_a_delete() {
    let engine = local().await;
    put(&engine, "k", "before").await.unwrap();
    let one = engine.store.get(&key("k"), None).await.unwrap();
    let two = engine.store.get(&key("k"), None).await.unwrap();
    put(&engine, "k", "after!!").await.unwrap();
    assert_eq!(one.bytes().await.unwrap(), "before");
    engine.store.delete(&key("k")).await.unwrap();
    assert_eq!(two.bytes().await.unwrap(), "before");
}

#[tokio::test(flavor = "multi_thread")]
async fn puts_and_deletes_that_share_a_folder_do_not_trip_each_other() {
    let engine = local().await;
    let mut workers = Vec::new();
    for n in 0..8 {
        let store = engine.store.clone();
        workers.push(tokio::spawn(async move {
            let k = key(&format!("shared/folder/{n}"));
            for _ in 0..50 {
                let body = Bytes::from_static(b"x");
                store.put(&k, body, "a/b", PutMode::IfAbsent).await.unwrap();
                store.delete(&k).await.unwrap();
            }
        }));
    }
    for worker in workers {
        worker.await.unwrap();
    }
}

#[tokio::test]
async fn urls_that_name_no_store_or_carry_secrets_are_refused() {
    for url in [
        "",
        "file://relative/path",
        "ftp://host/x",
        "s3://key:secret@bucket",
        "s3://bucket?secret=x",
    ] {
        match open(&Config::from_url(url)).await {
            Err(Error::Config(text)) => assert!(!text.contains("key:secret"), "{text}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}
