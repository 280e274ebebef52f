use bytes::Bytes;
use covergen_objects::{Error, PutMode};

use crate::engine::{Engine, key, on_both_engines};

on_both_engines!(
    objects_are_listed_in_order_page_by_page,
    a_folder_is_not_a_prefix_of_names,
    an_unknown_folder_is_empty_and_a_hostile_one_refused,
);

const KEYS: [&str; 9] = [
    "a-b/x", "a.b", "a/1", "a/10", "a/2", "a/b/c", "a/b-c", "a0", "b",
];

async fn fill(engine: &Engine) {
    for name in KEYS {
        let (k, body) = (key(name), Bytes::from_static(name.as_bytes()));
        let put = engine.store.put(&k, body, "text/plain", PutMode::Replace);
        put.await.unwrap();
    }
}

async fn all(engine: &Engine, folder: &str, limit: usize) -> Vec<String> {
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = engine
            .store
            .list(folder, after.as_ref(), limit)
            .await
            .unwrap();
        assert!(page.objects.len() <= limit);
        for meta in page.objects {
            assert_eq!(
                meta.size_bytes,
                u64::try_from(meta.key.as_str().len()).unwrap()
            );
            assert_eq!(meta.content_type, None);
            let head = engine.store.head(&meta.key).await.unwrap();
            assert_eq!(head.etag, meta.etag);
            seen.push(meta.key.to_string());
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return seen,
        }
    }
}

async fn objects_are_listed_in_order_page_by_page(engine: Engine) {
    fill(&engine).await;
    let mut sorted = KEYS;
    sorted.sort_unstable();
    for limit in [1, 2, 3, 8, 9, 10, 1_000] {
        assert_eq!(all(&engine, "", limit).await, sorted, "by {limit}");
    }
}

async fn a_folder_is_not_a_prefix_of_names(engine: Engine) {
    fill(&engine).await;
    let below = ["a/1", "a/10", "a/2", "a/b-c", "a/b/c"];
    assert_eq!(all(&engine, "a", 2).await, below);
    assert_eq!(all(&engine, "a/b", 2).await, ["a/b/c"]);
    assert_eq!(all(&engine, "a-b", 2).await, ["a-b/x"]);
}

async fn an_unknown_folder_is_empty_and_a_hostile_one_refused(engine: Engine) {
    fill(&engine).await;
    assert!(all(&engine, "nowhere", 5).await.is_empty());
    for bad in ["..", "a/../..", "/", "a/", "%2e%2e", ".tmp"] {
        let refused = engine.store.list(bad, None, 5).await;
        assert!(matches!(refused, Err(Error::InvalidKey { .. })), "{bad}");
    }
}
