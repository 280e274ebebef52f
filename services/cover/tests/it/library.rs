//! Favourites, deletion, filters, and a cover made again.

use covergen_identity::Principal;
use covergen_proto::cover::v1::cover_task::Status;
use covergen_proto::cover::v1::{
    Cover, DeleteCoverRequest, FavoriteCoverRequest, GetCoverRequest, ListCoversRequest,
    RegenerateCoverRequest, UnfavoriteCoverRequest,
};
use tonic::Code;

use crate::world::{World, order};

async fn titles(world: &World, who: &Principal, request: ListCoversRequest) -> Vec<String> {
    let listed = world.covers(who).list_covers(request).await.unwrap();
    let covers = listed.into_inner().covers;
    covers.into_iter().map(|cover| cover.title).collect()
}

async fn made(world: &World, who: &Principal, title: &str, template: &str) -> Cover {
    let mut request = order(title);
    request.template_id = template.to_owned();
    world.cover(who, request).await
}

async fn favourites_and_filters_find_what_they_name(world: World) {
    let ada = world.register("ada").await;
    let first = made(&world, &ada, "Alpha 100% sure", "aurora").await;
    let second = made(&world, &ada, "beta", "swiss").await;
    made(&world, &ada, "Gamma ÄÖ", "aurora").await;

    let favorite = FavoriteCoverRequest {
        cover_id: second.id.clone(),
    };
    let mut covers = world.covers(&ada);
    let marked = covers.favorite_cover(favorite.clone()).await.unwrap();
    assert!(marked.into_inner().favorite);
    // Once more changes nothing.
    covers.favorite_cover(favorite).await.unwrap();

    let none = ListCoversRequest::default;
    let by = |request: ListCoversRequest| titles(&world, &ada, request);
    let all = by(none()).await;
    assert_eq!(all, ["Gamma ÄÖ", "beta", "Alpha 100% sure"]);
    let favorites = ListCoversRequest {
        favorite: Some(true),
        ..none()
    };
    assert_eq!(by(favorites.clone()).await, ["beta"]);
    let others = ListCoversRequest {
        favorite: Some(false),
        ..none()
    };
    assert_eq!(by(others).await.len(), 2);
    let template = ListCoversRequest {
        template_id: "aurora".to_owned(),
        ..none()
    };
    assert_eq!(by(template).await, ["Gamma ÄÖ", "Alpha 100% sure"]);
    let task = ListCoversRequest {
        task_id: first.task_id.clone(),
        ..none()
    };
    assert_eq!(by(task).await, ["Alpha 100% sure"]);
    for (query, expected) in [("100% S", 1), ("äö", 1), ("a", 3), ("100_", 0), ("%", 1)] {
        let request = ListCoversRequest {
            query: query.to_owned(),
            ..none()
        };
        assert_eq!(by(request).await.len(), expected, "{query}");
    }
    let by_title = ListCoversRequest {
        order_by: "title".to_owned(),
        ..none()
    };
    assert_eq!(by(by_title).await, ["Alpha 100% sure", "beta", "Gamma ÄÖ"]);

    let unfavorite = UnfavoriteCoverRequest {
        cover_id: second.id,
    };
    covers.unfavorite_cover(unfavorite).await.unwrap();
    assert!(by(favorites).await.is_empty());
}

#[tokio::test]
async fn favourites_and_filters_find_what_they_name_on_sqlite() {
    favourites_and_filters_find_what_they_name(World::on_sqlite().await).await;
}

#[tokio::test]
async fn favourites_and_filters_find_what_they_name_on_postgres() {
    favourites_and_filters_find_what_they_name(World::on_postgres().await).await;
}

