use covergen_identity::Principal;
use covergen_proto::cover::v1::generation_event::Kind;
use covergen_proto::cover::v1::{
    DeleteCoverRequest, FavoriteCoverRequest, GenerationEvent, ListHistoryRequest,
};
use tonic::Code;

use crate::world::{World, order};

async fn history(
    world: &World,
    who: &Principal,
    request: ListHistoryRequest,
) -> Vec<GenerationEvent> {
    let listed = world.covers(who).list_history(request).await.unwrap();
    listed.into_inner().events
}

async fn by_pages_of(world: &World, who: &Principal, page_size: i32) -> Vec<GenerationEvent> {
    let mut paged = Vec::new();
    let mut page = ListHistoryRequest {
        page_size,
        ..ListHistoryRequest::default()
    };
    loop {
        let listed = world.covers(who).list_history(page.clone()).await;
        let listed = listed.unwrap().into_inner();
        paged.extend(listed.events);
        if listed.next_page_token.is_empty() {
            return paged;
        }
        page.page_token = listed.next_page_token;
    }
}

fn kinds(events: &[GenerationEvent]) -> Vec<Kind> {
    events.iter().map(GenerationEvent::kind).collect()
}

async fn a_generation_is_told_from_its_request_to_its_deletion(world: World) {
    let ada = world.register("ada").await;
    let eve = world.register("eve").await;
    let mut request = order("Told");
    request.seed = Some(77);
    request.variants = 2;
    let cover = world.cover(&ada, request).await;
    let favorite = FavoriteCoverRequest {
        cover_id: cover.id.clone(),
    };
    let delete = DeleteCoverRequest {
        cover_id: cover.id.clone(),
    };
    let mut covers = world.covers(&ada);
    covers.favorite_cover(favorite).await.unwrap();
    covers.delete_cover(delete).await.unwrap();

    let of_cover = ListHistoryRequest {
        cover_id: cover.id.clone(),
        ..ListHistoryRequest::default()
    };
    let mut told = history(&world, &ada, of_cover.clone()).await;
    told.reverse();
    assert_eq!(
        kinds(&told),
        [
            Kind::Requested,
            Kind::Painted,
            Kind::Charged,
            Kind::Finished,
            Kind::Favorited,
            Kind::Deleted
        ]
    );
    assert!(told.iter().map(|event| event.sequence).eq(1..=6));
    assert_eq!((told[0].seed, told[0].units), (77, 2));
    assert_eq!((told[1].provider.as_str(), told[1].pictures), ("local", 2));
    assert_eq!(told[2].units, 2);
    assert_eq!(told[5].cover_id, cover.id);

    // By task and over all tasks it is the same, page by page.
    let of_task = ListHistoryRequest {
        task_id: cover.task_id.clone(),
        ..ListHistoryRequest::default()
    };
    assert_eq!(history(&world, &ada, of_task).await.len(), 6);
    let mut paged = by_pages_of(&world, &ada, 4).await;
    paged.reverse();
    assert_eq!(paged, told);

    // Nobody else's.
    assert!(
        history(&world, &eve, ListHistoryRequest::default())
            .await
            .is_empty()
    );
    let refused = world.covers(&eve).list_history(of_cover).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}

#[tokio::test]
async fn a_generation_is_told_from_its_request_to_its_deletion_on_sqlite() {
    a_generation_is_told_from_its_request_to_its_deletion(World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_generation_is_told_from_its_request_to_its_deletion_on_postgres() {
    a_generation_is_told_from_its_request_to_its_deletion(World::on_postgres().await).await;
}
