//! What is kept of a person: handed out, and erased.

use std::collections::BTreeMap;

use covergen_identity::Principal;
use covergen_proto::privacy::v1::UserDataRequest;
use serde_json::Value;

use crate::bulk::{eventually_over, rows};
use crate::world::{World, order};

async fn exported(world: &World, who: &Principal) -> BTreeMap<String, Value> {
    let channel = world.harness.as_service("user", None, "cover");
    let mut covers = covergen_proto::cover::v1::cover_service_client(channel);
    let request = UserDataRequest {
        user_id: who.user_id.to_string(),
    };
    let stream = covers.export_user_data(request).await.unwrap();
    let mut stream = stream.into_inner();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    while let Some(piece) = stream.message().await.unwrap() {
        files
            .entry(piece.path)
            .or_default()
            .extend_from_slice(&piece.data);
    }
    files
        .into_iter()
        .map(|(path, data)| (path, serde_json::from_slice(&data).unwrap()))
        .collect()
}

async fn eventually_nothing_left(world: &World, who: &Principal) {
    let mut left = usize::MAX;
    for _ in 0..600 {
        let files = exported(world, who).await;
        left = files
            .values()
            .map(|file| file.as_array().unwrap().len())
            .sum();
        if left == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{left} rows are left");
}

async fn everything_of_a_user_is_handed_out_and_then_erased(world: World) {
    let ada = world.register_pro_plus("ada").await;
    let eve = world.register("eve").await;
    world.cover(&ada, order("Hers")).await;
    let others = world.cover(&eve, order("Not hers")).await;
    let made = world.covers(&ada).bulk_generate(rows(2)).await.unwrap();
    eventually_over(&world, &ada, &made.into_inner().bulk_id).await;

    let files = exported(&world, &ada).await;
    let count = |name: &str| files[name].as_array().unwrap().len();
    assert_eq!(count("covers.json"), 3);
    assert_eq!(count("requests.json"), 3);
    assert_eq!(count("bulk_rows.json"), 2);
    assert!(count("history.json") >= 12);
    let text = serde_json::to_string(&files).unwrap();
    assert!(text.contains("Hers") && !text.contains("Not hers"));

    // Twice: an event may be delivered again, and finds nothing to do.
    for _ in 0..2 {
        world.user_deleted(&ada).await;
        eventually_nothing_left(&world, &ada).await;
    }
    let files = exported(&world, &eve).await;
    assert_eq!(files["covers.json"][0]["id"], others.id);
}

#[tokio::test]
async fn everything_of_a_user_is_handed_out_and_then_erased_on_sqlite() {
    everything_of_a_user_is_handed_out_and_then_erased(World::on_sqlite().await).await;
}

#[tokio::test]
async fn everything_of_a_user_is_handed_out_and_then_erased_on_postgres() {
    everything_of_a_user_is_handed_out_and_then_erased(World::on_postgres().await).await;
}

#[tokio::test]
async fn what_is_being_made_for_somebody_who_leaves_is_not_finished() {
    let world = World::on_sqlite().await;
    let ada = world.register("ada").await;
    let mut request = order("Too late");
    request.variants = 8;
    request.sizes[0].preset = "podcast".to_owned();
    let made = world.covers(&ada).generate(request).await.unwrap();
    let task = made.into_inner().task_id;
    world.user_deleted(&ada).await;
    eventually_nothing_left(&world, &ada).await;
    world.eventually_task_over(&ada, &task).await;
    let files = exported(&world, &ada).await;
    assert!(
        files
            .values()
            .all(|file| file.as_array().unwrap().is_empty()),
        "{files:?}"
    );
}
