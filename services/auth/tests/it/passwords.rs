use covergen_proto::auth::v1::{
    ChangePasswordRequest, CreateApiKeyRequest, ForgotPasswordRequest, GetAccountRequest,
    ListSessionsRequest, ResetPasswordRequest, SendVerificationRequest, VerifyEmailRequest,
};
use tonic::{Code, Status};

use crate::world::{Engine, PASSWORD, World, eventually, refused, registration};

on_both_engines!(
    a_forgotten_password_is_replaced_once_and_every_session_ends,
    an_address_without_an_account_gets_the_same_answer_and_no_mail,
    fifty_racers_with_one_link_set_one_password,
    a_link_works_for_its_time_only,
    nobody_is_buried_in_mails_and_each_is_in_their_language,
    a_reset_of_an_address_that_was_never_proved_leaves_no_other_way_in,
    a_changed_password_ends_the_other_sessions,
    a_mailed_link_proves_the_address_once,
    a_repeated_key_resets_once_and_answers_alike,
);

const NEW: &str = "a whole new passphrase";

async fn forgot(world: &World, email: &str, language: &str) {
    let request = ForgotPasswordRequest {
        email: email.to_owned(),
        language: language.to_owned(),
        request_id: String::new(),
    };
    world.anybody().forgot_password(request).await.unwrap();
}

fn reset(token: &str, password: &str) -> ResetPasswordRequest {
    ResetPasswordRequest {
        token: token.to_owned(),
        password: password.to_owned(),
        request_id: String::new(),
    }
}

/// A column of bytes as text to search in.
fn as_text(engine: Engine, column: &str) -> String {
    match engine {
        Engine::Sqlite => format!("CAST({column} AS TEXT)"),
        Engine::Postgres => format!("encode({column}, 'escape')"),
    }
}

/// Waits until so many mails were ordered and dealt with.
async fn ordered_mails_are_settled(world: &World, count: i64) {
    let sql = "SELECT count(*) FROM outbox WHERE kind = 'command' AND sent_at_ms IS NOT NULL";
    eventually("all ordered mails are settled", async || {
        world.number(sql).await == count
    })
    .await;
}

async fn a_forgotten_password_is_replaced_once_and_every_session_ends(engine: Engine) {
    let world = World::start(engine).await;
    let before = world.register("ada@example.org").await;
    forgot(&world, "ADA@example.org", "").await;
    let first = world
        .mailed_token("ada@example.org", "/reset-password", 1)
        .await;
    forgot(&world, "ada@example.org", "").await;
    let second = world
        .mailed_token("ada@example.org", "/reset-password", 2)
        .await;
    assert_ne!(first, second);
    let weak = world
        .anybody()
        .reset_password(reset(&second, "short"))
        .await;
    assert_eq!(weak.unwrap_err().code(), Code::InvalidArgument);
    world
        .anybody()
        .reset_password(reset(&second, NEW))
        .await
        .unwrap();
    for used in [&second, &first] {
        let again = world
            .anybody()
            .reset_password(reset(used, "yet another one"))
            .await;
        refused(again, Code::InvalidArgument, "TOKEN_INVALID");
    }
    let answer = world.refresh(&before.refresh_token).await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    let mut holder = world.bearer(&before.access_token);
    let answer = holder.list_sessions(ListSessionsRequest::default()).await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    let answer = world.login("ada@example.org", PASSWORD).await;
    refused(answer, Code::Unauthenticated, "INVALID_CREDENTIALS");
    world.login("ada@example.org", NEW).await.unwrap();
    assert_eq!(
        world.emitted("CredentialsChanged").await,
        3,
        "password, e-mail, keys"
    );
    // What is stored opens nothing.
    let hash = as_text(engine, "hash");
    let stored = format!("SELECT count(*) FROM one_time_tokens WHERE {hash} LIKE '%{second}%'");
    assert_eq!(world.number(&stored).await, 0);
}

