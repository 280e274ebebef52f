//! What is refused, and leaves nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Method, StatusCode};
use serde_json::json;
use sha2::Sha256;
use tempfile::tempdir;

use super::{Request, Says, World, refused};
use crate::api::{client, read, register};
use crate::platform::Platform;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_signs_is_good_for_signed_requests_alone() {
    let world = World::start().await;
    let before = world.tables().await;
    let asked = world.asked();
    let unsigned = asked.unsigned().send().await.unwrap();
    refused("unsigned", unsigned, 401, "SIGNATURE_REQUIRED").await;
    for target in [
        "/v1/covers",
        "/v1/graphql?query=%7B__typename%7D",
        "/v1/templates",
        "/openapi.json",
    ] {
        let answer = world.got(target).unsigned().send().await.unwrap();
        refused(target, answer, 401, "SIGNATURE_REQUIRED").await;
    }
    // The other doors of the platform are no way around.
    let (web, mobile) = (&world.platform.web, &world.platform.mobile);
    for url in [
        format!("{web}/api/v1/covers"),
        format!("{mobile}/m/v1/covers"),
    ] {
        let bearer = client().get(&url).bearer_auth(&asked.key.secret);
        let answer = bearer.send().await.unwrap();
        refused(&url, answer, 401, "SIGNATURE_REQUIRED").await;
    }
    assert_eq!(world.tables().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_after_it_was_signed_is_refused_and_leaves_nothing() {
    let world = World::start().await;
    let before = world.tables().await;
    let asked = world.asked();
    let other = |change: fn(&mut Request<'_>)| {
        let mut other = asked.clone();
        change(&mut other);
        other
    };
    let forge = |body: String| body.replace("Signed", "Forged");
    let mut forged = asked.clone();
    forged.body = forged.body.map(forge);
    let headers = asked.signed_headers(&asked.says());
    let answer = forged.send_with(&headers).await;
    refused("body", answer, 400, "DIGEST_MISMATCH").await;
    for (what, changed) in [
        (
            "query",
            other(|it| it.target = it.target.replace("taskId", "status")),
        ),
        (
            "path",
            other(|it| it.target = it.target.replace("generate", "preview")),
        ),
        ("method", other(|it| it.method = Method::PUT)),
        (
            "key",
            other(|it| it.key.private = SigningKey::from_bytes(&[8; 32])),
        ),
    ] {
        let headers = match what {
            "key" => changed.signed_headers(&changed.says()),
            _ => asked.signed_headers(&asked.says()),
        };
        let answer = changed.send_with(&headers).await;
        refused(what, answer, 401, "SIGNATURE_INVALID").await;
    }
    assert_eq!(world.tables().await, before);
    // Nothing but the change was wrong.
    assert_eq!(asked.send().await.status(), StatusCode::ACCEPTED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_that_says_something_else_is_refused_and_leaves_nothing() {
    let world = World::start().await;
    let before = world.tables().await;
    let asked = world.asked();
    let says = |change: fn(&mut Says)| {
        let mut says = asked.says();
        change(&mut says);
        asked.signed_headers(&says)
    };
    // The public key is no secret, so a code made with it proves nothing.
    let by_hmac = |algorithm: &'static str| {
        let says = Says {
            algorithm,
            ..asked.says()
        };
        asked.headers(&says, |base| {
            let public = asked.key.private.verifying_key();
            let mut mac = Hmac::<Sha256>::new_from_slice(public.as_bytes()).unwrap();
            mac.update(base);
            mac.finalize().into_bytes().to_vec()
        })
    };
    let (expired, invalid) = ("SIGNATURE_EXPIRED", "SIGNATURE_INVALID");
    for (what, headers, reason) in [
        ("old", says(|it| it.created -= 301), expired),
        ("early", says(|it| it.created += 400), expired),
        (
            "key id",
            says(|it| it.key_id = "key_other".to_owned()),
            invalid,
        ),
        (
            "algorithm",
            says(|it| it.algorithm = "hmac-sha256"),
            invalid,
        ),
        ("nonce", says(|it| it.nonce.clear()), invalid),
        ("code", by_hmac("hmac-sha256"), invalid),
        ("code in disguise", by_hmac("ed25519"), invalid),
    ] {
        let answer = asked.send_with(&headers).await;
        refused(what, answer, 401, reason).await;
    }
    assert_eq!(world.tables().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_key_that_proves_nothing_is_named() {
    let folder = tempdir().unwrap();
    let platform = Platform::start(&folder).await;
    let ada = register(&platform, "ada").await;
    for wrong in [vec![7_u8; 31], vec![0; 32], [vec![1], vec![0; 31]].concat()] {
        let body = json!({
            "name": "Shop",
            "scopes": ["covers:read"],
            "signingKey": STANDARD.encode(wrong),
        });
        let answer = ada.post("/auth/api-keys", &body).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let problem = read(answer).await;
        assert_eq!(problem["violations"][0]["field"], "signingKey", "{problem}");
    }
}
