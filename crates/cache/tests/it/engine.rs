use std::time::Duration;

use covergen_cache::{Cache, Config};

pub(crate) async fn memory() -> Cache {
    Cache::open(&Config::from_url("memory://")).await.unwrap()
}

pub(crate) async fn redis() -> Cache {
    let scope = covergen_testkit::redis().await;
    let mut config = Config::from_url(scope.url());
    config.prefix = scope.prefix().to_owned();
    // Two busy cores must not look like an outage.
    config.command_timeout_ms = 5_000;
    let cache = Cache::open(&config).await.unwrap();
    connected(&cache).await;
    cache
}

/// Waits until the cache answers.
pub(crate) async fn connected(cache: &Cache) {
    eventually("the cache answers", async || cache.ping().await.is_ok()).await;
}

/// Polls a real engine until something holds.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what}: not within 20 s");
}

/// Makes each behaviour a test on both engines.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::engine::memory().await).await;
            })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(crate::engine::redis().await).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;
