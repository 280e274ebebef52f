use covergen_proto::auth::v1::{LoginRequest, auth_service_client};
use covergen_proto::user::v1::account::Status;
use covergen_proto::user::v1::{
    GetUserByIdRequest, ListUsersRequest, ReinstateUserRequest, SuspendUserRequest,
};
use tonic::Code;

use crate::world::{Engine, World, refused};

on_both_engines!(
    administrators_find_accounts,
    a_suspended_account_lets_nobody_in_until_it_is_reinstated,
    others_neither_see_nor_shut_accounts,
);

async fn found(world: &World, query: &str, status: Status) -> Vec<String> {
    let mut emails = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListUsersRequest {
            page_size: 2,
            page_token,
            query: query.to_owned(),
            status: status.into(),
            tier: 0,
        };
        let page = world.operator().list_users(request).await.unwrap();
        let page = page.into_inner();
        emails.extend(page.users.into_iter().map(|user| user.email));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return emails;
        }
    }
}

async fn administrators_find_accounts(engine: Engine) {
    let world = World::start(engine).await;
    let mut people = Vec::new();
    for name in ["ada", "adam", "a_a", "bob"] {
        let who = world.somebody(&format!("{name}@example.org")).await;
        // Whoever looks is there, if the event is not yet.
        world.quota(&who).await;
        people.push(who);
    }
    let newest_first = [
        "bob@example.org",
        "a_a@example.org",
        "adam@example.org",
        "ada@example.org",
    ];
    assert_eq!(found(&world, "", Status::Unspecified).await, newest_first);
    assert_eq!(
        found(&world, "ADA", Status::Active).await,
        newest_first[2..]
    );
    // What means something to the database means itself.
    assert_eq!(
        found(&world, "a_a", Status::Unspecified).await,
        ["a_a@example.org"]
    );
    assert_eq!(found(&world, "%", Status::Unspecified).await, [""; 0]);
    assert_eq!(found(&world, "", Status::Suspended).await, [""; 0]);
    let id = people[3].user_id.to_string();
    assert_eq!(
        found(&world, &id, Status::Unspecified).await,
        ["bob@example.org"]
    );
    let request = GetUserByIdRequest { user_id: id };
    let bob = world.operator().get_user_by_id(request).await.unwrap();
    assert_eq!(bob.into_inner().status(), Status::Active);
}

fn suspend(user_id: &str, key: &str) -> SuspendUserRequest {
    SuspendUserRequest {
        user_id: user_id.to_owned(),
        reason: "Sells tea.".to_owned(),
        request_id: key.to_owned(),
    }
}

async fn a_suspended_account_lets_nobody_in_until_it_is_reinstated(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let user_id = ada.user_id.to_string();
    let may_sign_in = async || {
        let request = LoginRequest {
            email: "ada@example.org".to_owned(),
            password: "correct horse battery".to_owned(),
        };
        let auth = world.harness.as_anonymous("auth");
        auth_service_client(auth).login(request).await.is_ok()
    };
    assert!(may_sign_in().await);
    let mut operator = world.operator();
    for _ in 0..2 {
        let shut = operator
            .suspend_user(suspend(&user_id, "once"))
            .await
            .unwrap();
        assert_eq!(shut.into_inner().status(), Status::Suspended);
    }
    assert!(!may_sign_in().await);
    assert_eq!(
        found(&world, "", Status::Suspended).await,
        ["ada@example.org"]
    );
    let request = ReinstateUserRequest {
        user_id,
        request_id: String::new(),
    };
    let open = operator.reinstate_user(request).await.unwrap();
    assert_eq!(open.into_inner().status(), Status::Active);
    assert!(may_sign_in().await);
}

async fn others_neither_see_nor_shut_accounts(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let bob = world.somebody("bob@example.org").await;
    let mut client = world.person(&bob);
    let listed = client.list_users(ListUsersRequest::default()).await;
    refused(listed, Code::PermissionDenied, "PERMISSION_DENIED");
    let shut = client
        .suspend_user(suspend(&ada.user_id.to_string(), ""))
        .await;
    refused(shut, Code::PermissionDenied, "PERMISSION_DENIED");
    let admin = world.harness.person(covergen_identity::Role::Admin);
    let own = suspend(&admin.user_id.to_string(), "");
    let shut = world.person(&admin).suspend_user(own).await;
    refused(shut, Code::FailedPrecondition, "OWN_ACCOUNT");
    let ghost = suspend(&world.harness.creator().user_id.to_string(), "");
    let shut = world.operator().suspend_user(ghost).await;
    refused(shut, Code::NotFound, "USER_NOT_FOUND");
}