async fn an_address_without_an_account_gets_the_same_answer_and_no_mail(engine: Engine) {
    let world = World::start(engine).await;
    world.register("ada@example.org").await;
    ordered_mails_are_settled(&world, 1).await;
    forgot(&world, "ada@example.org", "").await;
    forgot(&world, "bob@example.org", "").await;
    ordered_mails_are_settled(&world, 3).await;
    let to: Vec<String> = world.mails().into_iter().map(|mail| mail.to).collect();
    assert_eq!(
        to,
        ["ada@example.org", "ada@example.org"],
        "a verification and a reset"
    );
    // Neither what waits nor what was sent names an address.
    let payload = as_text(engine, "payload");
    let count = |part: &str| format!("SELECT count(*) FROM outbox WHERE {payload} LIKE '%{part}%'");
    assert_eq!(world.number(&count("example")).await, 0);
    assert!(
        world.number(&count("usr_")).await > 0,
        "the search finds what is there"
    );
}

async fn fifty_racers_with_one_link_set_one_password(engine: Engine) {
    let world = World::start(engine).await;
    world.register("ada@example.org").await;
    forgot(&world, "ada@example.org", "").await;
    let token = world
        .mailed_token("ada@example.org", "/reset-password", 1)
        .await;
    let racers = (0..50).map(|racer| {
        let (mut client, token) = (world.anybody(), token.clone());
        async move {
            let password = format!("password of racer {racer}");
            let outcome = client.reset_password(reset(&token, &password)).await;
            outcome.map(|_| password)
        }
    });
    let outcomes: Vec<Result<String, Status>> = futures::future::join_all(racers).await;
    let mut winners = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(password) => winners.push(password),
            Err(status) => refused(Err::<(), _>(status), Code::InvalidArgument, "TOKEN_INVALID"),
        }
    }
    assert_eq!(winners.len(), 1);
    world.login("ada@example.org", &winners[0]).await.unwrap();
}

async fn a_link_works_for_its_time_only(engine: Engine) {
    let world = World::with(engine, "reset_ttl_ms = 0").await;
    world.register("ada@example.org").await;
    forgot(&world, "ada@example.org", "").await;
    let token = world
        .mailed_token("ada@example.org", "/reset-password", 1)
        .await;
    let answer = world.anybody().reset_password(reset(&token, NEW)).await;
    refused(answer, Code::InvalidArgument, "TOKEN_INVALID");
    for noise in ["x", "' OR 1=1", &"x".repeat(128)] {
        let answer = world.anybody().reset_password(reset(noise, NEW)).await;
        refused(answer, Code::InvalidArgument, "TOKEN_INVALID");
    }
    world.login("ada@example.org", PASSWORD).await.unwrap();
}

async fn nobody_is_buried_in_mails_and_each_is_in_their_language(engine: Engine) {
    let world = World::with(engine, "mails_per_hour = 2").await;
    let mut ada = registration("ada@example.org");
    ada.language = "zh-CN,zh;q=0.9,en;q=0.8".to_owned();
    world.anybody().register(ada).await.unwrap();
    for language in ["", "en-GB", "", "en", "fr"] {
        forgot(&world, "ada@example.org", language).await;
        let so_far = world
            .number("SELECT count(*) FROM outbox WHERE kind = 'command'")
            .await;
        ordered_mails_are_settled(&world, so_far).await;
    }
    let mails = world.mails();
    assert_eq!(mails.len(), 3, "one verification and two resets");
    assert!(mails[0].text.contains("确认此邮箱"), "{}", mails[0].text);
    assert!(mails[1].text.contains("设置新密码"), "{}", mails[1].text);
    assert!(
        mails[2].text.contains("set a new password"),
        "{}",
        mails[2].text
    );
    let from = "From: Covergen <no-reply@localhost>";
    assert!(mails.iter().all(|mail| mail.raw.contains(from)));
}

