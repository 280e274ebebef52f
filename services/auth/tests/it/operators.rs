use covergen_identity::Role;
use covergen_proto::auth::v1::{
    Account, EndOtherSessionsRequest, IssueTokenRequest, ListAccountsRequest, ListSessionsRequest,
    SetAccountStatusRequest, account::Status, api_key::Mode,
};
use tonic::Code;

use crate::api_keys::{made, resolve};
use crate::world::{Engine, PASSWORD, Signed, World, refused};

on_both_engines!(
    a_suspended_account_is_shut_at_once_and_opens_again,
    accounts_are_found_by_operators_only,
    all_other_sessions_end_at_one_word,
);

fn setting(user_id: &str, status: Status) -> SetAccountStatusRequest {
    SetAccountStatusRequest {
        user_id: user_id.to_owned(),
        status: status.into(),
        reason: "spam".to_owned(),
        request_id: String::new(),
    }
}

async fn a_suspended_account_is_shut_at_once_and_opens_again(engine: Engine) {
    let world = World::start(engine).await;
    let tokens = world.register("ada@example.org").await;
    let key = made(&world.session(&tokens), Mode::Live).await;
    let user = world.principal(&tokens).user_id.to_string();
    let mut admin = world.harness.person(Role::Admin);
    let root = world.of(&admin);
    for (status, reason) in [
        (Status::Suspended, "ACCOUNT_SUSPENDED"),
        (Status::Inactive, "ACCOUNT_INACTIVE"),
    ] {
        let shut = root
            .accounts()
            .set_account_status(setting(&user, status))
            .await
            .unwrap();
        assert_eq!(shut.into_inner().status(), status);
        refused(
            world.login("ada@example.org", PASSWORD).await,
            Code::PermissionDenied,
            reason,
        );
        // Who does not know the password does not learn of it.
        let stranger = world.login("ada@example.org", "not the password").await;
        refused(stranger, Code::Unauthenticated, "INVALID_CREDENTIALS");
        refused(
            resolve(&world, &key.secret).await,
            Code::NotFound,
            "API_KEY_NOT_FOUND",
        );
        let issue = IssueTokenRequest {
            email: "ada@example.org".to_owned(),
        };
        let issued = world.by("admin").auth().issue_token(issue).await;
        refused(issued, Code::PermissionDenied, reason);
    }
    let mut holder = world.bearer(&tokens.access_token);
    let answer = holder.list_sessions(ListSessionsRequest::default()).await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    refused(
        world.refresh(&tokens.refresh_token).await,
        Code::Unauthenticated,
        "SESSION_ENDED",
    );
    let request = setting(&user, Status::Active);
    world
        .by("admin")
        .accounts()
        .set_account_status(request)
        .await
        .unwrap();
    world.login("ada@example.org", PASSWORD).await.unwrap();
    resolve(&world, &key.secret).await.unwrap();
    // Neither oneself, nor nobody, nor as anybody else.
    admin.user_id = user.parse().unwrap();
    let own = world
        .of(&admin)
        .accounts()
        .set_account_status(setting(&user, Status::Suspended))
        .await;
    refused(own, Code::FailedPrecondition, "OWN_STATUS");
    let nobody = world.harness.creator().user_id.to_string();
    let answer = root
        .accounts()
        .set_account_status(setting(&nobody, Status::Suspended))
        .await;
    refused(answer, Code::NotFound, "ACCOUNT_NOT_FOUND");
    for role in [Role::Creator, Role::Moderator] {
        let person = world.of(&world.harness.person(role));
        let answer = person
            .accounts()
            .set_account_status(setting(&user, Status::Suspended))
            .await;
        refused(answer, Code::PermissionDenied, "PERMISSION_DENIED");
    }
}

async fn accounts_are_found_by_operators_only(engine: Engine) {
    let world = World::start(engine).await;
    let mut made = Vec::new();
    for email in ["ada@example.org", "b_b@example.org", "bob@example.org"] {
        made.insert(
            0,
            world
                .principal(&world.register(email).await)
                .user_id
                .to_string(),
        );
    }
    let root = world.of(&world.harness.person(Role::Admin));
    let find = async |person: &Signed, query: &str, status: Status, page_token: String| {
        let request = ListAccountsRequest {
            page_size: 2,
            page_token,
            query: query.to_owned(),
            status: status.into(),
        };
        person
            .accounts()
            .list_accounts(request)
            .await
            .map(tonic::Response::into_inner)
    };
    let ids = |accounts: &[Account]| {
        accounts
            .iter()
            .map(|a| a.user_id.clone())
            .collect::<Vec<_>>()
    };
    let any = Status::Unspecified;
    let first = find(&root, "", any, String::new()).await.unwrap();
    let second = find(&root, "", any, first.next_page_token).await.unwrap();
    assert_eq!([ids(&first.accounts), ids(&second.accounts)].concat(), made);
    assert!(second.next_page_token.is_empty());
    let found = async |query: &str, status| {
        ids(&find(&root, query, status, String::new())
            .await
            .unwrap()
            .accounts)
    };
    assert_eq!(found("BOB", any).await, [made[0].clone()]);
    assert_eq!(
        found("b_b", any).await,
        [made[1].clone()],
        "a wildcard is only a letter"
    );
    assert!(found("%", any).await.is_empty());
    assert_eq!(found(&made[2], any).await, [made[2].clone()]);
    let suspend = setting(&made[2], Status::Suspended);
    root.accounts().set_account_status(suspend).await.unwrap();
    assert_eq!(found("", Status::Suspended).await, [made[2].clone()]);
    let creator = world.of(&world.harness.creator());
    let answer = find(&creator, "", any, String::new()).await;
    refused(answer, Code::PermissionDenied, "PERMISSION_DENIED");
}

async fn all_other_sessions_end_at_one_word(engine: Engine) {
    let world = World::start(engine).await;
    let phone = world.register("ada@example.org").await;
    let tablet = world.login("ada@example.org", PASSWORD).await.unwrap();
    let mine = world.login("ada@example.org", PASSWORD).await.unwrap();
    let others = world.register("bob@example.org").await;
    let end = async || {
        let request = EndOtherSessionsRequest::default();
        let ended = world
            .session(&mine)
            .auth()
            .end_other_sessions(request)
            .await;
        ended.unwrap().into_inner().ended
    };
    assert_eq!((end().await, end().await), (2, 0));
    for gone in [&phone, &tablet] {
        refused(
            world.refresh(&gone.refresh_token).await,
            Code::Unauthenticated,
            "SESSION_ENDED",
        );
    }
    for stays in [&mine, &others] {
        world.refresh(&stays.refresh_token).await.unwrap();
    }
}
