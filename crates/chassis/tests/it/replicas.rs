//! Two processes over one NATS server.

use std::path::PathBuf;

use covergen_chassis::{Config, Harness};
use covergen_ids::Clock;
use covergen_proto::auth::v1::ListSessionsRequest;
use covergen_testkit::Redis;
use tonic::Code;

use crate::service::{Probe, client, end_session, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session_is_refused_in_every_process_by_event_also_without_redis() {
    let redis = Redis::start().await;
    let nats = covergen_testkit::nats().await;
    let keys = tempfile::tempdir().unwrap();
    let folder = |name: &str| -> PathBuf { keys.path().join(name) };
    let shared = |config: &mut Config| {
        config.events.url = nats.url().to_owned();
        config.events.namespace = nats.namespace().to_owned();
        config.events.max_stream_bytes = 16 * 1024 * 1024;
        config.cache.url = redis.url();
        config.identity.access_keys_dir = folder("access");
        config.identity.internal_keys_dir = folder("internal");
    };
    let start = |name: &'static str| {
        Harness::start_with(vec![Probe::new().service(name)], Clock::system(), shared)
    };
    let first = start("auth").await;
    let second = start("other").await;
    let creator = first.creator();
    let mut calling = client(second.as_user(&creator, "other"));
    calling
        .list_sessions(ListSessionsRequest::default())
        .await
        .unwrap();
    redis.kill();
    end_session(&first, "auth", creator.session_id.unwrap()).await;
    eventually("the other process refuses the session", || async {
        let answer = client(second.as_user(&creator, "other"))
            .list_sessions(ListSessionsRequest::default())
            .await;
        answer.is_err_and(|status| status.code() == Code::Unauthenticated)
    })
    .await;
    // One that starts later learns of it as well.
    let late = start("late").await;
    eventually("a process that starts later refuses it, too", || async {
        let answer = client(late.as_user(&creator, "late"))
            .list_sessions(ListSessionsRequest::default())
            .await;
        answer.is_err_and(|status| status.code() == Code::Unauthenticated)
    })
    .await;
    for harness in [first, second, late] {
        harness.stop().await;
    }
}
