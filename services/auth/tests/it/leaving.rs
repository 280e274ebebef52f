use covergen_proto::auth::v1::{GetIdentityRequest, api_key::Mode};
use covergen_proto::privacy::v1::UserDataRequest;
use tonic::Code;

use crate::api_keys::{made, resolve};
use crate::mfa::enrolled;
use crate::passkeys::registered;
use crate::world::{Engine, PASSWORD, World, eventually, refused};

on_both_engines!(
    somebody_who_leaves_leaves_nothing_behind,
    an_export_holds_what_is_kept_and_no_secret,
);

/// Every table with a user's rows.
const TABLES: [&str; 9] = [
    "accounts",
    "role_bindings",
    "sessions",
    "one_time_tokens",
    "totp_secrets",
    "recovery_codes",
    "passkeys",
    "api_keys",
    "provider_links",
];

async fn rows_of(world: &World, user: &str) -> Vec<(&'static str, i64)> {
    let mut rows = Vec::new();
    for table in TABLES {
        let column = if table == "accounts" { "id" } else { "user_id" };
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} = '{user}'");
        rows.push((table, world.number(&sql).await));
    }
    rows
}

async fn somebody_who_leaves_leaves_nothing_behind(engine: Engine) {
    let world = World::start(engine).await;
    let tokens = world.register("ada@example.org").await;
    let (principal, ada) = (world.principal(&tokens), world.session(&tokens));
    let user = principal.user_id.to_string();
    let key = made(&ada, Mode::Test).await;
    registered(&ada).await;
    enrolled(&ada).await;
    world
        .login("ada@example.org", "not the password")
        .await
        .unwrap_err();
    let link = format!(
        "INSERT INTO provider_links (provider, subject, user_id, workspace_id, email, created_at_ms)
         VALUES ('corp', '1', '{user}', '{}', 'ada@example.org', 1)",
        principal.workspace_id
    );
    world.change(&link).await;
    let bob = world.register("bob@example.org").await;
    world
        .mailed_token("ada@example.org", "/verify-email", 1)
        .await;
    world
        .mailed_token("bob@example.org", "/verify-email", 1)
        .await;
    let before = rows_of(&world, &user).await;
    assert!(before.iter().all(|(_, count)| *count > 0), "{before:?}");

    // Twice, as events may come.
    world.user_deleted(&principal).await;
    world.user_deleted(&principal).await;
    eventually("everything is gone", async || {
        rows_of(&world, &user)
            .await
            .iter()
            .all(|(_, count)| *count == 0)
    })
    .await;
    let tokens_left = "SELECT count(*) FROM refresh_tokens";
    assert_eq!(
        world.number(tokens_left).await,
        1,
        "that of the other person"
    );
    assert_eq!(world.number("SELECT count(*) FROM failed_guesses").await, 0);
    eventually("their mails are gone", async || {
        world
            .mails()
            .iter()
            .all(|mail| mail.to == "bob@example.org")
    })
    .await;
    refused(
        resolve(&world, &key.secret).await,
        Code::NotFound,
        "API_KEY_NOT_FOUND",
    );
    refused(
        world.login("ada@example.org", PASSWORD).await,
        Code::Unauthenticated,
        "INVALID_CREDENTIALS",
    );
    refused(
        world.refresh(&tokens.refresh_token).await,
        Code::Unauthenticated,
        "SESSION_ENDED",
    );
    let request = GetIdentityRequest { user_id: user };
    refused(
        world.service("user").get_identity(request).await,
        Code::NotFound,
        "ACCOUNT_NOT_FOUND",
    );
    world.refresh(&bob.refresh_token).await.unwrap();
    // The address is free again.
    world.register("ada@example.org").await;
}

async fn an_export_holds_what_is_kept_and_no_secret(engine: Engine) {
    let world = World::start(engine).await;
    let tokens = world.register("ada@example.org").await;
    let ada = world.session(&tokens);
    let key = made(&ada, Mode::Live).await;
    registered(&ada).await;
    let (_, codes) = enrolled(&ada).await;
    let export = async |user: String, by: &str| {
        let request = UserDataRequest { user_id: user };
        let mut chunks = world
            .by(by)
            .accounts()
            .export_user_data(request)
            .await?
            .into_inner();
        let mut text = Vec::new();
        while let Some(chunk) = chunks.message().await? {
            assert_eq!(chunk.path, "account.json");
            text.extend_from_slice(&chunk.data);
        }
        Ok::<_, tonic::Status>(String::from_utf8(text).unwrap())
    };
    let user = world.principal(&tokens).user_id.to_string();
    let text = export(user.clone(), "user").await.unwrap();
    let data: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(data["account"]["email"], "ada@example.org");
    assert_eq!(data["secondFactors"]["recoveryCodesLeft"], 10);
    for (list, count) in [
        ("sessions", 1),
        ("passkeys", 1),
        ("apiKeys", 1),
        ("providers", 0),
    ] {
        assert_eq!(data[list].as_array().unwrap().len(), count, "{list}");
    }
    for secret in [
        &key.secret,
        &codes[0],
        &"argon2id".to_owned(),
        &tokens.refresh_token,
    ] {
        assert!(!text.contains(secret.as_str()), "{text}");
    }
    let nobody = world.harness.creator().user_id.to_string();
    assert_eq!(export(nobody, "user").await.unwrap(), "");
    refused(
        export(user, "cover").await,
        Code::PermissionDenied,
        "PERMISSION_DENIED",
    );
}
