//! A pool whose rules and endpoints change.

use std::{collections::VecDeque, io, net::SocketAddr, thread, time::Duration};

use futures::future::BoxFuture;

use super::*;
use crate::{
    balance::Algorithm,
    config::{Policy, PolicyConfig},
    discover::{Dns, Resolver, StaticList},
};

fn pool(rules: &Arc<BalanceRules>, source: Arc<dyn Discover>) -> Arc<Pool> {
    let policy = Policy::resolve(&[&PolicyConfig::default()]);
    Pool::new(PoolSetup {
        edge: Edge {
            source: Arc::from("here"),
            target: Arc::from("there"),
        },
        rules: Arc::clone(rules),
        connection: ConnectionPolicy::new(&policy, None, None),
        source,
        listed: Vec::new(),
        rooms: Rooms::new(&policy, 1),
        decisions: Decisions::default(),
    })
}

/// Different ones each time; a ring takes a while to be made.
fn rules(round: u64) -> Arc<BalanceRules> {
    Arc::new(BalanceRules {
        algorithm: Algorithm::RingHash {
            header: http::HeaderName::from_static("x-key"),
            points: 1_024,
        },
        slow_start: Duration::from_millis(round),
        ..BalanceRules::default()
    })
}

#[test]
fn other_rules_and_other_endpoints_of_the_same_moment_both_hold() {
    let pool = pool(&rules(0), Arc::new(StaticList(Vec::new())));
    for round in 1..200 {
        let rules = rules(round);
        // All of them new, or all of them gone.
        let places: Vec<_> = (0..round % 2 * 4)
            .map(|host| HostPort {
                host: format!("h{host}"),
                port: 1,
            })
            .collect();
        thread::scope(|scope| {
            scope.spawn(|| pool.replace(&places));
            scope.spawn(|| pool.change_rules(Arc::clone(&rules)));
        });
        let set = pool.set.load();
        assert_eq!(set.rules, rules, "round {round}");
        assert_eq!(set.list.len(), places.len(), "round {round}");
    }
}

/// Answers what comes next, and the last again and again; with nothing, that
/// there is no such name.
#[derive(Debug)]
struct Script(Mutex<VecDeque<Vec<SocketAddr>>>);

impl Resolver for Script {
    fn addresses<'a>(
        &'a self,
        _: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        assert_eq!(port, 7000);
        let mut answers = lock(&self.0);
        let answer = match answers.len() {
            1 => answers[0].clone(),
            _ => answers.pop_front().unwrap_or_default(),
        };
        Box::pin(async move {
            if answer.is_empty() {
                return Err(io::Error::other("no such name"));
            }
            Ok(answer)
        })
    }
}

/// Every set of endpoints that there was, until it is this one.
async fn eventually(pool: &Pool, expected: &[&str]) -> Vec<Vec<String>> {
    let mut seen: Vec<Vec<String>> = Vec::new();
    loop {
        let endpoints = pool.snapshot().into_iter();
        let now: Vec<_> = endpoints.map(|endpoint| endpoint.address).collect();
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        if seen.last().is_some_and(|now| now == expected) {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_name_is_asked_for_again_and_endpoints_follow_its_answers() {
    let at = |hosts: &[u8]| -> Vec<SocketAddr> {
        let hosts = hosts.iter();
        hosts
            .map(|host| SocketAddr::from(([127, 0, 0, *host], 7000)))
            .collect()
    };
    let (first, scaled, moved) = (at(&[3, 2]), at(&[4, 2, 3]), at(&[4, 5]));
    // An answer that fails changes nothing.
    let answers = [first, scaled, Vec::new(), moved];
    let dns = Dns {
        place: HostPort {
            host: "cover-headless".to_owned(),
            port: 7000,
        },
        refresh: Duration::from_millis(20),
        resolver: Script(Mutex::new(answers.into())),
    };
    let pool = pool(&Arc::default(), Arc::new(dns));
    pool.started.store(true, Ordering::Relaxed);
    pool.start();
    let after = tokio::time::timeout(
        Duration::from_secs(60),
        eventually(&pool, &["127.0.0.4:7000", "127.0.0.5:7000"]),
    );
    let seen = after.await.unwrap();
    for between in seen {
        // Of one answer and never of none, once there was one.
        assert!(matches!(between.len(), 0 | 2 | 3), "{between:?}");
    }
    let told = pool.decisions.recent();
    let told: Vec<_> = told.iter().map(|one| one.detail.as_str()).collect();
    assert!(told.contains(&"127.0.0.4:7000 came"), "{told:?}");
    assert!(told.contains(&"127.0.0.2:7000 went"), "{told:?}");
    assert!(
        told.iter().any(|one| one.contains("no such name")),
        "{told:?}"
    );
}
