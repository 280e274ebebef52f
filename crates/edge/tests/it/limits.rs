//! What is counted while the cache is away, and what is refused.

use covergen_bff::Limiter as _;
use covergen_cache::{Cache, Config};
use covergen_edge::{EdgeConfig, EdgeLimiter};
use covergen_testkit::{Proxy, Redis};

const RATES: &str = "
    [rates.default]
    windows = [{ limit = 2, per_seconds = 3600 }]
    [rates.admin]
    windows = [{ limit = 2, per_seconds = 3600 }]
";

async fn answers(cache: &Cache) {
    for _ in 0..1_000 {
        if cache.ping().await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the cache never answers");
}

/// What became of one request: let through, one too many, or not counted.
async fn take(limiter: &EdgeLimiter, class: &str) -> &'static str {
    match limiter.take(class, "somebody").await {
        Ok(decision) if decision.allowed => "through",
        Ok(_) => "too many",
        Err(problem) => {
            assert_eq!(problem.reason(), "RATE_NOT_CHECKED");
            assert_eq!(problem.status().as_u16(), 503);
            "not counted"
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_cache_administration_is_refused_and_all_else_is_judged_locally() {
    let redis = Redis::start().await;
    let proxy = Proxy::before(redis.url());
    let config = Config {
        command_timeout_ms: 1_000,
        ..Config::from_url(proxy.url(&redis.url()))
    };
    let cache = Cache::open(&config).await.unwrap();
    answers(&cache).await;
    let config = EdgeConfig::from_table(RATES.parse().unwrap()).unwrap();
    let limiter = EdgeLimiter::new(&cache, &config);
    assert_eq!(take(&limiter, "admin").await, "through");
    // Silent first, gone then.
    proxy.fall_silent();
    assert_eq!(take(&limiter, "admin").await, "not counted");
    assert_eq!(take(&limiter, "default").await, "through");
    proxy.refuse();
    assert_eq!(take(&limiter, "admin").await, "not counted");
    // Still bounded, by what this process has seen.
    assert_eq!(take(&limiter, "unheard_of").await, "through");
    assert_eq!(take(&limiter, "default").await, "through");
    assert_eq!(take(&limiter, "default").await, "too many");
    proxy.heal();
    answers(&cache).await;
    // What was counted before counts on.
    assert_eq!(take(&limiter, "admin").await, "through");
    assert_eq!(take(&limiter, "admin").await, "too many");
}
