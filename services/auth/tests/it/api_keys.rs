use covergen_identity::ApiKeySecret;
use covergen_proto::auth::v1::{
    ApiKey, CreateApiKeyRequest, GetApiKeyRequest, ListApiKeysRequest, NewApiKey,
    ResolveApiKeyRequest, ResolvedApiKey, RevokeApiKeyRequest, RotateApiKeyRequest, api_key::Mode,
};
use covergen_proto::wkt::Timestamp;
use sea_orm::ConnectionTrait as _;
use tonic::{Code, Status};

use crate::world::{Engine, Signed, World, refused};

on_both_engines!(
    a_key_speaks_for_its_owner_within_its_scopes,
    test_keys_live_in_a_workspace_of_their_own,
    a_key_that_was_revoked_or_has_expired_speaks_for_nobody,
    a_rotated_key_works_on_for_the_overlap,
    racers_replace_a_key_once,
    keys_are_paged_and_those_of_others_do_not_exist,
    a_repeated_key_makes_one_key_and_nothing_is_stored_in_the_clear,
    what_a_key_must_have_is_checked,
    a_signing_key_goes_to_edges_and_stays_with_its_key,
);

fn creation(mode: Mode) -> CreateApiKeyRequest {
    CreateApiKeyRequest {
        name: "Build server".to_owned(),
        mode: mode.into(),
        scopes: vec!["covers:read".to_owned(), "covers:write".to_owned()],
        expire_time: None,
        ..Default::default()
    }
}

pub(crate) async fn made(person: &Signed, mode: Mode) -> NewApiKey {
    let made = person.keys().create_api_key(creation(mode)).await;
    made.unwrap().into_inner()
}

pub(crate) async fn resolve(world: &World, secret: &str) -> Result<ResolvedApiKey, Status> {
    let hash = ApiKeySecret::parse(secret).unwrap().hash();
    let request = ResolveApiKeyRequest {
        secret_hash: hash.to_vec().into(),
    };
    let resolved = world
        .by("bff-partner")
        .keys()
        .resolve_api_key(request)
        .await?;
    Ok(resolved.into_inner())
}

fn key(made: &NewApiKey) -> &ApiKey {
    made.api_key.as_ref().unwrap()
}

async fn a_key_speaks_for_its_owner_within_its_scopes(engine: Engine) {
    let world = World::start(engine).await;
    let tokens = world.register("ada@example.org").await;
    let (principal, ada) = (world.principal(&tokens), world.session(&tokens));
    let new = made(&ada, Mode::Live).await;
    assert!(new.secret.starts_with("cg_live_") && new.secret.starts_with(&key(&new).hint));
    let resolved = resolve(&world, &new.secret).await.unwrap();
    assert_eq!(resolved.user_id, principal.user_id.to_string());
    assert_eq!(resolved.workspace_id, principal.workspace_id.to_string());
    assert_eq!(resolved.roles, ["creator"]);
    assert_eq!(resolved.scopes, ["covers:read", "covers:write"]);
    let get = GetApiKeyRequest {
        api_key_id: key(&new).id.clone(),
    };
    let first = ada
        .keys()
        .get_api_key(get.clone())
        .await
        .unwrap()
        .into_inner();
    resolve(&world, &new.secret).await.unwrap();
    let second = ada.keys().get_api_key(get).await.unwrap().into_inner();
    assert!(first.last_used_time.is_some());
    assert_eq!(
        first.last_used_time, second.last_used_time,
        "noted once a minute"
    );
    // People and other services do not ask.
    let request = ResolveApiKeyRequest {
        secret_hash: vec![0; 32].into(),
    };
    for stranger in [ada, world.by("export")] {
        let answer = stranger.keys().resolve_api_key(request.clone()).await;
        refused(answer, Code::PermissionDenied, "PERMISSION_DENIED");
    }
    let answer = world.by("bff-web").keys().resolve_api_key(request).await;
    refused(answer, Code::NotFound, "API_KEY_NOT_FOUND");
}

async fn test_keys_live_in_a_workspace_of_their_own(engine: Engine) {
    let world = World::start(engine).await;
    let tokens = world.register("ada@example.org").await;
    let ada = world.session(&tokens);
    let (test, live) = (made(&ada, Mode::Test).await, made(&ada, Mode::Live).await);
    let unspecified = made(&ada, Mode::Unspecified).await;
    assert!(test.secret.starts_with("cg_test_") && unspecified.secret.starts_with("cg_test_"));
    let sandbox = resolve(&world, &test.secret).await.unwrap().workspace_id;
    let own = resolve(&world, &live.secret).await.unwrap().workspace_id;
    assert_eq!(own, world.principal(&tokens).workspace_id.to_string());
    assert_ne!(sandbox, own);
    assert_eq!(
        resolve(&world, &unspecified.secret)
            .await
            .unwrap()
            .workspace_id,
        sandbox
    );
    let bob = world.session(&world.register("bob@example.org").await);
    let theirs = made(&bob, Mode::Test).await;
    assert_ne!(
        resolve(&world, &theirs.secret).await.unwrap().workspace_id,
        sandbox
    );
}