async fn a_reset_of_an_address_that_was_never_proved_leaves_no_other_way_in(engine: Engine) {
    let world = World::start(engine).await;
    // A squatter registers somebody else's address and leaves a key behind.
    let squatter = world.session(&world.register("ada@example.org").await);
    let request = CreateApiKeyRequest {
        name: "back door".to_owned(),
        scopes: vec!["covers:read".to_owned()],
        ..Default::default()
    };
    squatter.keys().create_api_key(request).await.unwrap();
    forgot(&world, "ada@example.org", "").await;
    let token = world
        .mailed_token("ada@example.org", "/reset-password", 1)
        .await;
    world
        .anybody()
        .reset_password(reset(&token, NEW))
        .await
        .unwrap();
    let working = "SELECT count(*) FROM api_keys WHERE revoked_at_ms IS NULL";
    assert_eq!(world.number(working).await, 0);
    // The address is proved now: what its owner sets up from here on stays.
    let owner = world.login("ada@example.org", NEW).await.unwrap();
    let request = CreateApiKeyRequest {
        name: "mine".to_owned(),
        scopes: vec!["covers:read".to_owned()],
        ..Default::default()
    };
    world
        .session(&owner)
        .keys()
        .create_api_key(request)
        .await
        .unwrap();
    forgot(&world, "ada@example.org", "").await;
    let token = world
        .mailed_token("ada@example.org", "/reset-password", 2)
        .await;
    world
        .anybody()
        .reset_password(reset(&token, PASSWORD))
        .await
        .unwrap();
    assert_eq!(world.number(working).await, 1);
}

async fn a_changed_password_ends_the_other_sessions(engine: Engine) {
    let world = World::start(engine).await;
    let other = world.register("ada@example.org").await;
    let mine = world.login("ada@example.org", PASSWORD).await.unwrap();
    let ada = world.session(&mine);
    let change = |current: &str| ChangePasswordRequest {
        current_password: current.to_owned(),
        new_password: NEW.to_owned(),
        request_id: String::new(),
    };
    let answer = ada.auth().change_password(change("not the password")).await;
    refused(answer, Code::InvalidArgument, "PASSWORD_WRONG");
    world.refresh(&other.refresh_token).await.unwrap();
    ada.auth().change_password(change(PASSWORD)).await.unwrap();
    let mut phone = world.bearer(&other.access_token);
    let answer = phone.list_sessions(ListSessionsRequest::default()).await;
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    world.refresh(&mine.refresh_token).await.unwrap();
    world.login("ada@example.org", NEW).await.unwrap();
    eventually("the owner is told", async || {
        world
            .mails()
            .iter()
            .any(|mail| mail.text.contains("was changed, and other devices"))
    })
    .await;
}

async fn a_mailed_link_proves_the_address_once(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let verified = async || {
        let account = ada.auth().get_account(GetAccountRequest {}).await.unwrap();
        account.into_inner().email_verified
    };
    assert!(!verified().await);
    ada.auth()
        .send_verification(SendVerificationRequest::default())
        .await
        .unwrap();
    let token = world
        .mailed_token("ada@example.org", "/verify-email", 2)
        .await;
    let present = |token: &str| VerifyEmailRequest {
        token: token.to_owned(),
        request_id: String::new(),
    };
    // A token of one purpose is none of another.
    let answer = world.anybody().reset_password(reset(&token, NEW)).await;
    refused(answer, Code::InvalidArgument, "TOKEN_INVALID");
    world.anybody().verify_email(present(&token)).await.unwrap();
    assert!(verified().await);
    let again = world.anybody().verify_email(present(&token)).await;
    refused(again, Code::InvalidArgument, "TOKEN_INVALID");
    // There is nothing left to prove, so nothing is mailed.
    ada.auth()
        .send_verification(SendVerificationRequest::default())
        .await
        .unwrap();
    ordered_mails_are_settled(&world, 3).await;
    assert_eq!(world.mails().len(), 2);
}

async fn a_repeated_key_resets_once_and_answers_alike(engine: Engine) {
    let world = World::start(engine).await;
    world.register("ada@example.org").await;
    forgot(&world, "ada@example.org", "").await;
    let token = world
        .mailed_token("ada@example.org", "/reset-password", 1)
        .await;
    let mut request = reset(&token, NEW);
    request.request_id = "key-1".to_owned();
    world
        .anybody()
        .reset_password(request.clone())
        .await
        .unwrap();
    world
        .anybody()
        .reset_password(request.clone())
        .await
        .unwrap();
    request.password = "something else altogether".to_owned();
    let answer = world.anybody().reset_password(request).await;
    refused(answer, Code::InvalidArgument, "IDEMPOTENCY_KEY_REUSED");
}
