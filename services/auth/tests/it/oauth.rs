use std::collections::HashMap;

use covergen_proto::auth::v1::{
    CreateApiKeyRequest, FinishOAuthRequest, GetAccountRequest, OAuthFinish, ResolveApiKeyRequest,
    StartOAuthRequest, VerifyEmailRequest, VerifyMfaRequest,
};
use serde_json::json;
use tonic::Code;
use url::Url;

use crate::browser::Browser;
use crate::mfa::enrolled;
use crate::peers::Peer;
use crate::world::{Engine, PASSWORD, World, refused};

on_both_engines!(
    somebody_new_signs_in_by_a_provider_and_comes_back,
    an_answer_works_once_in_the_browser_that_asked,
    an_address_the_provider_has_not_proved_opens_nothing,
    a_squatter_loses_every_way_in_before_the_owner_is_let_in,
    a_proved_account_is_linked_and_keeps_its_password,
    a_second_factor_is_asked_for_after_a_provider,
    an_id_token_that_is_not_for_this_sign_in_is_refused,
    a_provider_that_is_away_or_unknown_is_told,
);

pub(crate) const HOME: &str = "http://127.0.0.1:8080/api/v1/auth/oauth/corp/callback";

/// Auth with one provider, and the provider's peer.
pub(crate) async fn with_oidc(engine: Engine) -> (World, Peer) {
    with_peer(engine, &["oidc", HOME]).await
}

async fn with_peer(engine: Engine, peer: &[&str]) -> (World, Peer) {
    let mut peer = Peer::start(peer);
    let issuer = peer.hear().await["issuer"].as_str().unwrap().to_owned();
    let secret = "not a secret: a test's";
    let settings = format!(
        "providers = {{ corp = {{ kind = 'oidc', name = 'Corp', issuer = '{issuer}', client_id = 'covergen', client_secret = \"{secret}\" }} }}"
    );
    (World::with(engine, &settings).await, peer)
}

pub(crate) struct Way {
    pub(crate) url: Url,
    pub(crate) browser_key: String,
}

pub(crate) async fn start(world: &World, return_to: &str) -> Way {
    let request = StartOAuthRequest {
        provider: "corp".to_owned(),
        return_to: return_to.to_owned(),
    };
    let started = world
        .nobody()
        .oauth()
        .start_o_auth(request)
        .await
        .unwrap()
        .into_inner();
    Way {
        url: started.authorization_url.parse().unwrap(),
        browser_key: started.browser_key,
    }
}

/// What the web BFF makes of the address a browser comes home to.
pub(crate) fn answer(home: &Url, browser_key: &str) -> FinishOAuthRequest {
    let mut query: HashMap<String, String> = home.query_pairs().into_owned().collect();
    let mut take = |name: &str| query.remove(name).unwrap_or_default();
    FinishOAuthRequest {
        provider: "corp".to_owned(),
        code: take("code"),
        state: take("state"),
        iss: take("iss"),
        error: take("error"),
        browser_key: browser_key.to_owned(),
        ..Default::default()
    }
}

pub(crate) async fn finish(world: &World, request: FinishOAuthRequest) -> OAuthFinish {
    world
        .nobody()
        .oauth()
        .finish_o_auth(request)
        .await
        .unwrap()
        .into_inner()
}

async fn sign_in(world: &World, login: &str) -> OAuthFinish {
    let way = start(world, "/library").await;
    let home = Browser::new().sign_in(&way.url, login, HOME).await;
    finish(world, answer(&home, &way.browser_key)).await
}

fn failed(finished: &OAuthFinish, reason: &str) {
    assert_eq!(finished.location, format!("/sign-in?oauthError={reason}"));
    assert!(finished.access_token.is_empty() && finished.refresh_token.is_empty());
}

async fn accounts(world: &World) -> i64 {
    world.number("SELECT count(*) FROM accounts").await
}

async fn somebody_new_signs_in_by_a_provider_and_comes_back(engine: Engine) {
    let (world, _peer) = with_oidc(engine).await;
    let way = start(&world, "/library").await;
    let query: HashMap<_, _> = way.url.query_pairs().into_owned().collect();
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["redirect_uri"], HOME);
    assert_eq!((query["state"].len(), query["nonce"].len()), (43, 43));
    let home = Browser::new()
        .sign_in(&way.url, "ada@example.org", HOME)
        .await;
    let request = answer(&home, &way.browser_key);
    assert!(!request.iss.is_empty(), "the peer names itself (RFC 9207)");
    let finished = finish(&world, request).await;
    assert_eq!(finished.location, "/library");
    let access = &world.harness.hosted().identity().access;
    let principal = access.verify(&finished.access_token).unwrap();
    let ada = world.of(&principal);
    let account = ada
        .auth()
        .get_account(GetAccountRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(account.email, "ada@example.org");
    assert_eq!(account.display_name, "Ada Lovelace");
    assert!(account.email_verified && !account.has_password);
    assert_eq!(account.providers, ["corp"]);
    world.refresh(&finished.refresh_token).await.unwrap();
    // An account without a password is not entered by one, not even by none.
    refused(
        world.login("ada@example.org", "any").await,
        Code::Unauthenticated,
        "INVALID_CREDENTIALS",
    );

    let again = sign_in(&world, "ada@example.org").await;
    assert_eq!(
        access.verify(&again.access_token).unwrap().user_id,
        principal.user_id
    );
    assert_eq!(accounts(&world).await, 1);
    let signed_in = "SELECT count(*) FROM sessions WHERE method = 'oauth'";
    assert_eq!(world.number(signed_in).await, 2);
}

