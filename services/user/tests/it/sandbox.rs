//! Test keys act in a workspace of their own, with a quota of its own.

use covergen_identity::Principal;
use covergen_ids::{Clock, WorkspaceId};
use covergen_proto::user::v1::{
    CommitQuotaRequest, GetEntitlementsRequest, Quota, ReserveQuotaRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{Client, Engine, World, client};

on_both_engines!(a_sandbox_has_a_quota_of_its_own);

const SETTINGS: &str = "sandbox_covers_per_month = 2";

/// The same person by a test key.
fn in_sandbox(of: &Principal) -> Principal {
    Principal {
        workspace_id: WorkspaceId::new(&Clock::system()),
        ..of.clone()
    }
}

/// cover, for a user.
fn cover(world: &World, principal: &Principal) -> Client {
    client(world.harness.as_service("cover", Some(principal), "user"))
}

async fn reserve(world: &World, who: &Principal, units: i32) -> Result<String, Status> {
    let task = world.task();
    let request = ReserveQuotaRequest {
        user_id: who.user_id.to_string(),
        task_id: task.to_string(),
        units,
    };
    cover(world, who).reserve_quota(request).await?;
    Ok(task.to_string())
}

fn figures(quota: &Quota) -> (i32, i32, i32) {
    (quota.limit, quota.used, quota.reserved)
}

async fn a_sandbox_has_a_quota_of_its_own(engine: Engine) {
    let world = World::with(engine, Clock::system(), SETTINGS).await;
    let live = world.somebody_with(5).await;
    let test = in_sandbox(&live);
    reserve(&world, &live, 4).await.unwrap();
    let task = reserve(&world, &test, 2).await.unwrap();
    assert_eq!(figures(&world.quota(&live).await), (5, 0, 4));
    assert_eq!(figures(&world.quota(&test).await), (2, 0, 2));
    let refused = reserve(&world, &test, 1).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let details = refused.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "QUOTA_EXHAUSTED");
    // Whoever settles it, it settles where it was reserved.
    let commit = CommitQuotaRequest {
        user_id: live.user_id.to_string(),
        task_id: task,
        units: 1,
    };
    world.cover().commit_quota(commit).await.unwrap();
    assert_eq!(figures(&world.quota(&test).await), (2, 1, 0));
    assert_eq!(figures(&world.quota(&live).await), (5, 0, 4));
    world.assert_balanced().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_test_key_makes_bears_the_mark_whatever_the_tier() {
    let world = World::with(Engine::Sqlite, Clock::system(), SETTINGS).await;
    let live = world.somebody("ada@example.org").await;
    world.quota(&live).await;
    world.execute("UPDATE profiles SET tier = 'pro_plus'").await;
    for (who, watermark) in [(&live, false), (&in_sandbox(&live), true)] {
        let request = GetEntitlementsRequest {
            user_id: live.user_id.to_string(),
        };
        let answer = cover(&world, who).get_entitlements(request).await.unwrap();
        let entitlements = answer.into_inner();
        assert_eq!(entitlements.watermark, watermark);
        assert!(entitlements.bulk);
    }
}
