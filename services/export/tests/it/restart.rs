use covergen_proto::export::v1::PrepareRequest;
use covergen_proto::export::v1::export::Status as Wire;

use crate::world::{on_both, on_both_with, wanted};

const ALL: &[&str] = &["export", "media", "task"];

#[tokio::test]
async fn an_export_asked_for_while_the_queue_is_away_is_made_when_it_is_back() {
    on_both_with(&["export", "media"], async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let request = wanted(cover, 320, 180, "jpeg");
        let id = world.prepare(&owner, request).await.unwrap();
        let world = world.restart(ALL).await;
        world.until(&owner, &id, Wire::Succeeded).await;
        world.until_told(&id, "SUCCEEDED").await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_export_goes_on_after_a_restart_in_the_middle() {
    on_both(async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let request = PrepareRequest {
            quality: 70,
            max_bytes: 2_000_000,
            ..wanted(cover, 2000, 2000, "webp")
        };
        let id = world.prepare(&owner, request).await.unwrap();
        world.until(&owner, &id, Wire::Running).await;
        let world = world.restart(ALL).await;
        let export = world.until(&owner, &id, Wire::Succeeded).await;
        let (_, bytes) = world.download(&owner, &id).await.unwrap();
        assert_eq!(export.bytes, i32::try_from(bytes.len()).unwrap());
        assert_eq!(world.objects().len(), 1);
        world.until_told(&id, "SUCCEEDED").await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_export_waits_for_media_to_come_back() {
    on_both_with(&["export", "task"], async |world| {
        let owner = world.harness.creator();
        let cover = world.cover(&owner);
        let request = wanted(cover, 320, 180, "png");
        let id = world.prepare(&owner, request).await.unwrap();
        world.until(&owner, &id, Wire::Running).await;
        let world = world.restart(ALL).await;
        world.until(&owner, &id, Wire::Succeeded).await;
        assert_eq!(world.objects().len(), 1);
        world.harness.stop().await;
    })
    .await;
}
