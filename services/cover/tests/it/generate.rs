use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::cover::v1::{GetCoverRequest, ListCoversRequest};
use covergen_proto::user::v1::GetQuotaRequest;

use crate::world::{World, order};

async fn a_request_becomes_covers_and_is_charged_once(world: World) {
    let ada = world.register("ada").await;
    let mut request = order("Two of a kind");
    request.variants = 2;
    request.formats = vec!["png".to_owned(), "webp".to_owned()];
    request.request_id = "once".to_owned();
    let mut covers = world.covers(&ada);
    let first = covers.generate(request.clone()).await.unwrap().into_inner();
    let again = covers.generate(request).await.unwrap().into_inner();
    assert_eq!(first.task_id, again.task_id);

    let ended = world.eventually_ended(&ada, &first.task_id).await;
    assert_eq!(ended.status(), Status::Succeeded, "{ended:?}");
    assert_eq!(ended.covers.len(), 2);
    assert_ne!(ended.covers[0].seed, ended.covers[1].seed);
    assert!(
        ended
            .covers
            .iter()
            .all(|cover| cover.images.len() == 2 && cover.watermarked)
    );

    let listed = covers
        .list_covers(ListCoversRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.covers.len(), 2);
    let one = GetCoverRequest {
        cover_id: ended.covers[1].id.clone(),
    };
    let found = covers.get_cover(one).await.unwrap().into_inner();
    assert_eq!(found, ended.covers[1]);

    let channel = world.harness.as_user(&ada, "user");
    let mut users = covergen_proto::user::v1::user_service_client(channel);
    let quota = users
        .get_quota(GetQuotaRequest {
            user_id: "me".to_owned(),
        })
        .await
        .unwrap();
    let quota = quota.into_inner();
    assert_eq!((quota.used, quota.reserved), (2, 0));
}

#[tokio::test]
async fn a_request_becomes_covers_on_sqlite() {
    a_request_becomes_covers_and_is_charged_once(World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_request_becomes_covers_on_postgres() {
    a_request_becomes_covers_and_is_charged_once(World::on_postgres().await).await;
}

#[tokio::test]
async fn the_same_seed_gives_the_same_picture() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let mut hashes = Vec::new();
    for key in ["one", "two"] {
        let mut request = order("Alike");
        request.seed = Some(42);
        request.template_id = "swiss".to_owned();
        request.request_id = key.to_owned();
        let task = world
            .covers(&ada)
            .generate(request)
            .await
            .unwrap()
            .into_inner()
            .task_id;
        let ended = world.eventually_ended(&ada, &task).await;
        let asset = ended.covers[0].images[0].asset_id.clone();
        let channel = world.harness.as_user(&ada, "media");
        let mut media = covergen_proto::media::v1::media_service_client(channel);
        let request = covergen_proto::media::v1::GetAssetRequest { asset_id: asset };
        hashes.push(media.get_asset(request).await.unwrap().into_inner().sha256);
    }
    assert_eq!(hashes[0], hashes[1]);
}