async fn a_key_that_was_revoked_or_has_expired_speaks_for_nobody(engine: Engine) {
    let world = World::start(engine).await;
    let tokens = world.register("ada@example.org").await;
    let ada = world.session(&tokens);
    let (new, other) = (made(&ada, Mode::Live).await, made(&ada, Mode::Live).await);
    let revocations = &world.harness.hosted().identity().revocations;
    let asked = revocations.asking();
    let revoke = RevokeApiKeyRequest {
        api_key_id: key(&new).id.clone(),
        request_id: String::new(),
    };
    for _ in 0..2 {
        let ended = ada
            .keys()
            .revoke_api_key(revoke.clone())
            .await
            .unwrap()
            .into_inner();
        assert!(ended.revoke_time.is_some());
    }
    refused(
        resolve(&world, &new.secret).await,
        Code::NotFound,
        "API_KEY_NOT_FOUND",
    );
    let user = world.principal(&tokens).user_id;
    assert!(
        !revocations.api_key_counts(user, asked),
        "edges forget at once"
    );
    resolve(&world, &other.secret).await.unwrap();
    world.change("UPDATE api_keys SET expires_at_ms = 1").await;
    refused(
        resolve(&world, &other.secret).await,
        Code::NotFound,
        "API_KEY_NOT_FOUND",
    );
}

fn rotation(key: &ApiKey, overlap_seconds: i32) -> RotateApiKeyRequest {
    RotateApiKeyRequest {
        api_key_id: key.id.clone(),
        overlap_seconds,
        request_id: String::new(),
    }
}

async fn a_rotated_key_works_on_for_the_overlap(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let old = made(&ada, Mode::Test).await;
    let new = ada
        .keys()
        .rotate_api_key(rotation(key(&old), 3600))
        .await
        .unwrap()
        .into_inner();
    let (before, after) = (
        resolve(&world, &old.secret).await.unwrap(),
        resolve(&world, &new.secret).await.unwrap(),
    );
    assert_eq!(
        (before.workspace_id, before.scopes),
        (after.workspace_id, after.scopes)
    );
    assert!(before.expire_time.is_some() && after.expire_time.is_none());
    let answer = ada.keys().rotate_api_key(rotation(key(&old), 3600)).await;
    refused(answer, Code::FailedPrecondition, "API_KEY_ENDED");
    // Without an overlap the old one ends at once.
    let newest = ada
        .keys()
        .rotate_api_key(rotation(key(&new), 0))
        .await
        .unwrap()
        .into_inner();
    refused(
        resolve(&world, &new.secret).await,
        Code::NotFound,
        "API_KEY_NOT_FOUND",
    );
    resolve(&world, &newest.secret).await.unwrap();
}