async fn an_answer_works_once_in_the_browser_that_asked(engine: Engine) {
    let (world, _peer) = with_oidc(engine).await;
    let way = start(&world, "https://evil.example/").await;
    let home = Browser::new()
        .sign_in(&way.url, "ada@example.org", HOME)
        .await;
    let right = answer(&home, &way.browser_key);
    let other = start(&world, "").await;
    type Wrong<'a> = Box<dyn Fn(&mut FinishOAuthRequest) + 'a>;
    let strangers: [Wrong<'_>; 4] = [
        Box::new(|r| r.browser_key.clear()),
        Box::new(|r| r.browser_key.clone_from(&other.browser_key)),
        Box::new(|r| r.state.clear()),
        Box::new(|r| r.state = "x".repeat(43)),
    ];
    for make_wrong in strangers {
        let mut request = right.clone();
        make_wrong(&mut request);
        failed(&finish(&world, request).await, "OAUTH_STATE_INVALID");
    }
    let done = finish(&world, right.clone()).await;
    assert_eq!(done.location, "/", "only pages of our own are come back to");
    assert!(!done.access_token.is_empty());
    failed(&finish(&world, right).await, "OAUTH_STATE_INVALID");

    // Whoever answers in the provider's place, or leaves its name out.
    for iss in ["https://evil.example", ""] {
        let way = start(&world, "").await;
        let home = Browser::new()
            .sign_in(&way.url, "ada@example.org", HOME)
            .await;
        let mut request = answer(&home, &way.browser_key);
        request.iss = iss.to_owned();
        failed(&finish(&world, request).await, "PROVIDER_REFUSED");
    }
    // A code that was not given for this browser's verifier.
    let way = start(&world, "").await;
    let theirs = Browser::new()
        .sign_in(&way.url, "eve@example.org", HOME)
        .await;
    let mine = start(&world, "").await;
    let state = mine
        .url
        .query_pairs()
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned();
    let mut injected = answer(&theirs, &mine.browser_key);
    injected.state = state;
    failed(&finish(&world, injected).await, "PROVIDER_REFUSED");
    // No is an answer.
    let way = start(&world, "").await;
    let state = way
        .url
        .query_pairs()
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned();
    let denied = FinishOAuthRequest {
        provider: "corp".to_owned(),
        state,
        error: "access_denied".to_owned(),
        browser_key: way.browser_key,
        ..Default::default()
    };
    failed(&finish(&world, denied).await, "OAUTH_DENIED");
    let late = start(&world, "").await;
    world
        .change("UPDATE oauth_flows SET expires_at_ms = 1")
        .await;
    let home = Browser::new()
        .sign_in(&late.url, "ada@example.org", HOME)
        .await;
    failed(
        &finish(&world, answer(&home, &late.browser_key)).await,
        "OAUTH_STATE_INVALID",
    );
}

async fn an_address_the_provider_has_not_proved_opens_nothing(engine: Engine) {
    let (world, _peer) = with_oidc(engine).await;
    failed(
        &sign_in(&world, "unproved@example.org").await,
        "OAUTH_EMAIL_UNVERIFIED",
    );
    assert_eq!(accounts(&world).await, 0);
    // Nor does it get at an account of that address.
    world.register("unproved@example.org").await;
    failed(
        &sign_in(&world, "unproved@example.org").await,
        "OAUTH_EMAIL_UNVERIFIED",
    );
    assert_eq!(world.number("SELECT count(*) FROM provider_links").await, 0);
    world.login("unproved@example.org", PASSWORD).await.unwrap();
}

