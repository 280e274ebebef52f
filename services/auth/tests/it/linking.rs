use axum::Json;
use axum::extract::Query;
use axum::response::Redirect;
use axum::routing::{get, post};
use covergen_proto::auth::v1::{
    ChangePasswordRequest, LinkProviderRequest, ListLinksRequest, ListProvidersRequest,
    StartOAuthRequest, UnlinkProviderRequest,
};
use serde_json::json;
use tonic::Code;
use url::Url;

use crate::browser::Browser;
use crate::oauth::{HOME, answer, finish, with_oidc};
use crate::world::{Engine, Signed, World, refused};

on_both_engines!(
    a_provider_is_linked_once_and_unlinked_unless_it_is_the_last_way_in,
    github_signs_in_by_its_proved_primary_address,
);

async fn link(world: &World, person: &Signed, login: &str) -> String {
    let request = LinkProviderRequest {
        provider: "corp".to_owned(),
        return_to: String::new(),
    };
    let started = person
        .oauth()
        .link_provider(request)
        .await
        .unwrap()
        .into_inner();
    let url: Url = started.authorization_url.parse().unwrap();
    let home = Browser::new().sign_in(&url, login, HOME).await;
    let finished = finish(world, answer(&home, &started.browser_key)).await;
    assert!(finished.access_token.is_empty(), "linking signs nobody in");
    finished.location
}

async fn a_provider_is_linked_once_and_unlinked_unless_it_is_the_last_way_in(engine: Engine) {
    let (world, _peer) = with_oidc(engine).await;
    let providers = world
        .nobody()
        .oauth()
        .list_providers(ListProvidersRequest {})
        .await
        .unwrap();
    let providers = providers.into_inner().providers;
    assert_eq!(
        (providers[0].id.as_str(), providers[0].name.as_str()),
        ("corp", "Corp")
    );
    let ada = world.session(&world.register("ada@example.org").await);
    let bob = world.session(&world.register("bob@example.org").await);
    // Whose address it is does not matter: the person at the keyboard decides.
    assert_eq!(link(&world, &ada, "unproved@example.org").await, "/account");
    assert_eq!(
        link(&world, &bob, "unproved@example.org").await,
        "/account?oauthError=LINK_TAKEN"
    );
    assert_eq!(
        link(&world, &ada, "second@example.org").await,
        "/account?oauthError=LINK_TAKEN"
    );
    let list = async |person: &Signed| {
        let links = person
            .oauth()
            .list_links(ListLinksRequest {})
            .await
            .unwrap();
        links.into_inner().links
    };
    assert_eq!(list(&ada).await[0].email, "unproved@example.org");
    assert!(list(&bob).await.is_empty());

    let unlink = UnlinkProviderRequest {
        provider: "corp".to_owned(),
        request_id: String::new(),
    };
    let answer = bob.oauth().unlink_provider(unlink.clone()).await;
    refused(answer, Code::NotFound, "LINK_NOT_FOUND");
    world.change("UPDATE accounts SET password_hash = ''").await;
    let answer = ada.oauth().unlink_provider(unlink.clone()).await;
    refused(answer, Code::FailedPrecondition, "LAST_WAY_IN");
    let first = ChangePasswordRequest {
        new_password: "a first passphrase".to_owned(),
        ..Default::default()
    };
    ada.auth().change_password(first).await.unwrap();
    ada.oauth().unlink_provider(unlink).await.unwrap();
    assert!(list(&ada).await.is_empty());
    world
        .login("ada@example.org", "a first passphrase")
        .await
        .unwrap();
}

/// The three addresses of GitHub that a sign-in uses. GitHub itself cannot be
/// run here; the shapes are those of its documentation.
async fn github(verified: bool) -> String {
    #[derive(serde::Deserialize)]
    struct Asked {
        redirect_uri: String,
        state: String,
    }
    let app = axum::Router::new()
        .route(
            "/login/oauth/authorize",
            get(|Query(asked): Query<Asked>| async move {
                Redirect::to(&format!("{}?code=gh&state={}", asked.redirect_uri, asked.state))
            }),
        )
        .route(
            "/login/oauth/access_token",
            post(|body: String| async move {
                // Errors come with status 200.
                let proved = body.contains("code=gh&") && body.contains("code_verifier=");
                Json(match proved && body.contains("client_secret=shh") {
                    true => json!({ "access_token": "gho_x", "token_type": "bearer", "scope": "" }),
                    false => json!({ "error": "bad_verification_code" }),
                })
            }),
        )
        .route(
            "/user",
            get(|headers: http::HeaderMap| async move {
                assert_eq!(headers["authorization"], "Bearer gho_x");
                Json(json!({ "id": 583_231, "login": "octocat", "name": null, "email": "typed@example.org" }))
            }),
        )
        .route(
            "/user/emails",
            get(move || async move {
                Json(json!([
                    { "email": "other@example.org", "primary": false, "verified": true, "visibility": null },
                    { "email": "ada@example.org", "primary": true, "verified": verified, "visibility": "private" },
                ]))
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn github_signs_in_by_its_proved_primary_address(engine: Engine) {
    for verified in [false, true] {
        let address = github(verified).await;
        let settings = format!(
            "providers = {{ github = {{ kind = 'github', client_id = 'covergen', client_secret = 'shh', base_url = '{address}', api_url = '{address}' }} }}"
        );
        let world = World::with(engine, &settings).await;
        let request = StartOAuthRequest {
            provider: "github".to_owned(),
            return_to: String::new(),
        };
        let started = world
            .nobody()
            .oauth()
            .start_o_auth(request)
            .await
            .unwrap()
            .into_inner();
        let url: Url = started.authorization_url.parse().unwrap();
        assert!(
            url.query_pairs()
                .any(|(key, value)| key == "scope" && value == "read:user user:email")
        );
        let home = "http://127.0.0.1:8080/api/v1/auth/oauth/github/callback";
        let home = Browser::new().sign_in(&url, "", home).await;
        let mut request = answer(&home, &started.browser_key);
        request.provider = "github".to_owned();
        let finished = finish(&world, request).await;
        if verified {
            assert_eq!(finished.location, "/");
            let named = "SELECT count(*) FROM accounts WHERE email = 'ada@example.org' AND display_name = 'octocat'";
            assert_eq!(world.number(named).await, 1);
        } else {
            assert_eq!(
                finished.location,
                "/sign-in?oauthError=OAUTH_EMAIL_UNVERIFIED"
            );
        }
    }
}
