use covergen_identity::{KeySet, Role};
use covergen_proto::auth::v1::{
    CreateUserRequest, GetIdentityRequest, GetJwksRequest, IssueTokenRequest, ListSessionsRequest,
};
use tonic::Code;

use crate::world::{Client, Engine, PASSWORD, World, refused};

on_both_engines!(
    internal_rpcs_refuse_people_and_strangers,
    what_user_and_the_operator_ask_is_answered,
    the_published_keys_verify_a_token,
);

fn creation() -> CreateUserRequest {
    CreateUserRequest {
        email: "eve@example.org".to_owned(),
        password: PASSWORD.to_owned(),
        display_name: "Eve".to_owned(),
        role: "admin".to_owned(),
        request_id: String::new(),
    }
}

fn issue(email: &str) -> IssueTokenRequest {
    IssueTokenRequest {
        email: email.to_owned(),
    }
}

async fn internal_rpcs_refuse_people_and_strangers(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.register("ada@example.org").await;
    let about_ada = GetIdentityRequest {
        user_id: world.principal(&ada).user_id.to_string(),
    };
    let callers: [(Client, Code); 4] = [
        (world.anybody(), Code::Unauthenticated),
        (world.bearer(&ada.access_token), Code::PermissionDenied),
        (world.person(&world.principal(&ada)), Code::PermissionDenied),
        (world.service("export"), Code::PermissionDenied),
    ];
    for (mut caller, code) in callers {
        let reason = match code {
            Code::Unauthenticated => "UNAUTHENTICATED",
            _ => "PERMISSION_DENIED",
        };
        refused(caller.get_identity(about_ada.clone()).await, code, reason);
        refused(
            caller.issue_token(issue("ada@example.org")).await,
            code,
            reason,
        );
        refused(caller.create_user(creation()).await, code, reason);
    }
    assert_eq!(world.number("SELECT count(*) FROM accounts").await, 1);
    // An admin may open accounts, and even they get no token for another.
    let mut admin = world.person(&world.harness.person(Role::Admin));
    admin.create_user(creation()).await.unwrap();
    let answer = admin.issue_token(issue("ada@example.org")).await;
    refused(answer, Code::PermissionDenied, "PERMISSION_DENIED");
}

async fn what_user_and_the_operator_ask_is_answered(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.register("ada@example.org").await;
    let principal = world.principal(&ada);
    let request = GetIdentityRequest {
        user_id: principal.user_id.to_string(),
    };
    let known = world
        .service("user")
        .get_identity(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(known.workspace_id, principal.workspace_id.to_string());
    assert_eq!(
        (known.email.as_str(), known.display_name.as_str()),
        ("ada@example.org", "Ada")
    );
    assert_eq!(known.roles, vec!["creator"]);
    let unknown = GetIdentityRequest {
        user_id: world.harness.creator().user_id.to_string(),
    };
    let answer = world.service("user").get_identity(unknown).await;
    refused(answer, Code::NotFound, "ACCOUNT_NOT_FOUND");
    let issued = world
        .service("admin")
        .issue_token(issue("ADA@example.org"))
        .await
        .unwrap();
    let mut calling = world.bearer(&issued.into_inner().access_token);
    let page = calling
        .list_sessions(ListSessionsRequest::default())
        .await
        .unwrap();
    assert!(
        !page
            .into_inner()
            .sessions
            .iter()
            .any(|session| session.current)
    );
}

async fn the_published_keys_verify_a_token(engine: Engine) {
    let world = World::start(engine).await;
    let tokens = world.register("ada@example.org").await;
    let keys = world
        .anybody()
        .get_jwks(GetJwksRequest {})
        .await
        .unwrap()
        .into_inner()
        .keys;
    let published = keys.iter().map(|key| {
        serde_json::from_value(serde_json::json!({
            "kty": key.kty, "crv": key.crv, "x": key.x, "kid": key.kid, "alg": key.alg, "use": key.r#use,
        }))
        .unwrap()
    });
    // A verifier that knows nothing but what was published.
    let set = jsonwebtoken::jwk::JwkSet {
        keys: published.collect(),
    };
    let header = jsonwebtoken::decode_header(&tokens.access_token).unwrap();
    let key = set.find(header.kid.as_deref().unwrap()).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    rules.validate_aud = false;
    let verify = |token: &str| {
        let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
        jsonwebtoken::decode::<serde_json::Value>(token, &key, &rules)
    };
    let claims = verify(&tokens.access_token).unwrap().claims;
    assert_eq!(claims["sub"], world.principal(&tokens).user_id.to_string());
    let forger =
        covergen_identity::AccessTokens::new(KeySet::ephemeral(), world.harness.clock().clone());
    let forged = forger.issue(&world.principal(&tokens)).unwrap();
    assert!(verify(&forged).is_err());
    let answer = world
        .bearer(&forged)
        .list_sessions(ListSessionsRequest::default())
        .await;
    refused(answer, Code::Unauthenticated, "TOKEN_INVALID");
}
