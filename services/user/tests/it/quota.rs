use covergen_proto::user::v1::SetTierRequest;
use covergen_proto::user::v1::tier::Kind;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{Engine, World, consume, refused};

on_both_engines!(
    a_refusal_says_which_allowance_when_it_refills_and_what_lifts_it,
    a_refusal_names_the_least_tier_that_would_have_granted_it,
    a_batch_is_taken_whole_or_not_at_all,
    a_repeated_key_consumes_once,
    a_higher_tier_lifts_the_limit_of_the_running_period,
    a_lower_tier_keeps_what_was_granted_and_grants_no_more,
);

fn tier(user_id: &str, tier: Kind) -> SetTierRequest {
    SetTierRequest {
        user_id: user_id.to_owned(),
        tier: tier.into(),
        request_id: String::new(),
    }
}

async fn a_refusal_says_which_allowance_when_it_refills_and_what_lifts_it(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(2).await;
    world
        .person(&ada)
        .consume_quota(consume(2, ""))
        .await
        .unwrap();
    for _ in 0..3 {
        let status = world
            .reserve(ada.user_id, world.task(), 1)
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted);
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.reason, "QUOTA_EXHAUSTED");
        assert_eq!(info.metadata["bucket"], "covers");
        assert_eq!(info.metadata["remaining"], "0");
        assert_eq!(info.metadata["upgradeTo"], "pro");
        let resets_at = world.quota(&ada).await.resets_at.unwrap().to_string();
        assert_eq!(info.metadata["resetsAt"], resets_at);
        assert!(resets_at.ends_with("-01T00:00:00Z"), "{resets_at}");
        let failure = status.get_details_quota_failure().unwrap();
        assert_eq!(failure.violations[0].subject, "covers");
    }
    let status = world.person(&ada).consume_quota(consume(1, "")).await;
    refused(status, Code::ResourceExhausted, "QUOTA_EXHAUSTED");
    let told = "SELECT count(*) FROM outbox WHERE name LIKE '%QuotaExhausted'";
    assert_eq!(world.number(told).await, 1, "once a period");
}

async fn a_refusal_names_the_least_tier_that_would_have_granted_it(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    for (units, lifts) in [
        (51, Some("pro")),
        (1_000, Some("pro")),
        (1_001, Some("pro_plus")),
        (10_000, Some("pro_plus")),
    ] {
        let answer = world.person(&ada).consume_quota(consume(units, "")).await;
        let info = answer.unwrap_err().get_details_error_info().unwrap();
        let named = info.metadata.get("upgradeTo").map(String::as_str);
        assert_eq!(named, lifts, "{units}");
    }
    // With one used, no tier has 10 000 left.
    world
        .person(&ada)
        .consume_quota(consume(1, ""))
        .await
        .unwrap();
    let answer = world.person(&ada).consume_quota(consume(10_000, "")).await;
    let info = answer.unwrap_err().get_details_error_info().unwrap();
    assert_eq!(info.metadata.get("upgradeTo"), None);
}

async fn a_batch_is_taken_whole_or_not_at_all(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let mut calling = world.person(&ada);
    let left = calling
        .consume_quota(consume(7, ""))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((left.used, left.remaining), (7, 3));
    let refusal = calling.consume_quota(consume(4, "")).await;
    refused(refusal, Code::ResourceExhausted, "QUOTA_EXHAUSTED");
    assert_eq!(world.taken(&ada).await, (7, 0));
    for units in [0, -1] {
        let status = calling.consume_quota(consume(units, "")).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
    calling.consume_quota(consume(3, "")).await.unwrap();
    world.assert_balanced().await;
}

async fn a_repeated_key_consumes_once(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(10).await;
    let mut calling = world.person(&ada);
    let first = calling
        .consume_quota(consume(3, "key-1"))
        .await
        .unwrap()
        .into_inner();
    let again = calling
        .consume_quota(consume(3, "key-1"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    refused(
        calling.consume_quota(consume(4, "key-1")).await,
        Code::InvalidArgument,
        "IDEMPOTENCY_KEY_REUSED",
    );
    assert_eq!(world.taken(&ada).await, (3, 0));
}

async fn a_higher_tier_lifts_the_limit_of_the_running_period(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(1).await;
    world
        .person(&ada)
        .consume_quota(consume(1, ""))
        .await
        .unwrap();
    let denied = world
        .person(&ada)
        .set_tier(tier(&ada.user_id.to_string(), Kind::Pro))
        .await;
    refused(denied, Code::PermissionDenied, "PERMISSION_DENIED");
    let user = ada.user_id.to_string();
    let changed = world
        .operator()
        .set_tier(tier(&user, Kind::Pro))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(changed.tier(), Kind::Pro);
    let quota = world.quota(&ada).await;
    assert_eq!(
        (quota.limit, quota.used, quota.tier()),
        (1_000, 1, Kind::Pro)
    );
    world
        .person(&ada)
        .consume_quota(consume(999, ""))
        .await
        .unwrap();
    let entitlements = world
        .reserve(ada.user_id, world.task(), 1)
        .await
        .unwrap_err();
    let info = entitlements.get_details_error_info().unwrap();
    assert_eq!(info.metadata["upgradeTo"], "pro_plus");
}

async fn a_lower_tier_keeps_what_was_granted_and_grants_no_more(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody_with(5).await;
    let user = ada.user_id.to_string();
    world
        .operator()
        .set_tier(tier(&user, Kind::Pro))
        .await
        .unwrap();
    let task = world.task();
    world.confirm(ada.user_id, task, 20).await.unwrap();
    world
        .operator()
        .set_tier(tier(&user, Kind::Free))
        .await
        .unwrap();
    let quota = world.quota(&ada).await;
    assert_eq!((quota.limit, quota.reserved, quota.remaining), (5, 20, 0));
    let refusal = world.reserve(ada.user_id, world.task(), 1).await;
    refused(refusal, Code::ResourceExhausted, "QUOTA_EXHAUSTED");
    world.commit(ada.user_id, task, 20).await.unwrap();
    assert_eq!(world.taken(&ada).await, (20, 0));
    world.assert_balanced().await;
}
