use std::io;

use bytes::Bytes;
use covergen_objects::{Error, PutMode};
use futures::StreamExt;

use crate::engine::{Engine, MAX_OBJECT_BYTES, key, on_both_engines, pattern};

on_both_engines!(
    what_is_put_comes_back_as_it_was,
    a_put_replaces_or_leaves_as_told,
    only_one_of_many_puts_if_absent_wins,
    parts_of_an_object_can_be_read,
    ranges_outside_are_told_apart,
    a_streamed_body_of_many_parts_arrives_whole,
    a_short_or_empty_stream_arrives_too,
    a_body_that_fails_leaves_what_was_there,
    a_body_that_is_too_large_is_refused,
    what_is_absent_is_not_found_and_deleting_it_is_fine,
    a_deleted_object_is_gone,
    a_content_type_that_is_none_is_refused,
    the_store_answers_a_ping,
);

async fn what_is_put_comes_back_as_it_was(engine: Engine) {
    let k = key("covers/cov_1/1920x1080.webp");
    let body = Bytes::from(pattern(700_000));
    let put = engine
        .store
        .put(&k, body.clone(), "image/webp", PutMode::Replace)
        .await
        .unwrap();
    assert_eq!((put.size_bytes, &put.key), (700_000, &k));
    let object = engine.store.get(&k, None).await.unwrap();
    assert_eq!(object.range, 0..700_000);
    assert_eq!(object.meta.content_type.as_deref(), Some("image/webp"));
    assert_eq!(object.meta.etag, put.etag);
    assert!(!put.etag.is_empty());
    assert_eq!(object.bytes().await.unwrap(), body);
    let head = engine.store.head(&k).await.unwrap();
    assert_eq!(head.content_type.as_deref(), Some("image/webp"));
    assert_eq!((head.size_bytes, head.etag), (700_000, put.etag));
    let age = put.modified_at - head.modified_at;
    assert!(age.whole_seconds().abs() < 3_600, "{age}");
}

async fn a_put_replaces_or_leaves_as_told(engine: Engine) {
    let k = key("a/b");
    let put = async |body: &'static str, kind: &'static str, mode| {
        engine
            .store
            .put(&k, Bytes::from_static(body.as_bytes()), kind, mode)
            .await
    };
    let first = put("one", "text/plain", PutMode::IfAbsent).await.unwrap();
    let refused = put("two", "text/css", PutMode::IfAbsent).await;
    assert!(matches!(refused, Err(Error::AlreadyExists(at)) if at == k));
    let object = engine.store.get(&k, None).await.unwrap();
    assert_eq!(object.meta.content_type.as_deref(), Some("text/plain"));
    assert_eq!(object.bytes().await.unwrap(), "one");
    let second = put("two", "text/css", PutMode::Replace).await.unwrap();
    assert_ne!(first.etag, second.etag);
    let object = engine.store.get(&k, None).await.unwrap();
    assert_eq!(object.meta.content_type.as_deref(), Some("text/css"));
    assert_eq!(object.bytes().await.unwrap(), "two");
}

