//! Rows that fail, bulks that are stopped and tried again.

use covergen_proto::cover::v1::bulk::Status;
use covergen_proto::cover::v1::bulk_row_result::State;
use covergen_proto::cover::v1::{CancelBulkRequest, ListBulkRowsRequest, RetryBulkRequest};
use covergen_proto::user::v1::tier::Kind;
use covergen_proto::user::v1::{ConsumeQuotaRequest, SetTierRequest};

use crate::bulk::{all_rows, eventually_over, rows};
use crate::world::World;

async fn set_tier(world: &World, user: &str, tier: Kind) {
    let channel = world.harness.as_service("admin", None, "user");
    let mut users = covergen_proto::user::v1::user_service_client(channel);
    let request = SetTierRequest {
        user_id: user.to_owned(),
        tier: tier.into(),
        request_id: String::new(),
    };
    users.set_tier(request).await.unwrap();
}

async fn a_row_fails_alone_and_can_be_tried_again(world: World) {
    let ada = world.register_pro_plus("ada").await;
    let mut request = rows(6);
    // No font has this glyph: that is found when the row's turn comes.
    request.rows[2].title = "\u{10ffff} x".to_owned();
    let made = world.covers(&ada).bulk_generate(request).await.unwrap();
    let id = made.into_inner().bulk_id;
    let over = eventually_over(&world, &ada, &id).await;
    assert_eq!(over.status(), Status::Partial, "{over:?}");
    assert_eq!((over.succeeded_rows, over.failed_rows), (5, 1));
    let failed = ListBulkRowsRequest {
        bulk_id: id.clone(),
        state: State::Failed.into(),
        ..ListBulkRowsRequest::default()
    };
    let failed = world.covers(&ada).list_bulk_rows(failed).await.unwrap();
    let failed = failed.into_inner().rows;
    assert_eq!((failed.len(), failed[0].row_number), (1, 3));
    let error = failed[0].error.as_ref().unwrap();
    assert_eq!(error.reason, "COVER_NOT_DRAWABLE", "{error:?}");
    assert!(!error.message.is_empty());
    assert_eq!(world.quota(&ada).await, (5, 0));

    let retry = RetryBulkRequest {
        bulk_id: id.clone(),
        request_id: String::new(),
    };
    world.covers(&ada).retry_bulk(retry).await.unwrap();
    let over = eventually_over(&world, &ada, &id).await;
    assert_eq!((over.succeeded_rows, over.failed_rows), (5, 1));
    assert_eq!(all_rows(&world, &ada, &id).await[2].attempt, 2);
    assert_eq!(world.quota(&ada).await, (5, 0), "nothing was made twice");
}

#[tokio::test]
async fn a_row_fails_alone_and_can_be_tried_again_on_sqlite() {
    a_row_fails_alone_and_can_be_tried_again(World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_row_fails_alone_and_can_be_tried_again_on_postgres() {
    a_row_fails_alone_and_can_be_tried_again(World::on_postgres().await).await;
}

#[tokio::test]
async fn without_quota_the_rest_fails_at_once_and_a_retry_makes_it_later() {
    let world = World::on_sqlite().await;
    let ada = world.register_pro_plus("ada").await;
    let channel = world.harness.as_user(&ada, "user");
    let mut users = covergen_proto::user::v1::user_service_client(channel);
    let most = ConsumeQuotaRequest {
        user_id: "me".to_owned(),
        units: 9_997,
        request_id: "most".to_owned(),
    };
    users.consume_quota(most).await.unwrap();
    let made = world.covers(&ada).bulk_generate(rows(30)).await.unwrap();
    let id = made.into_inner().bulk_id;
    let over = eventually_over(&world, &ada, &id).await;
    assert_eq!((over.succeeded_rows, over.failed_rows), (3, 27), "{over:?}");
    let found = all_rows(&world, &ada, &id).await;
    let failed: Vec<_> = found.iter().filter_map(|row| row.error.as_ref()).collect();
    assert!(failed.iter().all(|error| error.reason == "QUOTA_EXHAUSTED"));
    assert_eq!(world.quota(&ada).await, (10_000, 0));
}

#[tokio::test]
async fn a_cancelled_bulk_ends_and_gives_back_what_it_had_set_aside() {
    let world = World::on_sqlite().await;
    let ada = world.register_pro_plus("ada").await;
    let mut request = rows(200);
    // Slow enough that most of it waits when the cancel comes.
    request.sizes[0].preset = "podcast".to_owned();
    let made = world.covers(&ada).bulk_generate(request).await.unwrap();
    let id = made.into_inner().bulk_id;
    let cancel = CancelBulkRequest {
        bulk_id: id.clone(),
        request_id: String::new(),
    };
    for _ in 0..2 {
        world
            .covers(&ada)
            .cancel_bulk(cancel.clone())
            .await
            .unwrap();
    }
    let over = eventually_over(&world, &ada, &id).await;
    assert_eq!(over.status(), Status::Cancelled, "{over:?}");
    assert!(over.cancelled_rows > 150, "{over:?}");
    assert_eq!(over.succeeded_rows + over.cancelled_rows, 200);
    assert_eq!(world.quota(&ada).await, (over.succeeded_rows, 0));
}

#[tokio::test]
async fn who_lost_the_tier_keeps_what_runs_and_starts_nothing_new() {
    let world = World::on_sqlite().await;
    let ada = world.register_pro_plus("ada").await;
    let made = world.covers(&ada).bulk_generate(rows(3)).await.unwrap();
    let id = made.into_inner().bulk_id;
    set_tier(&world, &ada.user_id.to_string(), Kind::Free).await;
    let over = eventually_over(&world, &ada, &id).await;
    assert_eq!(over.succeeded_rows, 3, "{over:?}");
    assert!(world.covers(&ada).bulk_generate(rows(1)).await.is_err());
}
