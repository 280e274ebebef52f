use covergen_cache::{Cache, Error, OnOutage, RateLimiter, Window};

use crate::engine::{eventually, on_both_engines};

on_both_engines!(
    exactly_the_limit_passes_however_many_ask_at_once,
    what_is_left_and_when_is_told,
    every_window_must_have_room_or_none_is_charged,
    a_cost_counts_as_many_uses,
    keys_are_limited_apart,
    uses_are_given_back_when_the_window_has_passed,
    a_changed_limit_keeps_the_count,
    a_limit_without_a_window_is_refused,
);

fn window(limit: u32, per_seconds: u32) -> Window {
    Window { limit, per_seconds }
}

fn limiter(cache: &Cache) -> RateLimiter {
    RateLimiter::new(cache, OnOutage::Refuse)
}

async fn exactly_the_limit_passes_however_many_ask_at_once(cache: Cache) {
    let mut callers = Vec::new();
    for _ in 0..100 {
        let limiter = limiter(&cache);
        callers.push(tokio::spawn(async move {
            let windows = [window(40, 3_600), window(1_000, 86_400)];
            limiter.check("k", &windows, 1).await.unwrap().allowed
        }));
    }
    let mut allowed = 0;
    for caller in callers {
        allowed += u32::from(caller.await.unwrap());
    }
    assert_eq!(allowed, 40);
}

async fn what_is_left_and_when_is_told(cache: Cache) {
    let windows = [window(3, 60)];
    let limiter = limiter(&cache);
    let look = limiter.check("k", &windows, 0).await.unwrap();
    assert_eq!(
        (look.allowed, look.remaining, look.reset_after_ms),
        (true, 3, 0)
    );
    for left in [2, 1, 0] {
        let decision = limiter.check("k", &windows, 1).await.unwrap();
        assert!(decision.allowed);
        assert_eq!((decision.limit, decision.remaining), (3, left));
        assert_eq!(decision.retry_after_ms, None);
        // A minute and at most two slices of a second.
        assert!((60_000..=62_000).contains(&decision.reset_after_ms));
    }
    let refused = limiter.check("k", &windows, 1).await.unwrap();
    assert!(!refused.allowed);
    assert_eq!(refused.remaining, 0);
    let retry = refused.retry_after_ms.unwrap();
    assert!((1..=61_000).contains(&retry), "{retry}");
    assert!(retry <= refused.reset_after_ms);
}

async fn every_window_must_have_room_or_none_is_charged(cache: Cache) {
    let (minute, hour) = (window(2, 60), window(1_000, 3_600));
    let limiter = limiter(&cache);
    for _ in 0..10 {
        limiter.check("k", &[minute, hour], 1).await.unwrap();
    }
    // Two passed; eight refusals left the hour alone.
    let decision = limiter.check("k", &[minute, hour], 0).await.unwrap();
    assert_eq!((decision.limit, decision.remaining), (2, 0));
    let refused = limiter.check("k", &[minute, hour], 1).await.unwrap();
    assert!(!refused.allowed && refused.limit == 2);
}

async fn a_cost_counts_as_many_uses(cache: Cache) {
    let windows = [window(10, 60)];
    let limiter = limiter(&cache);
    assert!(limiter.check("k", &windows, 7).await.unwrap().allowed);
    assert!(!limiter.check("k", &windows, 4).await.unwrap().allowed);
    assert!(limiter.check("k", &windows, 3).await.unwrap().allowed);
    let hopeless = limiter.check("other", &windows, 11).await.unwrap();
    assert!(!hopeless.allowed);
    assert_eq!(hopeless.retry_after_ms, None);
}

async fn keys_are_limited_apart(cache: Cache) {
    let windows = [window(1, 60)];
    let limiter = limiter(&cache);
    assert!(limiter.check("a", &windows, 1).await.unwrap().allowed);
    assert!(!limiter.check("a", &windows, 1).await.unwrap().allowed);
    assert!(limiter.check("b", &windows, 1).await.unwrap().allowed);
}

async fn uses_are_given_back_when_the_window_has_passed(cache: Cache) {
    let windows = [window(2, 1)];
    let limiter = limiter(&cache);
    for expected in [true, true, false] {
        let decision = limiter.check("k", &windows, 1).await.unwrap();
        assert_eq!(decision.allowed, expected);
    }
    eventually("there is room again", async || {
        limiter.check("k", &windows, 2).await.unwrap().allowed
    })
    .await;
    assert!(!limiter.check("k", &windows, 1).await.unwrap().allowed);
}

async fn a_changed_limit_keeps_the_count(cache: Cache) {
    let limiter = limiter(&cache);
    for _ in 0..5 {
        limiter.check("k", &[window(5, 60)], 1).await.unwrap();
    }
    let raised = limiter.check("k", &[window(7, 60)], 1).await.unwrap();
    assert!(raised.allowed && raised.remaining == 1);
    let lowered = limiter.check("k", &[window(3, 60)], 1).await.unwrap();
    assert!(!lowered.allowed && lowered.remaining == 0);
}

async fn a_limit_without_a_window_is_refused(cache: Cache) {
    let limiter = limiter(&cache);
    for windows in [vec![], vec![window(1, 0)], vec![window(1, 1); 9]] {
        let refused = limiter.check("k", &windows, 1).await;
        assert!(matches!(refused, Err(Error::InvalidLimit(_))));
    }
    assert!(
        !limiter
            .check("k", &[window(0, 60)], 1)
            .await
            .unwrap()
            .allowed
    );
}
