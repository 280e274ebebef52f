use std::time::Duration;

use covergen_cache::{Cache, Config, Error, OnOutage, RateLimiter, Window};

#[tokio::test(start_paused = true)]
async fn time_to_live_ends_on_the_millisecond() {
    let cache = Cache::memory(1 << 20, 1_000);
    cache.set("k", "v", Duration::from_secs(10)).await.unwrap();
    tokio::time::advance(Duration::from_millis(9_999)).await;
    assert!(cache.get("k").await.unwrap().is_some());
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(cache.get("k").await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn after_the_retry_told_the_call_succeeds_and_not_before() {
    let limiter = RateLimiter::new(&Cache::memory(1 << 20, 1_000), OnOutage::Refuse);
    let windows = [
        Window {
            limit: 60,
            per_seconds: 60,
        },
        Window {
            limit: 100,
            per_seconds: 3_600,
        },
    ];
    let mut allowed = 0;
    for _ in 0..2 {
        while limiter.check("k", &windows, 1).await.unwrap().allowed {
            allowed += 1;
        }
        let refused = limiter.check("k", &windows, 1).await.unwrap();
        let retry = Duration::from_millis(refused.retry_after_ms.unwrap());
        tokio::time::advance(retry - Duration::from_millis(1)).await;
        assert!(!limiter.check("k", &windows, 1).await.unwrap().allowed);
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    // A minute's worth, then what the hour had left.
    assert_eq!(allowed, 100);
    assert!(limiter.check("k", &windows, 1).await.unwrap().allowed);
}

#[tokio::test]
async fn a_flood_of_keys_stays_within_the_bounds() {
    let cache = Cache::memory(4 << 20, 10_000);
    for n in 0..30_000 {
        let key = format!("key-{n}");
        cache
            .set(&key, vec![0; 1_000], Duration::from_secs(60))
            .await
            .unwrap();
    }
    let mut kept = 0;
    for n in 0..30_000 {
        kept += usize::from(cache.get(&format!("key-{n}")).await.unwrap().is_some());
    }
    assert!((2_000..=4_200).contains(&kept), "{kept}");
    assert!(cache.get("key-29999").await.unwrap().is_some());
}

#[tokio::test]
async fn urls_that_name_no_engine_or_carry_secrets_are_refused() {
    for url in ["", "memcached://x", "redis://:secret@127.0.0.1:6379"] {
        match Cache::open(&Config::from_url(url)).await {
            Err(Error::Config(text)) => assert!(!text.contains("secret"), "{text}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}
