use std::collections::BTreeSet;

use covergen_proto::auth::v1::{AuthTokens, ListSessionsRequest, LogoutRequest};
use tonic::{Code, Status};

use crate::world::{Engine, World, reason_of, refused};

on_both_engines!(
    tokens_are_renewed_until_logout,
    many_who_refresh_one_token_get_the_one_successor,
    a_token_used_again_after_the_grace_ends_the_session_at_once,
    a_session_that_is_not_refreshed_ends,
    a_session_ends_after_its_lifetime_however_often_it_is_refreshed,
    a_token_nobody_gave_out_is_no_session,
);

async fn tokens_are_renewed_until_logout(engine: Engine) {
    let world = World::start(engine).await;
    let mut tokens = world.register("ada@example.org").await;
    let first = tokens.clone();
    for _ in 0..3 {
        let next = world.refresh(&tokens.refresh_token).await.unwrap();
        assert_ne!(next.refresh_token, tokens.refresh_token);
        assert_eq!(next.session_id, tokens.session_id);
        assert_eq!(world.principal(&next), world.principal(&tokens));
        tokens = next;
    }
    let logout = LogoutRequest {
        refresh_token: tokens.refresh_token.clone(),
    };
    world.anybody().logout(logout.clone()).await.unwrap();
    // At once, for every token of the session.
    for token in [&first.access_token, &tokens.access_token] {
        let answer = world
            .bearer(token)
            .list_sessions(ListSessionsRequest::default())
            .await;
        refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    }
    let answer = world.refresh(&tokens.refresh_token).await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    world.anybody().logout(logout).await.unwrap();
    assert_eq!(world.emitted("SessionRevoked").await, 1);
}

/// Refreshes, and asks again while the service sheds load.
async fn refresh_patiently(world: &World, token: &str) -> Result<AuthTokens, Status> {
    loop {
        match world.refresh(token).await {
            Err(status) if status.code() == Code::ResourceExhausted => {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            answer => return answer,
        }
    }
}

async fn many_who_refresh_one_token_get_the_one_successor(engine: Engine) {
    let world = World::start(engine).await;
    let tokens = world.register("ada@example.org").await;
    let racers = (0..50).map(|_| refresh_patiently(&world, &tokens.refresh_token));
    let answers = futures::future::join_all(racers).await;
    let successors: BTreeSet<String> = answers
        .into_iter()
        .map(|answer| answer.unwrap().refresh_token)
        .collect();
    assert_eq!(successors.len(), 1, "everybody got the same");
    assert_eq!(world.number("SELECT count(*) FROM refresh_tokens").await, 2);
    let successor = successors.into_iter().next().unwrap();
    world.refresh(&successor).await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM refresh_tokens").await, 3);
}

async fn a_token_used_again_after_the_grace_ends_the_session_at_once(engine: Engine) {
    let world = World::with(engine, "refresh_grace_ms = 1").await;
    let first = world.register("ada@example.org").await;
    let other = world
        .login("ada@example.org", crate::world::PASSWORD)
        .await
        .unwrap();
    let second = world.refresh(&first.refresh_token).await.unwrap();
    let thief = loop {
        match world.refresh(&first.refresh_token).await {
            // Still within the grace.
            Ok(tokens) => assert_eq!(tokens.refresh_token, second.refresh_token),
            Err(status) => break status,
        }
    };
    assert_eq!(reason_of(&thief), "REFRESH_TOKEN_REUSED");
    let holder = world.refresh(&second.refresh_token).await;
    refused(holder, Code::Unauthenticated, "SESSION_ENDED");
    let sessions = ListSessionsRequest::default();
    let answer = world
        .bearer(&second.access_token)
        .list_sessions(sessions.clone())
        .await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    let told = "SELECT count(*) FROM outbox WHERE name LIKE '%SessionRevoked'";
    assert_eq!(world.number(told).await, 1);
    // Another device is not touched.
    world
        .bearer(&other.access_token)
        .list_sessions(sessions)
        .await
        .unwrap();
    world.refresh(&other.refresh_token).await.unwrap();
    let again = world.refresh(&first.refresh_token).await;
    refused(again, Code::Unauthenticated, "SESSION_ENDED");
    assert_eq!(world.number(told).await, 1, "told once");
}

async fn a_session_that_is_not_refreshed_ends(engine: Engine) {
    let world = World::with(engine, "session_idle_ms = 0").await;
    let tokens = world.register("ada@example.org").await;
    let answer = world.refresh(&tokens.refresh_token).await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
}

async fn a_session_ends_after_its_lifetime_however_often_it_is_refreshed(engine: Engine) {
    let world = World::with(engine, "session_lifetime_ms = 400").await;
    let mut tokens = world.register("ada@example.org").await;
    let ended = loop {
        match world.refresh(&tokens.refresh_token).await {
            Ok(next) => tokens = next,
            Err(status) => break status,
        }
    };
    assert_eq!(reason_of(&ended), "SESSION_ENDED");
}

async fn a_token_nobody_gave_out_is_no_session(engine: Engine) {
    let world = World::start(engine).await;
    let answer = world.refresh("cgr_made_up").await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    let logout = LogoutRequest {
        refresh_token: "cgr_made_up".to_owned(),
    };
    world.anybody().logout(logout).await.unwrap();
}