#[tokio::test]
async fn pages_follow_each_other_in_every_order_and_a_token_is_good_for_its_own_list() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    for title in ["c", "a", "b"] {
        made(&world, &ada, title, "swiss").await;
    }
    let mut token = String::new();
    for (order_by, expected) in [
        ("", ["b", "a", "c"]),
        ("createTime", ["c", "a", "b"]),
        ("title", ["a", "b", "c"]),
        ("title desc", ["c", "b", "a"]),
    ] {
        let mut request = ListCoversRequest {
            page_size: 1,
            order_by: order_by.to_owned(),
            ..ListCoversRequest::default()
        };
        let mut found = Vec::new();
        loop {
            let page = world.covers(&ada).list_covers(request.clone()).await;
            let page = page.unwrap().into_inner();
            found.extend(page.covers.into_iter().map(|cover| cover.title));
            if page.next_page_token.is_empty() {
                break;
            }
            token.clone_from(&page.next_page_token);
            request.page_token = page.next_page_token;
        }
        assert_eq!(found, expected, "{order_by}");
    }
    let other = ListCoversRequest {
        page_token: token,
        favorite: Some(true),
        ..ListCoversRequest::default()
    };
    let refused = world.covers(&ada).list_covers(other).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

async fn a_deleted_cover_is_gone_with_its_files(world: World) {
    let ada = world.register("ada").await;
    let eve = world.register("eve").await;
    let cover = made(&world, &ada, "Short-lived", "swiss").await;
    let delete = DeleteCoverRequest {
        cover_id: cover.id.clone(),
    };
    let foreign = world.covers(&eve).delete_cover(delete.clone()).await;
    assert_eq!(foreign.unwrap_err().code(), Code::NotFound);
    for _ in 0..2 {
        let gone = world.covers(&ada).delete_cover(delete.clone()).await;
        assert_eq!(gone.unwrap().into_inner().cover_id, cover.id);
    }
    assert!(
        titles(&world, &ada, ListCoversRequest::default())
            .await
            .is_empty()
    );
    let get = GetCoverRequest {
        cover_id: cover.id.clone(),
    };
    let refused = world.covers(&ada).get_cover(get).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    // The task still tells that it went well; its cover is not there any more.
    let task = world.eventually_ended(&ada, &cover.task_id).await;
    assert_eq!(task.status(), Status::Succeeded);
    assert!(task.covers.is_empty());
    world
        .eventually_no_asset(&ada, &cover.images[0].asset_id)
        .await;
}

#[tokio::test]
async fn a_deleted_cover_is_gone_with_its_files_on_sqlite() {
    a_deleted_cover_is_gone_with_its_files(World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_deleted_cover_is_gone_with_its_files_on_postgres() {
    a_deleted_cover_is_gone_with_its_files(World::on_postgres().await).await;
}

#[tokio::test]
async fn a_cover_made_again_differs_by_its_seed_alone_and_costs_one_unit() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let mut request = order("Once more");
    request.template_id = "aurora".to_owned();
    request.variants = 2;
    request.kicker = "Part one".to_owned();
    request.colors = vec!["#102030".to_owned(), "#F0C040".to_owned()];
    let cover = world.cover(&ada, request).await;
    assert_eq!(world.quota(&ada).await, (2, 0));

    let again = RegenerateCoverRequest {
        cover_id: cover.id.clone(),
        seed: None,
        request_id: "again".to_owned(),
    };
    let mut covers = world.covers(&ada);
    let first = covers.regenerate_cover(again.clone()).await.unwrap();
    let second = covers.regenerate_cover(again).await.unwrap();
    let task = first.into_inner().task_id;
    assert_eq!(task, second.into_inner().task_id, "a repeat is the same");
    let ended = world.eventually_ended(&ada, &task).await;
    assert_eq!(ended.status(), Status::Succeeded, "{ended:?}");
    assert_eq!(ended.source_cover_id, cover.id);
    assert_eq!(ended.covers.len(), 1);
    let new = &ended.covers[0];
    assert_ne!(new.seed, cover.seed);
    assert_ne!(new.id, cover.id);
    assert_eq!(new.source_cover_id, cover.id);
    assert_eq!(
        (&new.title, &new.kicker, &new.colors, &new.template_id),
        (
            &cover.title,
            &cover.kicker,
            &cover.colors,
            &cover.template_id
        )
    );
    assert_eq!(new.images.len(), cover.images.len());
    assert_eq!(world.quota(&ada).await, (3, 0));
}