async fn a_squatter_loses_every_way_in_before_the_owner_is_let_in(engine: Engine) {
    let (world, _peer) = with_oidc(engine).await;
    let tokens = world.register("ada@example.org").await;
    let squatter = world.session(&tokens);
    crate::passkeys::registered(&squatter).await;
    enrolled(&squatter).await;
    let request = CreateApiKeyRequest {
        name: "back door".to_owned(),
        scopes: vec!["covers:read".to_owned()],
        ..Default::default()
    };
    let key = squatter
        .keys()
        .create_api_key(request)
        .await
        .unwrap()
        .into_inner();
    let finished = sign_in(&world, "ada@example.org").await;
    assert_eq!(
        finished.location, "/library",
        "the squatter's second factor is gone, too"
    );
    let principal = world
        .harness
        .hosted()
        .identity()
        .access
        .verify(&finished.access_token)
        .unwrap();
    assert_eq!(principal.user_id, world.principal(&tokens).user_id);
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
    for table in ["passkeys", "totp_secrets", "recovery_codes"] {
        assert_eq!(
            world.number(&format!("SELECT count(*) FROM {table}")).await,
            0,
            "{table}"
        );
    }
    let hash = covergen_identity::ApiKeySecret::parse(&key.secret)
        .unwrap()
        .hash();
    let request = ResolveApiKeyRequest {
        secret_hash: hash.to_vec().into(),
    };
    let resolved = world.by("bff-web").keys().resolve_api_key(request).await;
    refused(resolved, Code::NotFound, "API_KEY_NOT_FOUND");
}

async fn a_proved_account_is_linked_and_keeps_its_password(engine: Engine) {
    let (world, _peer) = with_oidc(engine).await;
    let tokens = world.register("ada@example.org").await;
    let token = world
        .mailed_token("ada@example.org", "/verify-email", 1)
        .await;
    let request = VerifyEmailRequest {
        token,
        request_id: String::new(),
    };
    world.anybody().verify_email(request).await.unwrap();
    let finished = sign_in(&world, "ada@example.org").await;
    let principal = world
        .harness
        .hosted()
        .identity()
        .access
        .verify(&finished.access_token)
        .unwrap();
    assert_eq!(principal.user_id, world.principal(&tokens).user_id);
    world.login("ada@example.org", PASSWORD).await.unwrap();
    world.refresh(&tokens.refresh_token).await.unwrap();
}

async fn a_second_factor_is_asked_for_after_a_provider(engine: Engine) {
    let (world, _peer) = with_oidc(engine).await;
    let finished = sign_in(&world, "ada@example.org").await;
    let principal = world
        .harness
        .hosted()
        .identity()
        .access
        .verify(&finished.access_token)
        .unwrap();
    let (app, _) = enrolled(&world.of(&principal)).await;
    let finished = sign_in(&world, "ada@example.org").await;
    assert!(finished.access_token.is_empty());
    let rest = finished
        .location
        .strip_prefix("/sign-in#mfaToken=")
        .unwrap();
    let token = rest.strip_suffix("&mfaMethods=totp,recovery_code").unwrap();
    let request = VerifyMfaRequest {
        mfa_token: token.to_owned(),
        code: app.code(1),
    };
    world.nobody().mfa().verify_mfa(request).await.unwrap();
}

async fn an_id_token_that_is_not_for_this_sign_in_is_refused(engine: Engine) {
    let (world, mut peer) = with_peer(engine, &["mock"]).await;
    world.register("ada@example.org").await;
    let own = |verified: bool| json!({ "sub": "1", "email": "ada@example.org", "email_verified": verified, "name": "Ada" });
    let with = |claims: serde_json::Value| {
        let mut all = own(true);
        all.as_object_mut()
            .unwrap()
            .extend(claims.as_object().unwrap().clone());
        all
    };
    for (claims, reason) in [
        (own(false), "OAUTH_EMAIL_UNVERIFIED"),
        (with(json!({ "nonce": "of another" })), "PROVIDER_REFUSED"),
        (with(json!({ "aud": "another client" })), "PROVIDER_REFUSED"),
        (
            with(json!({ "iss": "https://evil.example" })),
            "PROVIDER_REFUSED",
        ),
        (with(json!({ "exp": 1_000_000_000 })), "PROVIDER_REFUSED"),
        (with(json!({ "iat": 1_000_000_000 })), "PROVIDER_REFUSED"),
        (with(json!({ "azp": "another client" })), "PROVIDER_REFUSED"),
    ] {
        peer.tell(&claims).await;
        peer.hear().await;
        failed(&sign_in(&world, "any").await, reason);
    }
    assert_eq!(world.number("SELECT count(*) FROM provider_links").await, 0);
    peer.tell(&own(true)).await;
    peer.hear().await;
    assert_eq!(sign_in(&world, "any").await.location, "/library");
}

async fn a_provider_that_is_away_or_unknown_is_told(engine: Engine) {
    let (world, peer) = with_oidc(engine).await;
    drop(peer);
    let request = |provider: &str| StartOAuthRequest {
        provider: provider.to_owned(),
        return_to: String::new(),
    };
    crate::world::eventually("the provider is gone", async || {
        let started = world
            .nobody()
            .oauth()
            .start_o_auth(request("corp"))
            .await
            .unwrap();
        let started = started.into_inner();
        started.authorization_url == "/sign-in?oauthError=PROVIDER_UNAVAILABLE"
            && started.browser_key.is_empty()
    })
    .await;
    let answer = world.nobody().oauth().start_o_auth(request("nobody")).await;
    refused(answer, Code::NotFound, "PROVIDER_NOT_FOUND");
}
