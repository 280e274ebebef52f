use covergen_identity::Principal;
use covergen_ids::UserId;
use covergen_proto::media::v1::{Asset, DeleteAssetRequest, GetAssetRequest, MediaDeleted};
use tonic::{Code, Status};

use crate::world::{World, assert_refused, eventually, on_both, png};

async fn delete(world: &World, who: &Principal, id: &str, key: &str) -> Result<Asset, Status> {
    let request = DeleteAssetRequest {
        asset_id: id.to_owned(),
        request_id: key.to_owned(),
    };
    Ok(world.user(who).delete_asset(request).await?.into_inner())
}

#[tokio::test]
async fn a_deleted_upload_is_gone_with_everything_made_of_it() {
    on_both(async |world| {
        let who = world.harness.creator();
        let asset = world.upload_named(&who, "a.png", &png(700, 300, 1)).await;
        world.image(&asset.variants[0].url).await.unwrap();
        assert_eq!(world.keys().await.len(), 2);

        let deleted = delete(&world, &who, &asset.id, "key").await.unwrap();
        assert_eq!(deleted, asset);
        let request = GetAssetRequest {
            asset_id: asset.id.clone(),
        };
        let got = world.user(&who).get_asset(request).await;
        assert_refused(got, Code::NotFound, "ASSET_NOT_FOUND");
        let image = world.image(&asset.url).await;
        assert_refused(image, Code::NotFound, "IMAGE_NOT_FOUND");
        world.until_no_objects().await;

        // The same key tells again what was deleted, another that it is gone.
        assert_eq!(delete(&world, &who, &asset.id, "key").await.unwrap(), asset);
        let again = delete(&world, &who, &asset.id, "").await;
        assert_refused(again, Code::NotFound, "ASSET_NOT_FOUND");

        eventually("caches are told what to forget", async || {
            let told = world.told::<MediaDeleted>().await;
            told.len() == 1
                && told[0].user_id == who.user_id.to_string()
                && told[0].purge_urls.contains(&asset.url)
                && told[0].purge_urls.contains(&asset.variants[0].url)
        })
        .await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn only_ones_own_upload_can_be_deleted() {
    on_both(async |world| {
        let (who, stranger) = (world.harness.creator(), world.harness.creator());
        let colleague = Principal {
            user_id: UserId::new(world.harness.clock()),
            ..who.clone()
        };
        let asset = world.upload_named(&who, "a.png", &png(64, 64, 1)).await;
        let refused = delete(&world, &stranger, &asset.id, "").await;
        assert_refused(refused, Code::NotFound, "ASSET_NOT_FOUND");
        let refused = delete(&world, &colleague, &asset.id, "").await;
        assert_refused(refused, Code::PermissionDenied, "NOT_OWNER");
        let refused = delete(&world, &who, "cov_1", "").await;
        assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        // A cover's picture goes with its cover.
        let made = world.put(&who, &png(64, 64, 2)).await;
        let refused = delete(&world, &who, &made.id, "").await;
        assert_refused(refused, Code::FailedPrecondition, "ASSET_IN_USE");
        assert_eq!(world.keys().await.len(), 2);
        world.harness.stop().await;
    })
    .await;
}
