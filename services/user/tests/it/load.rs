//! What callers are told when the database has no connection for them.

use covergen_proto::user::v1::GetHistoryRequest;
use sea_orm::{ConnectionTrait as _, Database, TransactionTrait as _};
use tokio::task::JoinSet;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{Engine, World, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_connection_in_use_callers_are_told_when_to_come_again() {
    let world = World::start(Engine::Postgres).await;
    let ada = world.somebody("ada@example.org").await;
    let request = GetHistoryRequest {
        user_id: "me".to_owned(),
        ..GetHistoryRequest::default()
    };
    let list = world.person(&ada).get_history(request.clone()).await;
    list.unwrap();

    // Whoever reads history now waits on the server, connection in hand.
    let url = &world.harness.hosted().config().database.url;
    let other = Database::connect(url.replace("{service}", "user"))
        .await
        .unwrap();
    let held = other.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE history IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let (mut person, request) = (world.person(&ada), request.clone());
        calls.spawn(async move { person.get_history(request).await });
    }
    let mut told = 0;
    while let Some(answer) = calls.join_next().await {
        // Two wait for the table until their deadline; the others wait for a
        // connection, and not for as long.
        let status = answer.unwrap().unwrap_err();
        if status.code() == Code::ResourceExhausted {
            let info = status.get_details_error_info().unwrap();
            assert_eq!(info.reason, "STORE_OVERLOADED");
            let wait = status.get_details_retry_info().unwrap().retry_delay;
            assert!(wait.is_some_and(|wait| !wait.is_zero()), "{status:?}");
            told += 1;
        }
    }
    assert!(told > 0, "nobody was told to come again");

    held.rollback().await.unwrap();
    eventually("an answer", || async {
        let list = world.person(&ada).get_history(request.clone()).await;
        list.is_ok()
    })
    .await;
}