async fn only_one_of_many_puts_if_absent_wins(engine: Engine) {
    let mut puts = Vec::new();
    for n in 0..10 {
        let store = engine.store.clone();
        puts.push(tokio::spawn(async move {
            let body = Bytes::from(format!("body {n}"));
            store
                .put(&key("k"), body, "text/plain", PutMode::IfAbsent)
                .await
        }));
    }
    let mut winners = Vec::new();
    for (n, put) in puts.into_iter().enumerate() {
        match put.await.unwrap() {
            Ok(_) => winners.push(n),
            Err(error) => assert!(matches!(error, Error::AlreadyExists(_)), "{error:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    let object = engine.store.get(&key("k"), None).await.unwrap();
    let body = object.bytes().await.unwrap();
    assert_eq!(body, format!("body {}", winners[0]));
}

async fn parts_of_an_object_can_be_read(engine: Engine) {
    let body = Bytes::from(pattern(600_000));
    let k = key("k");
    let put = engine.store.put(&k, body.clone(), "a/b", PutMode::Replace);
    put.await.unwrap();
    for (start, end) in [(0, 1), (10, 20), (599_999, 600_000), (1_000, 599_000)] {
        let object = engine.store.get(&k, Some(start..end)).await.unwrap();
        assert_eq!(object.range, start..end);
        assert_eq!(object.meta.size_bytes, 600_000);
        let slice = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
        assert_eq!(object.bytes().await.unwrap(), body.slice(slice));
    }
    let beyond = engine.store.get(&k, Some(599_990..u64::MAX / 2)).await;
    let beyond = beyond.unwrap();
    assert_eq!(beyond.range, 599_990..600_000);
    assert_eq!(beyond.bytes().await.unwrap().len(), 10);
}

#[expect(clippy::reversed_empty_ranges, reason = "that is what must be refused")]
async fn ranges_outside_are_told_apart(engine: Engine) {
    let k = key("k");
    let body = Bytes::from_static(b"0123456789");
    let put = engine.store.put(&k, body, "a/b", PutMode::Replace);
    put.await.unwrap();
    for range in [10..11, 500..600, 5..5, 6..5] {
        let refused = engine.store.get(&k, Some(range.clone())).await;
        assert!(
            matches!(refused, Err(Error::RangeNotSatisfiable { size_bytes: 10 })),
            "{range:?} {refused:?}"
        );
    }
    let absent = engine.store.get(&key("none"), Some(0..1)).await;
    assert!(matches!(absent, Err(Error::NotFound(_))));
}

async fn a_streamed_body_of_many_parts_arrives_whole(engine: Engine) {
    let k = key("large.bin");
    // More than two parts of an upload, in chunks that fit nothing.
    let body = pattern(17 * 1024 * 1024 + 13);
    let chunks: Vec<io::Result<Bytes>> = body
        .chunks(777_777)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    let stream = futures::stream::iter(chunks).boxed();
    let put = engine.store.put_stream(&k, stream, "video/mp4").await;
    let put = put.unwrap();
    assert_eq!(put.size_bytes, u64::try_from(body.len()).unwrap());
    let object = engine.store.get(&k, None).await.unwrap();
    assert_eq!(object.meta.content_type.as_deref(), Some("video/mp4"));
    assert_eq!(object.meta.etag, put.etag);
    assert!(object.bytes().await.unwrap() == body, "the body differs");
}

async fn a_short_or_empty_stream_arrives_too(engine: Engine) {
    for text in ["", "short"] {
        let stream = futures::stream::iter([Ok(Bytes::from_static(text.as_bytes()))]).boxed();
        let put = engine
            .store
            .put_stream(&key("k"), stream, "text/plain")
            .await;
        assert_eq!(put.unwrap().size_bytes, u64::try_from(text.len()).unwrap());
        let object = engine.store.get(&key("k"), None).await.unwrap();
        assert_eq!(object.bytes().await.unwrap(), text);
    }
}

async fn a_body_that_fails_leaves_what_was_there(engine: Engine) {
    let (old, new) = (key("old"), key("new"));
    let body = Bytes::from_static(b"old");
    let put = engine.store.put(&old, body, "text/plain", PutMode::Replace);
    put.await.unwrap();
    for length in [10, 9 * 1024 * 1024] {
        for k in [&old, &new] {
            let broken = futures::stream::iter([
                Ok(Bytes::from(pattern(length))),
                Err(io::Error::other("the sender hung up")),
            ]);
            let failed = engine
                .store
                .put_stream(k, broken.boxed(), "image/png")
                .await;
            assert!(matches!(failed, Err(Error::Body(_))), "{failed:?}");
        }
    }
    let object = engine.store.get(&old, None).await.unwrap();
    assert_eq!(object.meta.content_type.as_deref(), Some("text/plain"));
    assert_eq!(object.bytes().await.unwrap(), "old");
    let absent = engine.store.head(&new).await;
    assert!(matches!(absent, Err(Error::NotFound(_))));
}

async fn a_body_that_is_too_large_is_refused(engine: Engine) {
    let limit = usize::try_from(MAX_OBJECT_BYTES).unwrap();
    let body = Bytes::from(vec![0; limit + 1]);
    let refused = engine
        .store
        .put(&key("k"), body, "a/b", PutMode::Replace)
        .await;
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
    // A stream has no end that could be known before.
    let endless = futures::stream::repeat_with(|| Ok(Bytes::from(vec![0; 1024 * 1024])));
    let refused = engine
        .store
        .put_stream(&key("k"), endless.boxed(), "a/b")
        .await;
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
    let absent = engine.store.head(&key("k")).await;
    assert!(matches!(absent, Err(Error::NotFound(_))));
}

async fn what_is_absent_is_not_found_and_deleting_it_is_fine(engine: Engine) {
    let k = key("no/such/object");
    assert!(matches!(engine.store.get(&k, None).await, Err(Error::NotFound(at)) if at == k));
    assert!(matches!(
        engine.store.head(&k).await,
        Err(Error::NotFound(_))
    ));
    engine.store.delete(&k).await.unwrap();
}

async fn a_deleted_object_is_gone(engine: Engine) {
    let (k, beside) = (key("a/b/c"), key("a/d"));
    for k in [&k, &beside] {
        let put = engine.store.put(k, Bytes::new(), "a/b", PutMode::Replace);
        put.await.unwrap();
    }
    engine.store.delete(&k).await.unwrap();
    assert!(matches!(
        engine.store.head(&k).await,
        Err(Error::NotFound(_))
    ));
    assert!(engine.store.head(&beside).await.is_ok());
    let again = engine.store.put(&k, Bytes::new(), "a/b", PutMode::IfAbsent);
    again.await.unwrap();
}

async fn a_content_type_that_is_none_is_refused(engine: Engine) {
    let k = key("k");
    for bad in ["", "png", "image/png\r\nx: y"] {
        let put = engine.store.put(&k, Bytes::new(), bad, PutMode::Replace);
        let refused = put.await;
        assert!(matches!(refused, Err(Error::InvalidContentType(_))));
    }
}

async fn the_store_answers_a_ping(engine: Engine) {
    engine.store.ping().await.unwrap();
}
