use covergen_identity::Principal;
use covergen_ids::{AssetId, WorkspaceId};
use covergen_proto::media::v1::{ListAssetsRequest, MediaDeleted, UploadAssetHeader};
use tonic::Code;

use crate::upload::phone_photo;
use crate::world::{World, assert_refused, eventually, named, on_both, on_both_object_stores, png};

/// Stores something of every kind for one person, and something of another's.
async fn leaves_nothing(world: World) {
    let (who, other) = (world.harness.creator(), world.harness.creator());
    let header = UploadAssetHeader {
        keep_metadata: true,
        keep_location: true,
        request_id: "key".to_owned(),
        ..named("my house.jpg")
    };
    world
        .upload(&who, header, &phone_photo(800, 600))
        .await
        .unwrap();
    let made = world.put(&who, &png(700, 300, 1)).await;
    world.image(&made.variants[0].url).await.unwrap();
    // The same content of two people: it must outlive the one.
    let shared = png(500, 300, 7);
    world.upload_named(&who, "shared.png", &shared).await;
    let kept = world.upload_named(&other, "shared.png", &shared).await;
    world.image(&kept.variants[0].url).await.unwrap();
    for seed in 100..160 {
        world.put(&who, &png(8, 8, seed)).await;
    }
    assert_eq!(world.keys().await.len(), 65);

    world.leave(&who).await;
    eventually("only the other's objects are left", async || {
        world.keys().await.len() == 2
    })
    .await;
    eventually("every deletion is told", async || {
        world.told::<MediaDeleted>().await.len() == 63
    })
    .await;
    world.image(&kept.url).await.unwrap();
    let left = world
        .list(&who, ListAssetsRequest::default())
        .await
        .unwrap();
    assert_eq!(
        (left.assets.len(), left.storage.unwrap().used_bytes),
        (0, 0)
    );

    // What was still under way for them is not stored any more, nor in the
    // sandbox of their test keys, which is another workspace.
    let sandbox = Principal {
        workspace_id: WorkspaceId::new(world.harness.clock()),
        ..who.clone()
    };
    let late = world.upload(&who, named("late.png"), &png(8, 8, 1)).await;
    assert_refused(late, Code::FailedPrecondition, "WORKSPACE_CLOSED");
    let late = world
        .upload(&sandbox, named("late.png"), &png(8, 8, 1))
        .await;
    assert_refused(late, Code::NotFound, "USER_NOT_FOUND");
    for place in [&who, &sandbox] {
        let id = AssetId::new(world.harness.clock());
        let late = world.put_as(place, id, "image/png", &png(8, 8, 2)).await;
        assert_refused(late, Code::NotFound, "USER_NOT_FOUND");
    }

    // Once more changes nothing.
    world.leave(&who).await;
    world.upload_named(&other, "b.png", &png(8, 8, 3)).await;
    assert_eq!(world.told::<MediaDeleted>().await.len(), 63);
    world.harness.stop().await;
}

#[tokio::test]
async fn who_leaves_leaves_nothing_in_either_database() {
    on_both(async |world| {
        let who = world.harness.creator();
        let header = UploadAssetHeader {
            request_id: "key".to_owned(),
            ..named("my house.jpg")
        };
        world.upload(&who, header, &png(8, 8, 1)).await.unwrap();
        let named_rows = "UPDATE assets SET file_name = file_name WHERE file_name = 'my house.jpg'";
        let claims = format!(
            "UPDATE idempotency_claims SET principal = principal WHERE principal = '{}'",
            who.user_id
        );
        assert_eq!(
            (world.sql(named_rows).await, world.sql(&claims).await),
            (1, 1)
        );
        world.leave(&who).await;
        eventually("no row is left", async || {
            world.sql(named_rows).await == 0 && world.sql(&claims).await == 0
        })
        .await;
        world.until_no_objects().await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn who_leaves_leaves_nothing_in_either_object_store() {
    on_both_object_stores(leaves_nothing).await;
}
