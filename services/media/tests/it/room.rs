use covergen_identity::Principal;
use covergen_identity::Role;
use covergen_proto::media::v1::{DeleteAssetRequest, ListAssetsRequest, StorageUsage};
use tonic::Code;

use crate::world::{
    World, assert_refused, eventually, named, on_both, on_both_with, person_upload, png,
};

async fn storage(world: &World, who: &Principal) -> StorageUsage {
    let answer = world.list(who, ListAssetsRequest::default()).await.unwrap();
    answer.storage.unwrap()
}

#[tokio::test]
async fn uploads_stop_at_the_workspaces_limit_and_go_on_after_a_deletion() {
    let three = |table: &mut toml::Table| {
        table.insert("workspace_uploads".to_owned(), 3.into());
    };
    on_both_with(three, async |world| {
        let who = world.harness.creator();
        let files: Vec<_> = (0..8).map(|seed| png(32, 32, seed)).collect();
        let all = files
            .iter()
            .map(|file| world.upload(&who, named("a.png"), file));
        let answers = futures::future::join_all(all).await;
        let (kept, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((kept.len(), refused.len()), (3, 5));
        for answer in refused {
            assert_refused(answer, Code::ResourceExhausted, "STORAGE_LIMIT_REACHED");
        }
        assert_eq!(storage(&world, &who).await.used_assets, 3);
        // What services make has limits elsewhere.
        world.put(&who, &png(32, 32, 100)).await;

        let request = DeleteAssetRequest {
            asset_id: kept.into_iter().next().unwrap().unwrap().id,
            request_id: String::new(),
        };
        world.user(&who).delete_asset(request).await.unwrap();
        world.upload_named(&who, "a.png", &files[0]).await;
        assert_eq!(storage(&world, &who).await.used_assets, 3);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn bytes_are_counted_as_they_are_stored() {
    let little = |table: &mut toml::Table| {
        table.insert("workspace_bytes".to_owned(), 4000.into());
    };
    on_both_with(little, async |world| {
        let who = world.harness.creator();
        let mut taken = 0;
        for seed in 0..200 {
            match world.upload(&who, named("a.png"), &png(32, 32, seed)).await {
                Ok(asset) => taken += i64::from(asset.bytes),
                Err(status) => {
                    assert_refused::<()>(
                        Err(status),
                        Code::ResourceExhausted,
                        "STORAGE_LIMIT_REACHED",
                    );
                    break;
                }
            }
        }
        let storage = storage(&world, &who).await;
        assert_eq!(storage.used_bytes, taken);
        assert!(taken > 0 && taken <= 4000);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn more_uploads_than_are_received_at_once_are_told_to_wait() {
    let one = |table: &mut toml::Table| {
        table.insert("concurrent_receptions".to_owned(), 1.into());
    };
    on_both_with(one, async |world| {
        let who = world.harness.creator();
        let file = png(32, 32, 1);
        // Whoever comes first has the one place: it is tried until that is the
        // slow one, which holds it for as long as its bytes do not come.
        let (slow, sender) = loop {
            let (sender, receiver) = tokio::sync::mpsc::channel(8);
            let parts = tokio_stream::wrappers::ReceiverStream::new(receiver);
            let mut client = world.user(&who);
            let slow = tokio::spawn(async move { client.upload_asset(parts).await });
            let header = person_upload(named("slow.png"), &[]).remove(0);
            sender.send(header).await.unwrap();
            eventually("one of them is refused", async || {
                let answer = world.upload(&who, named("a.png"), &file).await;
                answer.is_err() || slow.is_finished()
            })
            .await;
            if !slow.is_finished() {
                break (slow, sender);
            }
        };
        let refused = world.upload(&who, named("a.png"), &file).await;
        assert_refused(refused, Code::ResourceExhausted, "UPLOADS_BUSY");
        for part in person_upload(named("slow.png"), &file).into_iter().skip(1) {
            sender.send(part).await.unwrap();
        }
        drop(sender);
        let asset = slow.await.unwrap().unwrap().into_inner();
        assert_eq!(asset.file_name, "slow.png");
        world.upload_named(&who, "a.png", &file).await;
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn who_only_looks_uploads_nothing() {
    on_both(async |world| {
        let who = world.harness.person(Role::Consumer);
        let refused = world.upload(&who, named("a.png"), &png(8, 8, 1)).await;
        assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
        world.harness.stop().await;
    })
    .await;
}
