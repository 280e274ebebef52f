use covergen_identity::Principal;
use covergen_proto::export::v1::PrepareBatchRequest;
use covergen_proto::export::v1::export::Status as Wire;
use covergen_proto::privacy::v1::UserDataRequest;
use serde_json::Value;
use tonic::Code;

use crate::world::{World, assert_refused, eventually, item, on_both, wanted};

/// What is handed out of a user, as user asks for it.
async fn exported(world: &World, who: &Principal) -> Vec<Value> {
    let channel = world.harness.as_service("user", Some(who), "export");
    let mut client = covergen_proto::export::v1::export_service_client(channel);
    let request = UserDataRequest {
        user_id: who.user_id.to_string(),
    };
    let mut stream = client.export_user_data(request).await.unwrap().into_inner();
    let mut file = Vec::new();
    while let Some(chunk) = stream.message().await.unwrap() {
        assert_eq!(chunk.path, "exports.json");
        file.extend_from_slice(&chunk.data);
    }
    serde_json::from_slice(&file).unwrap()
}

#[tokio::test]
async fn everything_of_a_user_is_handed_out_and_then_erased() {
    on_both(async |world| {
        let (ada, eve) = (world.harness.creator(), world.harness.creator());
        let mut ids = Vec::new();
        for who in [&ada, &eve] {
            let cover = world.cover(who);
            let one = world
                .prepare(who, wanted(cover, 100, 100, "png"))
                .await
                .unwrap();
            let request = PrepareBatchRequest {
                items: vec![item(cover, 100, 100, "png"), item(cover, 90, 90, "jpeg")],
                ..PrepareBatchRequest::default()
            };
            let many = world.prepare_batch(who, request).await.unwrap();
            for id in [one, many] {
                world.until(who, &id, Wire::Succeeded).await;
                ids.push(id);
            }
        }
        let handed = exported(&world, &ada).await;
        let told: Vec<&str> = handed
            .iter()
            .map(|export| export["id"].as_str().unwrap())
            .collect();
        assert_eq!(told, [&*ids[0], &*ids[1]]);
        assert_eq!(handed[0]["format"], "png");
        assert_eq!(handed[1]["files"].as_array().unwrap().len(), 2);

        world.user_deleted(&ada).await;
        eventually("they are gone", async || {
            exported(&world, &ada).await.is_empty()
        })
        .await;
        for id in &ids[..2] {
            let refused = world.status(&ada, id).await;
            assert_refused(refused, Code::NotFound, "EXPORT_NOT_FOUND");
        }
        assert_eq!(exported(&world, &eve).await.len(), 2);
        world.download(&eve, &ids[3]).await.unwrap();
        world.harness.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_export_of_a_user_who_left_meanwhile_leaves_nothing() {
    on_both(async |world| {
        let ada = world.harness.creator();
        let cover = world.cover(&ada);
        let items = (0..8).map(|at| item(cover, 900 + at, 900, "webp"));
        let request = PrepareBatchRequest {
            items: items.collect(),
            ..PrepareBatchRequest::default()
        };
        let id = world.prepare_batch(&ada, request).await.unwrap();
        world.until(&ada, &id, Wire::Running).await;
        world.user_deleted(&ada).await;
        eventually("it is gone", async || {
            world.status(&ada, &id).await.is_err()
        })
        .await;
        // media erases what was there; what is made since is taken back.
        eventually("nothing is stored", async || world.objects().is_empty()).await;
        world.harness.stop().await;
    })
    .await;
}
