use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use covergen_identity::{
    AccessTokens, Caller, InternalTokens, KeySet, Principal, Role, TokenError,
};
use covergen_ids::{Clock, ManualClock, SessionId, UserId, WorkspaceId};
use serde_json::{Value, json};

fn principal(clock: &Clock) -> Principal {
    Principal {
        user_id: UserId::new(clock),
        workspace_id: WorkspaceId::new(clock),
        roles: vec![Role::Creator],
        session_id: Some(SessionId::new(clock)),
        scopes: None,
    }
}

fn access() -> (ManualClock, AccessTokens, Principal) {
    let manual = Clock::manual(1_800_000_000_000);
    let tokens = AccessTokens::new(KeySet::ephemeral(), manual.clock());
    let who = principal(&manual.clock());
    (manual, tokens, who)
}

/// The token with its header or claims changed and its signature left alone.
fn tampered(token: &str, part: usize, change: impl FnOnce(&mut Value)) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let mut value: Value = serde_json::from_slice(&B64.decode(&parts[part]).unwrap()).unwrap();
    change(&mut value);
    parts[part] = B64.encode(value.to_string());
    parts.join(".")
}

#[test]
fn a_token_names_the_principal_it_was_issued_to() {
    let (_, tokens, who) = access();
    let token = tokens.issue(&who).unwrap();
    assert_eq!(tokens.verify(&token), Ok(who));
}

#[test]
fn a_token_ends_after_its_time_and_the_leeway() {
    let (clock, tokens, who) = access();
    let token = tokens.issue(&who).unwrap();
    clock.advance_ms((15 * 60 + 29) * 1000);
    assert!(tokens.verify(&token).is_ok());
    clock.advance_ms(2_000);
    assert_eq!(tokens.verify(&token), Err(TokenError::Expired));
}

#[test]
fn a_token_from_the_future_is_refused_beyond_the_leeway() {
    let (clock, tokens, who) = access();
    let token = tokens.issue(&who).unwrap();
    clock.advance_ms(-31_000);
    assert_eq!(tokens.verify(&token), Err(TokenError::Expired));
}

#[test]
fn a_changed_claim_breaks_the_signature() {
    let (_, tokens, who) = access();
    let token = tokens.issue(&who).unwrap();
    let forged = tampered(&token, 1, |claims| claims["roles"] = json!(["admin"]));
    assert_eq!(tokens.verify(&forged), Err(TokenError::Invalid));
}

#[test]
fn a_header_chooses_neither_algorithm_nor_key() {
    let (_, tokens, who) = access();
    let token = tokens.issue(&who).unwrap();
    for (field, value) in [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("ES256")),
        ("kid", json!("../../keys/0001.pem")),
        ("kid", Value::Null),
        ("typ", json!("JWT")),
    ] {
        let forged = tampered(&token, 0, |header| header[field] = value.clone());
        assert_eq!(
            tokens.verify(&forged),
            Err(TokenError::Invalid),
            "{field} {value}"
        );
    }
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    assert_eq!(tokens.verify(&unsigned), Err(TokenError::Invalid));
}

#[test]
fn a_strangers_key_is_refused() {
    let (clock, tokens, who) = access();
    let stranger = AccessTokens::new(KeySet::ephemeral(), clock.clock());
    let token = stranger.issue(&who).unwrap();
    assert_eq!(tokens.verify(&token), Err(TokenError::Invalid));
}

#[test]
fn one_kind_of_token_never_passes_for_the_other() {
    let manual = Clock::manual(1_800_000_000_000);
    let keys = KeySet::ephemeral();
    let access = AccessTokens::new(keys.clone(), manual.clock());
    let internal = InternalTokens::new(keys, manual.clock());
    let who = principal(&manual.clock());
    let held = access.issue(&who).unwrap();
    let handed = internal.issue("cover", Some(&who)).unwrap();
    assert_eq!(internal.verify(&held), Err(TokenError::Invalid));
    assert_eq!(access.verify(&handed), Err(TokenError::Invalid));
}

#[test]
fn an_internal_token_says_who_calls_and_for_whom() {
    let manual = Clock::manual(1_800_000_000_000);
    let internal = InternalTokens::new(KeySet::ephemeral(), manual.clock());
    let who = principal(&manual.clock());
    let token = internal.issue("cover", Some(&who)).unwrap();
    assert_eq!(
        internal.verify(&token),
        Ok(Caller::Service {
            name: "cover".to_owned(),
            on_behalf_of: Some(who.clone())
        })
    );
    assert_eq!(
        internal.issue("cover", Some(&who)).unwrap(),
        token,
        "used again at once"
    );
    manual.advance_ms(61_000);
    assert_ne!(
        internal.issue("cover", Some(&who)).unwrap(),
        token,
        "renewed in time"
    );
}

#[test]
fn noise_is_refused_without_a_panic() {
    let (_, tokens, _) = access();
    for noise in [
        "",
        ".",
        "..",
        "a.b.c",
        "\u{0}",
        &"x".repeat(100_000),
        "ey.ey.ey",
    ] {
        assert_eq!(tokens.verify(noise), Err(TokenError::Invalid));
    }
}
