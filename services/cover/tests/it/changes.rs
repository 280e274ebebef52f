//! A device that keeps its own copy of the library.

use std::collections::BTreeMap;

use covergen_identity::Principal;
use covergen_proto::cover::v1::{
    DeleteCoverRequest, FavoriteCoverRequest, ListChangesRequest, ListChangesResponse,
    ListCoversRequest, UnfavoriteCoverRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::world::{World, order};

/// A copy: covers by id, and whether each is a favourite.
#[derive(Default)]
struct Device {
    cursor: String,
    covers: BTreeMap<String, bool>,
}

impl Device {
    /// Asks once; whether there is more.
    async fn step(&mut self, world: &World, who: &Principal, size: i32) -> bool {
        let told = changes(world, who, &self.cursor, size).await.unwrap();
        assert!(told.upserted.len() + told.deleted_ids.len() <= usize::try_from(size).unwrap());
        for cover in told.upserted {
            assert_eq!(cover.main_asset_id, cover.images[0].asset_id);
            self.covers.insert(cover.id, cover.favorite);
        }
        for id in told.deleted_ids {
            self.covers.remove(&id);
        }
        self.cursor = told.next_cursor;
        told.has_more
    }

    async fn sync(&mut self, world: &World, who: &Principal) {
        while self.step(world, who, 2).await {}
    }
}

async fn changes(
    world: &World,
    who: &Principal,
    cursor: &str,
    page_size: i32,
) -> Result<ListChangesResponse, Status> {
    let request = ListChangesRequest {
        cursor: cursor.to_owned(),
        page_size,
    };
    Ok(world.covers(who).list_changes(request).await?.into_inner())
}

async fn library(world: &World, who: &Principal) -> BTreeMap<String, bool> {
    let request = ListCoversRequest {
        page_size: 100,
        ..ListCoversRequest::default()
    };
    let listed = world.covers(who).list_covers(request).await.unwrap();
    let covers = listed.into_inner().covers.into_iter();
    covers.map(|cover| (cover.id, cover.favorite)).collect()
}

async fn mark(world: &World, who: &Principal, id: &str, favorite: bool) {
    let (cover_id, mut covers) = (id.to_owned(), world.covers(who));
    if favorite {
        let request = FavoriteCoverRequest { cover_id };
        covers.favorite_cover(request).await.unwrap();
    } else {
        let request = UnfavoriteCoverRequest { cover_id };
        covers.unfavorite_cover(request).await.unwrap();
    }
}

async fn delete(world: &World, who: &Principal, id: &str) {
    let request = DeleteCoverRequest {
        cover_id: id.to_owned(),
    };
    world.covers(who).delete_cover(request).await.unwrap();
}

async fn make(world: &World, who: &Principal, title: &str) -> String {
    world.cover(who, order(title)).await.id
}

async fn a_copy_follows_what_is_made_changed_and_deleted(world: World) {
    let (ada, bob) = (world.register("ada").await, world.register("bob").await);
    let mut device = Device::default();
    device.sync(&world, &ada).await;
    assert!(device.covers.is_empty() && !device.cursor.is_empty());
    let mut made = Vec::new();
    for title in ["a", "b", "c"] {
        made.push(make(&world, &ada, title).await);
    }
    make(&world, &bob, "not hers").await;
    device.sync(&world, &ada).await;
    assert_eq!(device.covers, library(&world, &ada).await);
    assert_eq!(device.covers.len(), 3);

    // Nothing new: nothing told, and the cursor stays good.
    let told = changes(&world, &ada, &device.cursor, 0).await.unwrap();
    assert!(told.upserted.is_empty() && told.deleted_ids.is_empty() && !told.has_more);
    assert_eq!(told.next_cursor, device.cursor);

    mark(&world, &ada, &made[0], true).await;
    // As it is already is no change.
    mark(&world, &ada, &made[0], true).await;
    delete(&world, &ada, &made[1]).await;
    let told = changes(&world, &ada, &device.cursor, 0).await.unwrap();
    assert_eq!(told.upserted.len(), 1);
    assert_eq!(told.upserted[0].id, made[0]);
    assert_eq!(told.deleted_ids, [made[1].clone()]);
    device.sync(&world, &ada).await;
    assert_eq!(device.covers, library(&world, &ada).await);

    // Who begins anew is told of what there is alone.
    let begun = changes(&world, &ada, "", 100).await.unwrap();
    assert_eq!(begun.upserted.len(), 2);
    assert!(begun.deleted_ids.is_empty());

    for cursor in ["x", &device.cursor[1..]] {
        let refused = changes(&world, &ada, cursor, 0).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
    let foreign = changes(&world, &bob, &device.cursor, 0).await;
    assert_eq!(foreign.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_copy_follows_what_is_made_changed_and_deleted_on_sqlite() {
    a_copy_follows_what_is_made_changed_and_deleted(World::on_sqlite().await).await;
}

#[tokio::test]
async fn a_copy_follows_what_is_made_changed_and_deleted_on_postgres() {
    a_copy_follows_what_is_made_changed_and_deleted(World::on_postgres().await).await;
}

async fn writers_at_once_lose_nothing(world: World) {
    const ROUNDS: usize = 12;
    let ada = world.register("ada").await;
    let mut made = Vec::new();
    for title in ["a", "b", "c", "d"] {
        made.push(make(&world, &ada, title).await);
    }
    // Each writer has a cover of its own, and so a lock of its own; the last
    // one deletes its cover in the end.
    let writers = made.iter().enumerate().map(|(at, id)| {
        let (world, ada, last) = (&world, &ada, made.len() - 1);
        async move {
            for round in 0..=ROUNDS {
                mark(world, ada, id, round % 2 == 0).await;
            }
            if at == last {
                delete(world, ada, id).await;
            }
        }
    });
    let writers = futures::future::join_all(writers);
    let mut device = Device::default();
    // Reads as fast as it can while they write.
    let reader = async {
        loop {
            device.step(&world, &ada, 2).await;
        }
    };
    tokio::select! {
        _ = writers => {}
        () = reader => {}
    }
    device.sync(&world, &ada).await;
    let library = library(&world, &ada).await;
    assert_eq!(library.len(), 3);
    assert!(library.values().all(|favorite| *favorite), "{library:?}");
    assert_eq!(device.covers, library);
}

#[tokio::test]
async fn writers_at_once_lose_nothing_on_sqlite() {
    writers_at_once_lose_nothing(World::on_sqlite().await).await;
}

#[tokio::test]
async fn writers_at_once_lose_nothing_on_postgres() {
    writers_at_once_lose_nothing(World::on_postgres().await).await;
}

/// The time until which deletions are forgotten lies ahead: each is as soon as
/// it is noted.
const FORGETFUL: &str = "deletions_kept_ms = -60000";

async fn a_cursor_from_before_what_is_forgotten_says_to_begin_anew(world: World) {
    let ada = world.register("ada").await;
    let mut made = Vec::new();
    for title in ["a", "b", "c"] {
        made.push(make(&world, &ada, title).await);
    }
    let mut device = Device::default();
    device.sync(&world, &ada).await;
    delete(&world, &ada, &made[0]).await;
    let refused = changes(&world, &ada, &device.cursor, 0).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    let details = refused.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "CURSOR_EXPIRED");
    assert!(refused.message().contains("begin anew"));

    let mut anew = Device::default();
    // Its first page ends before what is forgotten; but that was so when it
    // began, and it has none of it.
    assert!(anew.step(&world, &ada, 1).await);
    anew.sync(&world, &ada).await;
    assert_eq!(anew.covers, library(&world, &ada).await);
    mark(&world, &ada, &made[1], true).await;
    anew.sync(&world, &ada).await;
    assert_eq!(anew.covers, library(&world, &ada).await);
}

#[tokio::test]
async fn a_cursor_from_before_what_is_forgotten_says_to_begin_anew_on_sqlite() {
    let world = World::on_sqlite_with(FORGETFUL).await;
    a_cursor_from_before_what_is_forgotten_says_to_begin_anew(world).await;
}

#[tokio::test]
async fn a_cursor_from_before_what_is_forgotten_says_to_begin_anew_on_postgres() {
    let world = World::on_postgres_with(FORGETFUL).await;
    a_cursor_from_before_what_is_forgotten_says_to_begin_anew(world).await;
}

async fn eventually_nothing_to_tell(world: &World, who: &Principal) {
    for _ in 0..600 {
        let told = changes(world, who, "", 0).await.unwrap();
        if told.upserted.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("there is still something to tell");
}

#[tokio::test]
async fn who_leaves_leaves_no_changes_behind() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    make(&world, &ada, "a").await;
    let mut device = Device::default();
    device.sync(&world, &ada).await;
    assert_eq!(device.covers.len(), 1);
    world.user_deleted(&ada).await;
    // Their sessions end as well; what is asked here is what is left.
    let gone = Principal {
        session_id: None,
        ..ada
    };
    eventually_nothing_to_tell(&world, &gone).await;
    let refused = changes(&world, &gone, &device.cursor, 0).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition, "{refused}");
}
