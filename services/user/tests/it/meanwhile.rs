//! What is written from a row that somebody else is changing. PostgreSQL alone:
//! SQLite has one writer at a time.

use std::future::Future;

use covergen_identity::Principal;
use covergen_proto::user::v1::tier::Kind;
use covergen_proto::user::v1::{
    ExportUserDataRequest, GetUserRequest, Preferences, SetTierRequest, UpdatePreferencesRequest,
    UpdateUserRequest, User,
};
use covergen_proto::wkt::FieldMask;
use covergen_store::Tx;
use sea_orm::ConnectionTrait as _;
use tonic::{Code, Status};

use crate::leaving::{TABLES, rows_of};
use crate::world::{Engine, World, consume, refused};

async fn profile(world: &World, who: &Principal) -> User {
    let request = GetUserRequest {
        user_id: "me".to_owned(),
    };
    let profile = world.person(who).get_user(request).await;
    profile.unwrap().into_inner()
}

/// What a call answers that finds `changing` at work and has to wait for it.
async fn after<T>(
    world: &World,
    changing: Tx,
    call: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    after_it_did(world, changing, &[], call).await
}

/// The same, where `changing` goes on once the call waits.
async fn after_it_did<T>(
    world: &World,
    changing: Tx,
    more: &[String],
    call: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    let config = &world.harness.hosted().config().database;
    let change = async {
        covergen_testkit::postgres_until_blocked(&config.url, "user").await;
        for sql in more {
            changing.execute_unprepared(sql).await.unwrap();
        }
        changing.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(call, change);
    answer
}

#[tokio::test]
async fn a_tier_stays_set_while_its_owner_changes_their_name() {
    let world = World::start(Engine::Postgres).await;
    let ada = world.somebody("ada@example.org").await;
    assert_eq!(profile(&world, &ada).await.tier(), Kind::Free);
    let store = world.store().await;
    let setting = store.begin().await.unwrap();
    let sql = format!(
        "UPDATE profiles SET tier = 'pro' WHERE user_id = '{}'",
        ada.user_id
    );
    setting.execute_unprepared(&sql).await.unwrap();

    let renaming = named("Countess");
    let mut person = world.person(&ada);
    let renamed = after(&world, setting, person.update_user(renaming)).await;
    assert_eq!(renamed.unwrap().into_inner().tier(), Kind::Pro);
    let after = profile(&world, &ada).await;
    assert_eq!(
        (after.tier(), &*after.display_name),
        (Kind::Pro, "Countess")
    );
    store.close().await;
}

#[tokio::test]
async fn a_name_stays_changed_while_an_operator_sets_the_tier() {
    let world = World::start(Engine::Postgres).await;
    let ada = world.somebody("ada@example.org").await;
    profile(&world, &ada).await;
    let store = world.store().await;
    let renaming = store.begin().await.unwrap();
    let sql = format!(
        "UPDATE profiles SET display_name = 'Countess' WHERE user_id = '{}'",
        ada.user_id
    );
    renaming.execute_unprepared(&sql).await.unwrap();
    let mut operator = world.operator();
    let set = after(&world, renaming, operator.set_tier(pro(&ada))).await;
    set.unwrap();
    let after = profile(&world, &ada).await;
    assert_eq!(
        (after.tier(), &*after.display_name),
        (Kind::Pro, "Countess")
    );
    store.close().await;
}

fn named(name: &str) -> UpdateUserRequest {
    UpdateUserRequest {
        user_id: "me".to_owned(),
        user: Some(User {
            display_name: name.to_owned(),
            ..User::default()
        }),
        update_mask: Some(FieldMask {
            paths: vec!["display_name".to_owned()],
        }),
        ..UpdateUserRequest::default()
    }
}

fn pro(who: &Principal) -> SetTierRequest {
    SetTierRequest {
        user_id: who.user_id.to_string(),
        tier: Kind::Pro.into(),
        ..SetTierRequest::default()
    }
}

/// Somebody leaves while `call` is on its way: it writes nothing of them.
async fn writes_nothing_of_who_leaves<T: std::fmt::Debug>(
    world: &World,
    email: &str,
    call: impl AsyncFn(&Principal) -> Result<T, Status>,
) {
    let ada = world.somebody(email).await;
    profile(world, &ada).await;
    let store = world.store().await;
    let leaving = store.begin().await.unwrap();
    let user = ada.user_id;
    assert!(leaving.depart(user).await.unwrap());
    // Once the call waits: it may not hold anything by then.
    let erase = TABLES.map(|table| format!("DELETE FROM {table} WHERE user_id = '{user}'"));
    let answer = after_it_did(world, leaving, &erase, call(&ada)).await;
    refused(answer, Code::NotFound, "USER_NOT_FOUND");
    let left = rows_of(world, &ada).await;
    assert!(left.iter().all(|(_, rows)| *rows == 0), "{left:?}");
    store.close().await;
}

#[tokio::test]
async fn nothing_is_written_of_somebody_who_leaves_meanwhile() {
    let world = World::start(Engine::Postgres).await;
    writes_nothing_of_who_leaves(&world, "reserves@example.org", async |who| {
        world.reserve(who.user_id, world.task(), 1).await
    })
    .await;
    writes_nothing_of_who_leaves(&world, "consumes@example.org", async |who| {
        world.person(who).consume_quota(consume(1, "key")).await
    })
    .await;
    writes_nothing_of_who_leaves(&world, "prefers@example.org", async |who| {
        let request = UpdatePreferencesRequest {
            user_id: "me".to_owned(),
            preferences: Some(Preferences::default()),
            ..UpdatePreferencesRequest::default()
        };
        world.person(who).update_preferences(request).await
    })
    .await;
    writes_nothing_of_who_leaves(&world, "copies@example.org", async |who| {
        let request = ExportUserDataRequest {
            user_id: "me".to_owned(),
            request_id: "copy".to_owned(),
        };
        world.person(who).export_user_data(request).await
    })
    .await;
    writes_nothing_of_who_leaves(&world, "renames@example.org", async |who| {
        world.person(who).update_user(named("Countess")).await
    })
    .await;
    writes_nothing_of_who_leaves(&world, "pays@example.org", async |who| {
        world.operator().set_tier(pro(who)).await
    })
    .await;
}
