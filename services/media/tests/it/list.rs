use covergen_proto::media::v1::ListAssetsRequest;
use covergen_proto::media::v1::asset::Kind;
use tonic::Code;

use crate::world::{on_both, png};

fn page(page_size: i32, page_token: &str) -> ListAssetsRequest {
    ListAssetsRequest {
        page_size,
        page_token: page_token.to_owned(),
        kind: Kind::Unspecified.into(),
    }
}

#[tokio::test]
async fn ones_own_uploads_are_listed_newest_first_page_by_page() {
    on_both(async |world| {
        let (who, other) = (world.harness.creator(), world.harness.creator());
        let mut ids = Vec::new();
        for seed in 0..5 {
            let name = format!("{seed}.png");
            let asset = world.upload_named(&who, &name, &png(8, 8, seed)).await;
            ids.insert(0, asset.id);
        }
        world.upload_named(&other, "x.png", &png(8, 8, 9)).await;
        let made = world.put(&who, &png(8, 8, 10)).await;

        let mut found = Vec::new();
        let mut token = String::new();
        loop {
            let answer = world.list(&who, page(2, &token)).await.unwrap();
            assert!(answer.assets.len() <= 2);
            found.extend(answer.assets);
            token = answer.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        let found_ids: Vec<_> = found.iter().map(|asset| asset.id.clone()).collect();
        assert_eq!(found_ids, ids);
        assert_eq!(found[0].file_name, "4.png");

        let generated = ListAssetsRequest {
            kind: Kind::Generated.into(),
            ..page(0, "")
        };
        let answer = world.list(&who, generated.clone()).await.unwrap();
        assert_eq!(answer.assets.len(), 1);
        assert_eq!(answer.assets[0].id, made.id);

        // A page of one list is none of the other.
        let first = world.list(&who, page(2, "")).await.unwrap();
        let mixed = ListAssetsRequest {
            page_token: first.next_page_token,
            ..generated
        };
        let refused = world.list(&who, mixed).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let refused = world.list(&who, page(101, "")).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_list_tells_how_much_room_there_is() {
    on_both(async |world| {
        let who = world.harness.creator();
        let empty = world.list(&who, page(0, "")).await.unwrap();
        assert_eq!(empty.storage.unwrap().used_bytes, 0);
        let one = world.upload_named(&who, "a.png", &png(64, 64, 1)).await;
        world.put(&who, &png(64, 64, 2)).await;
        let storage = world
            .list(&who, page(0, ""))
            .await
            .unwrap()
            .storage
            .unwrap();
        assert_eq!(storage.used_bytes, i64::from(one.bytes));
        assert_eq!((storage.used_assets, storage.limit_assets), (1, 5000));
        assert_eq!(storage.limit_bytes, 2 * 1024 * 1024 * 1024);
        world.harness.stop().await;
    })
    .await;
}
