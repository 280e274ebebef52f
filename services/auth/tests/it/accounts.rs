use covergen_identity::Role;
use covergen_proto::auth::v1::{CreateUserRequest, LoginRequest, RefreshRequest};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::world::{Engine, PASSWORD, World, refused, registration};

on_both_engines!(
    an_account_registers_signs_in_and_is_known_by_its_token,
    an_address_has_one_account_however_it_is_spelt,
    racers_for_one_address_open_one_account,
    a_wrong_password_and_an_unknown_address_get_the_same_answer,
    a_repeated_key_opens_one_account_and_hands_out_the_same_tokens,
    a_key_with_another_body_is_refused,
    every_violation_of_a_registration_is_listed,
    an_operators_account_has_its_role,
    a_password_hashed_under_old_parameters_is_hashed_again_at_login,
);

async fn an_account_registers_signs_in_and_is_known_by_its_token(engine: Engine) {
    let world = World::start(engine).await;
    let registered = world.register("ada@example.org").await;
    let signed_in = world.login(" ADA@example.org", PASSWORD).await.unwrap();
    let (first, second) = (world.principal(&registered), world.principal(&signed_in));
    assert_eq!(first.user_id, second.user_id);
    assert_eq!(first.workspace_id, second.workspace_id);
    assert_eq!(second.roles, vec![Role::Creator]);
    assert_ne!(
        first.session_id, second.session_id,
        "each device is its own session"
    );
    assert_eq!(second.session_id.unwrap().to_string(), signed_in.session_id);
    let user = signed_in.user.unwrap();
    assert_eq!(
        (user.id, user.email),
        (first.user_id.to_string(), "ada@example.org".to_owned())
    );
    assert_eq!(signed_in.expires_in, 900);
    assert_eq!(world.emitted("UserRegistered").await, 1);
    assert_eq!(world.emitted("UserAuthenticated").await, 2);
}

async fn an_address_has_one_account_however_it_is_spelt(engine: Engine) {
    let world = World::start(engine).await;
    world.register("ada@example.org").await;
    let again = world
        .anybody()
        .register(registration("Ada@Example.org"))
        .await;
    refused(again, Code::AlreadyExists, "EMAIL_TAKEN");
    assert_eq!(world.emitted("UserRegistered").await, 1);
}

async fn racers_for_one_address_open_one_account(engine: Engine) {
    let world = World::start(engine).await;
    let racers = (0..10).map(|_| async {
        let answer = world
            .anybody()
            .register(registration("ada@example.org"))
            .await;
        match answer {
            Ok(_) => 1,
            Err(status) => {
                refused(Err::<(), _>(status), Code::AlreadyExists, "EMAIL_TAKEN");
                0
            }
        }
    });
    let opened: i32 = futures::future::join_all(racers).await.into_iter().sum();
    assert_eq!(opened, 1);
    assert_eq!(world.number("SELECT count(*) FROM accounts").await, 1);
}

async fn a_wrong_password_and_an_unknown_address_get_the_same_answer(engine: Engine) {
    let world = World::start(engine).await;
    world.register("ada@example.org").await;
    let wrong = world
        .login("ada@example.org", "not the password")
        .await
        .unwrap_err();
    let unknown = world
        .login("bob@example.org", "not the password")
        .await
        .unwrap_err();
    refused(
        Err::<(), _>(wrong.clone()),
        Code::Unauthenticated,
        "INVALID_CREDENTIALS",
    );
    assert_eq!(wrong.code(), unknown.code());
    assert_eq!(wrong.message(), unknown.message());
    assert_eq!(wrong.details(), unknown.details());
}

async fn a_repeated_key_opens_one_account_and_hands_out_the_same_tokens(engine: Engine) {
    let world = World::start(engine).await;
    let mut request = registration("ada@example.org");
    request.request_id = "key-1".to_owned();
    let first = world.anybody().register(request.clone()).await.unwrap();
    let again = world.anybody().register(request).await.unwrap();
    assert_eq!(first.into_inner(), again.into_inner());
    assert_eq!(world.number("SELECT count(*) FROM accounts").await, 1);
    // The reply bears secrets, so it does not lie about in the clear.
    assert_eq!(
        world
            .number("SELECT count(*) FROM idempotency_claims WHERE sealed")
            .await,
        1
    );
}

async fn a_key_with_another_body_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    let mut request = registration("ada@example.org");
    request.request_id = "key-1".to_owned();
    world.anybody().register(request.clone()).await.unwrap();
    request.password = "another password".to_owned();
    let answer = world.anybody().register(request).await;
    refused(answer, Code::InvalidArgument, "IDEMPOTENCY_KEY_REUSED");
}

async fn every_violation_of_a_registration_is_listed(engine: Engine) {
    let world = World::start(engine).await;
    let mut request = registration("no address");
    request.password = "short".to_owned();
    request.display_name = String::new();
    let status = world.anybody().register(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let bad = status.get_details_bad_request().unwrap();
    let mut fields: Vec<&str> = bad
        .field_violations
        .iter()
        .map(|v| v.field.as_str())
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, vec!["displayName", "email", "password"]);
    let mut request = registration("ada@example.org");
    request.display_name = "   ".to_owned();
    let status = world.anybody().register(request).await.unwrap_err();
    let bad = status.get_details_bad_request().unwrap();
    assert_eq!(bad.field_violations[0].field, "displayName");
    assert_eq!(world.number("SELECT count(*) FROM accounts").await, 0);
}

async fn an_operators_account_has_its_role(engine: Engine) {
    let world = World::start(engine).await;
    let request = CreateUserRequest {
        email: "root@example.org".to_owned(),
        password: PASSWORD.to_owned(),
        display_name: "Root".to_owned(),
        role: "admin".to_owned(),
        request_id: String::new(),
    };
    let made = world
        .service("admin")
        .create_user(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(made.roles, vec!["admin"]);
    let tokens = world.login("root@example.org", PASSWORD).await.unwrap();
    assert!(world.principal(&tokens).is_admin());
}

async fn a_password_hashed_under_old_parameters_is_hashed_again_at_login(engine: Engine) {
    let world = World::start(engine).await;
    world.register("ada@example.org").await;
    let hashed_with = |memory: u32| {
        format!(
            "SELECT count(*) FROM accounts WHERE password_hash LIKE '$argon2id$%m={memory},t=1,%'"
        )
    };
    assert_eq!(world.number(&hashed_with(8)).await, 1);
    let world = world.restart("argon2_memory_kib = 16").await;
    world
        .login("ada@example.org", "not the password")
        .await
        .unwrap_err();
    assert_eq!(
        world.number(&hashed_with(8)).await,
        1,
        "a wrong password changes nothing"
    );
    world.login("ada@example.org", PASSWORD).await.unwrap();
    assert_eq!(world.number(&hashed_with(16)).await, 1);
    world.login("ada@example.org", PASSWORD).await.unwrap();
}

#[test]
fn nothing_secret_is_printed_with_a_request() {
    let request = registration("ada@example.org");
    let login = LoginRequest {
        email: "ada@example.org".to_owned(),
        password: PASSWORD.to_owned(),
    };
    let refresh = RefreshRequest {
        refresh_token: "cgr_secret".to_owned(),
    };
    let tokens = covergen_proto::auth::v1::AuthTokens {
        access_token: "eyJ.secret".to_owned(),
        refresh_token: "cgr_secret".to_owned(),
        ..Default::default()
    };
    let printed = format!("{request:?} {login:?} {refresh:?} {tokens:?}");
    for secret in [PASSWORD, "ada@example.org", "cgr_secret", "eyJ.secret"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
