use covergen_identity::Principal;
use covergen_ids::AssetId;
use covergen_proto::media::v1::{DeleteAssetsRequest, GetAssetRequest};
use tonic::Code;

use crate::world::{World, assert_refused, eventually, on_both, png};

async fn delete(world: &World, owner: &Principal, ids: &[&str]) -> i32 {
    let request = DeleteAssetsRequest {
        asset_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
    };
    let answer = world.cover(owner).delete_assets(request).await.unwrap();
    answer.into_inner().deleted
}

#[tokio::test]
async fn a_deleted_asset_is_gone_with_its_object_and_variants() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let put = world.put(&owner, &png(700, 300, 1)).await;
        world.image(&put.variants[0].url).await.unwrap();
        world.image(&put.variants[1].url).await.unwrap();
        assert_eq!(world.objects("variants").len(), 2);

        assert_eq!(delete(&world, &owner, &[&put.id]).await, 1);
        let request = GetAssetRequest {
            asset_id: put.id.clone(),
        };
        let got = world.user(&owner).get_asset(request).await;
        assert_refused(got, Code::NotFound, "ASSET_NOT_FOUND");
        for url in [&put.url, &put.variants[0].url] {
            let image = world.image(url).await;
            assert_refused(image, Code::NotFound, "IMAGE_NOT_FOUND");
        }
        world.until_no_objects().await;
        assert_eq!(delete(&world, &owner, &[&put.id]).await, 0);
        eventually("the deletion is told, once", async || {
            let told = |name: &str| (name.to_owned(), put.id.clone());
            world.events().await == [told("MediaUploaded"), told("MediaDeleted")]
        })
        .await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_object_stays_while_another_asset_has_the_same_content() {
    on_both(async |world| {
        let (one, two) = (world.harness.creator(), world.harness.creator());
        let content = png(400, 300, 1);
        let first = world.put(&one, &content).await;
        let second = world.put(&two, &content).await;
        assert_eq!(world.objects("media").len(), 1);

        assert_eq!(delete(&world, &one, &[&first.id]).await, 1);
        // The command has been carried out when its event is there.
        eventually("the first deletion is done", async || {
            let deleted = ("MediaDeleted".to_owned(), first.id.clone());
            world.events().await.contains(&deleted)
        })
        .await;
        assert_eq!(world.image(&second.url).await.unwrap().1, content);

        assert_eq!(delete(&world, &two, &[&second.id]).await, 1);
        world.until_no_objects().await;

        // And the content can come back.
        let third = world.put(&two, &content).await;
        assert_eq!(world.image(&third.url).await.unwrap().1, content);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_others_or_to_nobody_is_not_deleted() {
    on_both(async |world| {
        let (owner, stranger) = (world.harness.creator(), world.harness.creator());
        let put = world.put(&owner, &png(64, 64, 1)).await;
        let nothing = AssetId::new(world.harness.clock()).to_string();
        assert_eq!(delete(&world, &stranger, &[&put.id, &nothing]).await, 0);
        assert_eq!(
            delete(&world, &owner, &[&nothing, &put.id, &put.id]).await,
            1
        );
        world.until_no_objects().await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn storing_and_deleting_the_same_content_over_and_over_never_loses_an_asset() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let content = png(64, 64, 1);
        let rounds = (0..4).map(|_| async {
            for _ in 0..6 {
                let put = world.put(&owner, &content).await;
                let (_, bytes) = world.image(&put.url).await.unwrap();
                assert_eq!(bytes, content);
                assert_eq!(delete(&world, &owner, &[&put.id]).await, 1);
            }
        });
        futures::future::join_all(rounds).await;
        world.until_no_objects().await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_comes_after_its_deletion_is_refused_whether_or_not_it_was_there() {
    on_both(async |world| {
        let (owner, stranger) = (world.harness.creator(), world.harness.creator());
        let content = png(64, 64, 1);
        let absent = AssetId::new(world.harness.clock());
        let other = world.put(&owner, &content).await;
        let present: AssetId = other.id.parse().unwrap();
        // A stranger's deletion says nothing about the owner's ids.
        assert_eq!(delete(&world, &stranger, &[&absent.to_string()]).await, 0);
        let ids = [absent.to_string(), other.id];
        assert_eq!(delete(&world, &owner, &[&ids[0], &ids[1]]).await, 1);
        world.until_no_objects().await;
        for id in [absent, present] {
            let late = world.put_as(&owner, id, "image/png", &content).await;
            assert_refused(late, Code::FailedPrecondition, "ASSET_DELETED");
        }
        assert!(world.objects("media").is_empty());
        let theirs = AssetId::new(world.harness.clock());
        assert_eq!(delete(&world, &stranger, &[&theirs.to_string()]).await, 0);
        let stored = world.put_as(&owner, theirs, "image/png", &content).await;
        assert!(stored.is_ok(), "{stored:?}");
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn storing_that_meets_the_deletion_of_its_id_leaves_nothing() {
    on_both(async |world| {
        let owner = world.harness.creator();
        for at in 0..8 {
            let content = png(64, 64, at);
            let ids: Vec<AssetId> = (0..4)
                .map(|_| AssetId::new(world.harness.clock()))
                .collect();
            let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let puts = ids
                .iter()
                .map(|id| world.put_as(&owner, *id, "image/png", &content));
            let (stored, _) = futures::future::join(
                futures::future::join_all(puts),
                delete(&world, &owner, &texts),
            )
            .await;
            for late in stored.into_iter().filter(Result::is_err) {
                assert_refused(late, Code::FailedPrecondition, "ASSET_DELETED");
            }
        }
        assert_eq!(world.sql("UPDATE assets SET bytes = bytes").await, 0);
        world.harness.stop().await;
    })
    .await;
}
