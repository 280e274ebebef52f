use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use covergen_cache::{Cache, Error, MAX_VALUE_BYTES};

use crate::engine::{eventually, on_both_engines};

const MINUTE: Duration = Duration::from_secs(60);

on_both_engines!(
    a_value_is_there_until_it_is_deleted,
    a_value_is_gone_after_its_time,
    many_values_come_in_the_order_asked,
    namespaces_do_not_see_each_other,
    only_the_first_of_many_stores_if_absent,
    a_counter_loses_no_addition,
    a_counter_keeps_the_end_of_its_first_addition,
    a_counter_is_exact_and_refuses_to_overflow,
    what_is_no_number_is_not_counted,
    keys_and_values_are_bounded,
    concurrent_loads_of_one_key_run_once,
    a_failed_load_stores_nothing,
    binary_values_survive,
);

async fn a_value_is_there_until_it_is_deleted(cache: Cache) {
    assert_eq!(cache.get("k").await.unwrap(), None);
    cache.set("k", "v", MINUTE).await.unwrap();
    assert_eq!(cache.get("k").await.unwrap().unwrap(), "v");
    cache.set("k", "w", MINUTE).await.unwrap();
    assert_eq!(cache.get("k").await.unwrap().unwrap(), "w");
    assert!(cache.delete("k").await.unwrap());
    assert!(!cache.delete("k").await.unwrap());
    assert_eq!(cache.get("k").await.unwrap(), None);
}

async fn a_value_is_gone_after_its_time(cache: Cache) {
    cache
        .set("k", "v", Duration::from_millis(50))
        .await
        .unwrap();
    cache.set("stays", "v", MINUTE).await.unwrap();
    eventually("the value goes", async || {
        cache.get("k").await.unwrap().is_none()
    })
    .await;
    assert!(cache.get("stays").await.unwrap().is_some());
    cache.set("stays", "v", Duration::ZERO).await.unwrap();
    assert!(cache.get("stays").await.unwrap().is_none());
}

async fn many_values_come_in_the_order_asked(cache: Cache) {
    cache.set("a", "1", MINUTE).await.unwrap();
    cache.set("c", "3", MINUTE).await.unwrap();
    let values = cache.get_many(&["c", "b", "a", "c"]).await.unwrap();
    let text: Vec<_> = values.iter().map(|v| v.as_deref()).collect();
    let expected: [Option<&[u8]>; 4] = [Some(b"3"), None, Some(b"1"), Some(b"3")];
    assert_eq!(text, expected);
    assert!(cache.get_many(&[]).await.unwrap().is_empty());
}

async fn namespaces_do_not_see_each_other(cache: Cache) {
    let (a, b) = (cache.scope("a"), cache.scope("b"));
    a.set("k", "of a", MINUTE).await.unwrap();
    assert_eq!(b.get("k").await.unwrap(), None);
    assert!(!b.delete("k").await.unwrap());
    assert_eq!(a.get("k").await.unwrap().unwrap(), "of a");
}

async fn only_the_first_of_many_stores_if_absent(cache: Cache) {
    let mut callers = Vec::new();
    for n in 0..20 {
        let cache = cache.clone();
        callers.push(tokio::spawn(async move {
            cache
                .set_if_absent("k", n.to_string(), MINUTE)
                .await
                .unwrap()
        }));
    }
    let mut stored = 0;
    for caller in callers {
        stored += u32::from(caller.await.unwrap());
    }
    assert_eq!(stored, 1);
    assert!(cache.delete("k").await.unwrap());
    assert!(cache.set_if_absent("k", "v", MINUTE).await.unwrap());
}

async fn a_counter_loses_no_addition(cache: Cache) {
    let mut callers = Vec::new();
    for _ in 0..20 {
        let cache = cache.clone();
        callers.push(tokio::spawn(async move {
            for _ in 0..20 {
                cache.incr("n", 2, MINUTE).await.unwrap();
            }
        }));
    }
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(cache.incr("n", -800, MINUTE).await.unwrap(), 0);
}

async fn a_counter_keeps_the_end_of_its_first_addition(cache: Cache) {
    let first = Duration::from_millis(300);
    assert_eq!(cache.incr("n", 1, first).await.unwrap(), 1);
    assert_eq!(cache.incr("n", 1, MINUTE).await.unwrap(), 2);
    assert_eq!(cache.get("n").await.unwrap().unwrap(), "2");
    eventually("the counter starts over", async || {
        cache.get("n").await.unwrap().is_none()
    })
    .await;
    assert_eq!(cache.incr("n", 1, MINUTE).await.unwrap(), 1);
}

async fn a_counter_is_exact_and_refuses_to_overflow(cache: Cache) {
    let large = i64::MAX - 3;
    assert_eq!(cache.incr("n", large, MINUTE).await.unwrap(), large);
    assert_eq!(cache.incr("n", 2, MINUTE).await.unwrap(), large + 2);
    assert_eq!(cache.incr("n", 9, MINUTE).await, Err(Error::NotANumber));
}

async fn what_is_no_number_is_not_counted(cache: Cache) {
    cache.set("k", "seven", MINUTE).await.unwrap();
    assert_eq!(cache.incr("k", 1, MINUTE).await, Err(Error::NotANumber));
    cache.set("k", "7", MINUTE).await.unwrap();
    assert_eq!(cache.incr("k", 1, MINUTE).await, Ok(8));
}

async fn keys_and_values_are_bounded(cache: Cache) {
    for bad in ["", "a b", "a\nb", "a{b}", "ü", &"x".repeat(513)] {
        let refused = cache.get(bad).await;
        assert!(matches!(refused, Err(Error::InvalidKey(_))), "{bad:?}");
    }
    let large = vec![0; MAX_VALUE_BYTES + 1];
    let refused = cache.set("k", large, MINUTE).await;
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
}

async fn concurrent_loads_of_one_key_run_once(cache: Cache) {
    let (loads, asking) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut callers = Vec::new();
    for _ in 0..50 {
        let (cache, loads, asking) = (cache.clone(), Arc::clone(&loads), Arc::clone(&asking));
        callers.push(tokio::spawn(async move {
            asking.fetch_add(1, Ordering::SeqCst);
            cache
                .get_or_load("k", MINUTE, || async {
                    loads.fetch_add(1, Ordering::SeqCst);
                    // Not done before everybody has asked.
                    while asking.load(Ordering::SeqCst) < 50 {
                        tokio::task::yield_now().await;
                    }
                    Ok::<_, ()>(Bytes::from_static(b"loaded"))
                })
                .await
        }));
    }
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), "loaded");
    }
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    assert_eq!(cache.get("k").await.unwrap().unwrap(), "loaded");
}

async fn a_failed_load_stores_nothing(cache: Cache) {
    let failed = cache
        .get_or_load("k", MINUTE, || async { Err::<Bytes, _>("boom") })
        .await;
    assert_eq!(failed, Err("boom"));
    assert_eq!(cache.get("k").await.unwrap(), None);
}

async fn binary_values_survive(cache: Cache) {
    let value: Vec<u8> = (0..=255).collect();
    cache.set("k", value.clone(), MINUTE).await.unwrap();
    assert_eq!(cache.get("k").await.unwrap().unwrap(), value);
    cache.set("empty", "", MINUTE).await.unwrap();
    assert_eq!(cache.get("empty").await.unwrap().unwrap(), "");
}
