use covergen_proto::auth::v1::{GetSessionRequest, ListSessionsRequest, RevokeSessionRequest};
use tonic::Code;

use crate::world::{Engine, PASSWORD, World, refused};

on_both_engines!(
    a_persons_sessions_are_paged_newest_first,
    a_revoked_session_ends_at_once_and_leaves_the_list,
    a_session_of_somebody_else_does_not_exist,
);

fn get(session_id: &str) -> GetSessionRequest {
    GetSessionRequest {
        session_id: session_id.to_owned(),
    }
}

fn revoke(session_id: &str) -> RevokeSessionRequest {
    RevokeSessionRequest {
        session_id: session_id.to_owned(),
        request_id: String::new(),
    }
}

async fn a_persons_sessions_are_paged_newest_first(engine: Engine) {
    let world = World::start(engine).await;
    let mut made = vec![world.register("ada@example.org").await.session_id];
    let mut last = None;
    for _ in 0..4 {
        let tokens = world.login("ada@example.org", PASSWORD).await.unwrap();
        made.insert(0, tokens.session_id.clone());
        last = Some(tokens);
    }
    world.register("bob@example.org").await;
    let last = last.unwrap();
    let mut ada = world.person(&world.principal(&last));
    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListSessionsRequest {
            page_size: 2,
            page_token,
        };
        let page = ada.list_sessions(request).await.unwrap().into_inner();
        assert!(page.sessions.len() <= 2);
        listed.extend(page.sessions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let ids: Vec<&str> = listed.iter().map(|session| session.id.as_str()).collect();
    assert_eq!(ids, made);
    let current: Vec<&str> = listed
        .iter()
        .filter(|session| session.current)
        .map(|session| session.id.as_str())
        .collect();
    assert_eq!(current, vec![last.session_id.as_str()]);
    let damaged = ListSessionsRequest {
        page_size: 2,
        page_token: "nonsense".to_owned(),
    };
    refused(
        ada.list_sessions(damaged).await,
        Code::InvalidArgument,
        "PAGE_TOKEN_INVALID",
    );
}

async fn a_revoked_session_ends_at_once_and_leaves_the_list(engine: Engine) {
    let world = World::start(engine).await;
    let lost = world.register("ada@example.org").await;
    let kept = world.login("ada@example.org", PASSWORD).await.unwrap();
    let mut ada = world.bearer(&kept.access_token);
    ada.revoke_session(revoke(&lost.session_id)).await.unwrap();
    ada.revoke_session(revoke(&lost.session_id)).await.unwrap();
    let mut phone = world.bearer(&lost.access_token);
    let answer = phone.list_sessions(ListSessionsRequest::default()).await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    // Also where an edge has turned the token into its own.
    let through_an_edge = world
        .person(&world.principal(&lost))
        .get_session(get(&lost.session_id))
        .await;
    refused(through_an_edge, Code::Unauthenticated, "SESSION_ENDED");
    let answer = world.refresh(&lost.refresh_token).await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    let page = ada
        .list_sessions(ListSessionsRequest::default())
        .await
        .unwrap();
    let ids: Vec<String> = page
        .into_inner()
        .sessions
        .into_iter()
        .map(|s| s.id)
        .collect();
    assert_eq!(ids, vec![kept.session_id]);
    assert_eq!(
        world.emitted("SessionRevoked").await,
        1,
        "ending it again tells nothing"
    );
}

async fn a_session_of_somebody_else_does_not_exist(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.register("ada@example.org").await;
    let bob = world.register("bob@example.org").await;
    let mut calling = world.bearer(&bob.access_token);
    let found = calling.get_session(get(&bob.session_id)).await.unwrap();
    assert_eq!(found.into_inner().id, bob.session_id);
    let answer = calling.get_session(get(&ada.session_id)).await;
    refused(answer, Code::NotFound, "SESSION_NOT_FOUND");
    let answer = calling.revoke_session(revoke(&ada.session_id)).await;
    refused(answer, Code::NotFound, "SESSION_NOT_FOUND");
    refused(
        calling.get_session(get("ses_x")).await,
        Code::InvalidArgument,
        "INVALID_REQUEST",
    );
    world.refresh(&ada.refresh_token).await.unwrap();
}
