use std::time::Duration;

use bytes::Bytes;
use covergen_cache::{Cache, Config, Error, OnOutage, RateLimiter, Window};
use covergen_testkit::{Proxy, Redis};

use crate::engine::{connected, eventually};

const MINUTE: Duration = Duration::from_secs(60);
const WINDOW: [Window; 1] = [Window {
    limit: 2,
    per_seconds: 60,
}];

async fn at(url: String) -> Cache {
    Cache::open(&Config::from_url(url)).await.unwrap()
}

/// With a wait for answers that no busy machine uses up.
async fn patiently_at(url: String) -> Cache {
    let config = Config {
        command_timeout_ms: 5_000,
        ..Config::from_url(url)
    };
    Cache::open(&config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_an_outage_at_once_and_found_again() {
    let server = Redis::start().await;
    let cache = patiently_at(server.url()).await;
    connected(&cache).await;
    server.kill();
    eventually("the loss is noticed", async || {
        cache.ping().await.is_err_and(|error| error.is_outage())
    })
    .await;
    // Loading goes on without the cache.
    let loaded = cache
        .get_or_load("k", MINUTE, || async {
            Ok::<_, ()>(Bytes::from_static(b"x"))
        })
        .await;
    assert_eq!(loaded.unwrap(), "x");
    let _server = server.restart().await;
    connected(&cache).await;
    cache.set("k", "v", MINUTE).await.unwrap();
    // Scripts were lost with the server and are loaded again.
    assert_eq!(cache.incr("n", 1, MINUTE).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_costs_one_timeout_not_one_per_call() {
    let server = Redis::start().await;
    let cache = at(server.url()).await;
    connected(&cache).await;
    server.freeze();
    let mut waited = 0;
    for _ in 0..200 {
        let outage = cache.get("k").await.unwrap_err();
        assert!(outage.is_outage(), "{outage}");
        waited += usize::from(outage == Error::TimedOut);
    }
    assert!((1..=20).contains(&waited), "{waited} of 200 calls waited");
    server.thaw();
    connected(&cache).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stranded_connections_fail_calls_by_their_timeout_and_are_replaced() {
    let server = Redis::start().await;
    let proxy = Proxy::before(server.url());
    let cache = at(proxy.url(&server.url())).await;
    connected(&cache).await;
    cache.set("k", "v", MINUTE).await.unwrap();
    // Both are there, or the second would be made only now.
    eventually("all connections are open", async || proxy.open() == 2).await;
    proxy.strand();
    // The client's own default is to wait for ever; nobody set another here.
    assert_eq!(Config::default().command_timeout_ms, 250);
    eventually("a call runs into its timeout", async || {
        cache.get("k").await == Err(Error::TimedOut)
    })
    .await;
    let loaded = cache
        .get_or_load("other", MINUTE, || async {
            Ok::<_, ()>(Bytes::from_static(b"x"))
        })
        .await;
    assert_eq!(loaded.unwrap(), "x");
    eventually("another connection answers", async || {
        cache.get("k").await.is_ok_and(|value| value.is_some())
    })
    .await;
    assert!(proxy.opened() > 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn during_an_outage_limits_are_judged_locally_or_refused() {
    let server = Redis::start().await;
    let cache = at(server.url()).await;
    connected(&cache).await;
    server.kill();
    eventually("the loss is noticed", async || cache.ping().await.is_err()).await;
    let closed = RateLimiter::new(&cache, OnOutage::Refuse);
    let error = closed.check("k", &WINDOW, 1).await.unwrap_err();
    assert!(error.is_outage());
    let open = RateLimiter::new(&cache, OnOutage::JudgeLocally);
    for expected in [true, true, false] {
        let decision = open.check("k", &WINDOW, 1).await.unwrap();
        assert_eq!(decision.allowed, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_can_be_opened_before_its_server_is_up() {
    let server = Redis::start().await;
    server.kill();
    let cache = at(server.url()).await;
    assert!(cache.get("k").await.is_err_and(|error| error.is_outage()));
    let _server = server.restart().await;
    connected(&cache).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_one_limit() {
    let scope = covergen_testkit::redis().await;
    let mut config = Config::from_url(scope.url());
    config.prefix = scope.prefix().to_owned();
    config.command_timeout_ms = 5_000;
    let mut allowed = 0;
    for _ in 0..3 {
        let cache = Cache::open(&config).await.unwrap();
        connected(&cache).await;
        let limiter = RateLimiter::new(&cache, OnOutage::Refuse);
        allowed += u32::from(limiter.check("k", &WINDOW, 1).await.unwrap().allowed);
    }
    assert_eq!(allowed, 2);
}
