use std::sync::Arc;

use covergen_objects::{Config, Key, ObjectStore, open};

/// An open store with whatever must outlive it.
pub(crate) struct Engine {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) folder: Option<tempfile::TempDir>,
}

pub(crate) const MAX_OBJECT_BYTES: u64 = 20 * 1024 * 1024;

pub(crate) async fn local() -> Engine {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::from_url(format!("file://{}/objects", folder.path().display()));
    config.max_object_bytes = MAX_OBJECT_BYTES;
    Engine {
        store: open(&config).await.unwrap(),
        folder: Some(folder),
    }
}

pub(crate) async fn s3() -> Engine {
    let bucket = covergen_testkit::s3().await;
    let url = bucket.url().replacen('?', "/some/prefix?", 1);
    let mut config = Config::from_url(url);
    config.access_key_id = Some(bucket.access_key().to_owned());
    config.secret_access_key = Some(bucket.secret_key().into());
    config.max_object_bytes = MAX_OBJECT_BYTES;
    // Two busy cores must not look like an outage.
    config.timeout_ms = 60_000;
    Engine {
        store: open(&config).await.unwrap(),
        folder: None,
    }
}

pub(crate) fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

/// Bytes that show when they are out of place.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect()
}

/// Makes each behaviour a test on both engines.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod local {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::engine::local().await).await;
            })+
        }
        mod s3 {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::engine::s3().await).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;