async fn racers_replace_a_key_once(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let old = made(&ada, Mode::Live).await;
    let racers =
        (0..10).map(|_| async { ada.keys().rotate_api_key(rotation(key(&old), 60)).await });
    let mut won = 0;
    for outcome in futures::future::join_all(racers).await {
        match outcome {
            Ok(_) => won += 1,
            Err(status) => refused(
                Err::<(), _>(status),
                Code::FailedPrecondition,
                "API_KEY_ENDED",
            ),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(world.number("SELECT count(*) FROM api_keys").await, 2);
}

async fn keys_are_paged_and_those_of_others_do_not_exist(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let bob = world.session(&world.register("bob@example.org").await);
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.insert(0, key(&made(&ada, Mode::Test).await).id.clone());
    }
    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListApiKeysRequest {
            page_size: 2,
            page_token,
        };
        let page = ada
            .keys()
            .list_api_keys(request)
            .await
            .unwrap()
            .into_inner();
        listed.extend(page.api_keys.into_iter().map(|key| key.id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, expected);
    let id = expected[0].clone();
    let get = GetApiKeyRequest {
        api_key_id: id.clone(),
    };
    let revoke = RevokeApiKeyRequest {
        api_key_id: id.clone(),
        request_id: String::new(),
    };
    let rotate = RotateApiKeyRequest {
        api_key_id: id,
        ..Default::default()
    };
    for answer in [
        bob.keys().get_api_key(get).await.map(drop),
        bob.keys().revoke_api_key(revoke).await.map(drop),
        bob.keys().rotate_api_key(rotate).await.map(drop),
    ] {
        refused(answer, Code::NotFound, "API_KEY_NOT_FOUND");
    }
    assert_eq!(
        world
            .number("SELECT count(*) FROM api_keys WHERE revoked_at_ms IS NULL")
            .await,
        3
    );
}

async fn a_repeated_key_makes_one_key_and_nothing_is_stored_in_the_clear(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let mut request = creation(Mode::Live);
    request.request_id = "key-1".to_owned();
    let first = ada
        .keys()
        .create_api_key(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = ada
        .keys()
        .create_api_key(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(world.number("SELECT count(*) FROM api_keys").await, 1);
    let sealed =
        "SELECT count(*) FROM idempotency_claims WHERE sealed AND method LIKE '%CreateApiKey'";
    assert_eq!(world.number(sealed).await, 1);
    let printed = format!("{first:?}");
    assert!(!printed.contains(&first.secret), "{printed}");
}

/// 32 bytes, all but the first of them zero.
fn lone(first: u8) -> Vec<u8> {
    let mut bytes = vec![0; 32];
    bytes[0] = first;
    bytes
}

/// The public key of RFC 8037, and its thumbprint there.
const PUBLIC_KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

async fn a_signing_key_goes_to_edges_and_stays_with_its_key(engine: Engine) {
    use base64::Engine as _;
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let public = base64::engine::general_purpose::STANDARD
        .decode(PUBLIC_KEY)
        .unwrap();
    let plain = made(&ada, Mode::Live).await;
    let mut request = creation(Mode::Live);
    request.signing_key = public.clone().into();
    let signing = ada.keys().create_api_key(request).await.unwrap();
    let signing = signing.into_inner();
    assert_eq!(key(&signing).signing_key_id, THUMBPRINT);
    assert_eq!(key(&plain).signing_key_id, "");
    let resolved = resolve(&world, &signing.secret).await.unwrap();
    assert_eq!(resolved.signing_key, public);
    let resolved = resolve(&world, &plain.secret).await.unwrap();
    assert!(resolved.signing_key.is_empty());
    let listed = ada
        .keys()
        .list_api_keys(ListApiKeysRequest::default())
        .await
        .unwrap()
        .into_inner();
    let ids = listed.api_keys.iter().map(|key| &*key.signing_key_id);
    assert_eq!(ids.collect::<Vec<_>>(), [THUMBPRINT, ""]);
    // Who takes a key's place signs as before.
    let rotated = ada.keys().rotate_api_key(rotation(key(&signing), 60)).await;
    let rotated = rotated.unwrap().into_inner();
    assert_eq!(key(&rotated).signing_key_id, THUMBPRINT);
    let resolved = resolve(&world, &rotated.secret).await.unwrap();
    assert_eq!(resolved.signing_key, public);
}

async fn what_a_key_must_have_is_checked(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    type Change = fn(&mut CreateApiKeyRequest);
    let changes: [(Change, &str); 8] = [
        (|r| r.signing_key = vec![7; 31].into(), "signingKey"),
        (|r| r.signing_key = vec![7; 33].into(), "signingKey"),
        // No point of the curve, and one of low order.
        (|r| r.signing_key = lone(2).into(), "signingKey"),
        (|r| r.signing_key = lone(1).into(), "signingKey"),
        (|r| r.scopes = vec!["everything".to_owned()], "scopes"),
        (|r| r.scopes.clear(), "scopes"),
        (|r| r.name = "  ".to_owned(), "name"),
        (
            |r| {
                r.expire_time = Some(Timestamp {
                    seconds: 1,
                    nanos: 0,
                });
            },
            "expireTime",
        ),
    ];
    for (change, field) in changes {
        use tonic_types::StatusExt as _;
        let mut request = creation(Mode::Live);
        change(&mut request);
        let status = ada.keys().create_api_key(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let bad = status.get_details_bad_request().unwrap();
        assert_eq!(bad.field_violations[0].field, field);
    }
    world.an_hour_passes_for_sessions().await;
    let answer = ada.keys().create_api_key(creation(Mode::Live)).await;
    refused(answer, Code::PermissionDenied, "REAUTHENTICATION_REQUIRED");
}

/// An account that is taken over loses every way in; whoever waited meanwhile
/// adds none. PostgreSQL alone: SQLite has one writer at a time.
#[tokio::test]
async fn a_key_is_not_made_for_a_session_that_ends_meanwhile() {
    let world = World::start(Engine::Postgres).await;
    let tokens = world.register("ada@example.org").await;
    let (principal, ada) = (world.principal(&tokens), world.session(&tokens));
    let store = world.store().await;
    let taking_over = store.begin().await.unwrap();
    let user = principal.user_id;
    for sql in [
        format!("SELECT 1 FROM accounts WHERE id = '{user}' FOR UPDATE"),
        format!("UPDATE sessions SET ended_at_ms = 1 WHERE user_id = '{user}'"),
    ] {
        taking_over.execute_unprepared(&sql).await.unwrap();
    }
    let mut keys = ada.keys();
    let config = &world.harness.hosted().config().database;
    let take_over = async {
        covergen_testkit::postgres_until_blocked(&config.url, "auth").await;
        taking_over.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(keys.create_api_key(creation(Mode::Live)), take_over);
    refused(answer, Code::Unauthenticated, "SESSION_ENDED");
    assert_eq!(world.number("SELECT count(*) FROM api_keys").await, 0);
    store.close().await;
}
