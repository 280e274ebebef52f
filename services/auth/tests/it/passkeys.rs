use covergen_proto::auth::v1::{
    AuthTokens, DeletePasskeyRequest, FinishPasskeyLoginRequest, FinishPasskeyRegistrationRequest,
    ListPasskeysRequest, Passkey, RenamePasskeyRequest, StartPasskeyLoginRequest,
    StartPasskeyRegistrationRequest,
};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::authenticator::{Authenticator, ORIGIN, to_json, to_struct};
use crate::mfa::enrolled;
use crate::peers::Peer;
use crate::world::{Engine, PASSWORD, Signed, World, refused};

on_both_engines!(
    a_passkey_signs_in_and_another_verifier_agrees,
    a_challenge_works_once_and_for_whom_it_was_given,
    what_is_not_of_this_page_or_person_is_refused,
    a_counter_that_goes_back_is_refused,
    a_passkey_needs_no_password_and_no_second_factor,
    passkeys_are_listed_renamed_and_removed,
    garbage_is_a_clear_refusal,
);

async fn creation_options(person: &Signed) -> Value {
    let request = StartPasskeyRegistrationRequest {};
    let started = person.passkeys().start_passkey_registration(request).await;
    to_json(started.unwrap().into_inner().options)
}

async fn request_options(world: &World) -> Value {
    let request = StartPasskeyLoginRequest {};
    let started = world.nobody().passkeys().start_passkey_login(request).await;
    to_json(started.unwrap().into_inner().options)
}

async fn keep(person: &Signed, credential: &Value, name: &str) -> Result<Passkey, Status> {
    let request = FinishPasskeyRegistrationRequest {
        credential: to_struct(credential),
        name: name.to_owned(),
        request_id: String::new(),
    };
    let kept = person
        .passkeys()
        .finish_passkey_registration(request)
        .await?;
    Ok(kept.into_inner())
}

pub(crate) async fn registered(person: &Signed) -> Authenticator {
    let mut authenticator = Authenticator::es256();
    let credential = authenticator.create(&creation_options(person).await);
    keep(person, &credential, "").await.unwrap();
    authenticator
}

async fn sign_in(world: &World, credential: &Value) -> Result<AuthTokens, Status> {
    let request = FinishPasskeyLoginRequest {
        credential: to_struct(credential),
    };
    let signed_in = world
        .nobody()
        .passkeys()
        .finish_passkey_login(request)
        .await;
    Ok(signed_in?.into_inner())
}

async fn a_passkey_signs_in_and_another_verifier_agrees(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    for mut authenticator in [Authenticator::es256(), Authenticator::ed25519()] {
        let creation = creation_options(&ada).await;
        assert_eq!(creation["rp"]["id"], "localhost");
        assert_eq!(
            creation["authenticatorSelection"]["userVerification"],
            "required"
        );
        let new = authenticator.create(&creation);
        let kept = keep(&ada, &new, " Phone ").await.unwrap();
        assert_eq!((kept.name.as_str(), kept.transports.len()), ("Phone", 2));
        let twice = keep(
            &ada,
            &authenticator.create(&creation_options(&ada).await),
            "",
        )
        .await;
        refused(twice, Code::AlreadyExists, "PASSKEY_EXISTS");

        authenticator.sign_count += 1;
        let request = request_options(&world).await;
        let assertion = authenticator.get(&request);
        let tokens = sign_in(&world, &assertion).await.unwrap();
        assert_eq!(tokens.user.as_ref().unwrap().email, "ada@example.org");
        let session = world.principal(&tokens).session_id.unwrap();
        let by_passkey =
            format!("SELECT count(*) FROM sessions WHERE id = '{session}' AND method = 'passkey'");
        assert_eq!(world.number(&by_passkey).await, 1);

        let ceremonies = json!({
            "origin": ORIGIN,
            "rpId": "localhost",
            "registration": { "response": new, "expectedChallenge": creation["challenge"] },
            "authentication": { "response": assertion, "expectedChallenge": request["challenge"] },
        });
        let verdict = Peer::start(&["webauthn"]).judge(&ceremonies).await;
        assert_eq!(
            verdict,
            json!({ "registered": true, "authenticated": true })
        );
    }
    let excluded = creation_options(&ada).await["excludeCredentials"].clone();
    assert_eq!(excluded.as_array().unwrap().len(), 2);
}

async fn a_challenge_works_once_and_for_whom_it_was_given(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let bob = world.session(&world.register("bob@example.org").await);
    let options = creation_options(&ada).await;
    let credential = Authenticator::es256().create(&options);
    let answer = keep(&bob, &credential, "").await;
    refused(answer, Code::InvalidArgument, "PASSKEY_INVALID");
    keep(&ada, &credential, "").await.unwrap();
    let answer = keep(&ada, &Authenticator::es256().create(&options), "").await;
    refused(answer, Code::InvalidArgument, "PASSKEY_INVALID");

    let mut authenticator = registered(&ada).await;
    // A challenge of one ceremony is none of the other.
    let answer = sign_in(&world, &authenticator.get(&creation_options(&ada).await)).await;
    refused(answer, Code::Unauthenticated, "PASSKEY_REFUSED");
    let request = request_options(&world).await;
    let assertion = authenticator.get(&request);
    let racers = (0..20).map(|_| sign_in(&world, &assertion));
    let outcomes = futures::future::join_all(racers).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    world
        .change("UPDATE passkey_challenges SET expires_at_ms = 1")
        .await;
    let late = request_options(&world).await;
    world
        .change("UPDATE passkey_challenges SET expires_at_ms = 1")
        .await;
    let answer = sign_in(&world, &authenticator.get(&late)).await;
    refused(answer, Code::Unauthenticated, "PASSKEY_REFUSED");
}

async fn what_is_not_of_this_page_or_person_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let bob = world.session(&world.register("bob@example.org").await);
    let others = registered(&bob).await.user_handle;
    type Wrong<'a> = (&'a str, Box<dyn Fn(&mut Authenticator) + 'a>);
    let wrongs: [Wrong<'_>; 4] = [
        (
            "another page",
            Box::new(|a| a.origin = "https://evil.example".to_owned()),
        ),
        (
            "another site",
            Box::new(|a| a.rp_id = "evil.example".to_owned()),
        ),
        ("nobody verified", Box::new(|a| a.flags = 0b001)),
        ("backed up without leave", Box::new(|a| a.flags = 0b1_0101)),
    ];
    for (what, make_wrong) in &wrongs {
        let mut wrong = Authenticator::es256();
        make_wrong(&mut wrong);
        let answer = keep(&ada, &wrong.create(&creation_options(&ada).await), "").await;
        assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument, "{what}");
        let mut right = registered(&ada).await;
        make_wrong(&mut right);
        let answer = sign_in(&world, &right.get(&request_options(&world).await)).await;
        refused(answer, Code::Unauthenticated, "PASSKEY_REFUSED");
    }
    // Somebody else's handle, another's key, a changed signature, a stranger.
    let mut passkey = registered(&ada).await;
    passkey.user_handle = others;
    let answer = sign_in(&world, &passkey.get(&request_options(&world).await)).await;
    refused(answer, Code::Unauthenticated, "PASSKEY_REFUSED");
    let known = registered(&ada).await;
    let mut forger = Authenticator::es256();
    forger.credential_id.clone_from(&known.credential_id);
    forger.user_handle.clone_from(&known.user_handle);
    let answer = sign_in(&world, &forger.get(&request_options(&world).await)).await;
    refused(answer, Code::Unauthenticated, "PASSKEY_REFUSED");
    let mut stranger = Authenticator::es256();
    stranger.user_handle.clone_from(&known.user_handle);
    let answer = sign_in(&world, &stranger.get(&request_options(&world).await)).await;
    refused(answer, Code::Unauthenticated, "PASSKEY_REFUSED");
}

async fn a_counter_that_goes_back_is_refused(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let mut counting = registered(&ada).await;
    for (count, let_in) in [(5, true), (5, false), (4, false), (0, false), (6, true)] {
        counting.sign_count = count;
        let answer = sign_in(&world, &counting.get(&request_options(&world).await)).await;
        assert_eq!(answer.is_ok(), let_in, "{count}");
    }
    // One that is carried between devices does not count at all.
    let mut synced = registered(&ada).await;
    for _ in 0..2 {
        sign_in(&world, &synced.get(&request_options(&world).await))
            .await
            .unwrap();
    }
}

async fn a_passkey_needs_no_password_and_no_second_factor(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let mut passkey = registered(&ada).await;
    enrolled(&ada).await;
    for _ in 0..12 {
        world
            .login("ada@example.org", "not the password")
            .await
            .unwrap_err();
    }
    let locked = world.login("ada@example.org", PASSWORD).await;
    refused(locked, Code::Unauthenticated, "INVALID_CREDENTIALS");
    let tokens = sign_in(&world, &passkey.get(&request_options(&world).await))
        .await
        .unwrap();
    assert!(!tokens.mfa_required && !tokens.access_token.is_empty());
}

async fn passkeys_are_listed_renamed_and_removed(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let bob = world.session(&world.register("bob@example.org").await);
    let mut passkey = registered(&ada).await;
    registered(&ada).await;
    let list = async |person: &Signed, page_token: String| {
        let request = ListPasskeysRequest {
            page_size: 1,
            page_token,
        };
        let page = person.passkeys().list_passkeys(request).await.unwrap();
        page.into_inner()
    };
    let first = list(&ada, String::new()).await;
    let second = list(&ada, first.next_page_token).await;
    assert!(second.next_page_token.is_empty());
    let oldest = second.passkeys[0].id.clone();
    assert!(list(&bob, String::new()).await.passkeys.is_empty());

    let rename = |id: &str, name: &str| RenamePasskeyRequest {
        passkey_id: id.to_owned(),
        name: name.to_owned(),
        request_id: String::new(),
    };
    let renamed = ada
        .passkeys()
        .rename_passkey(rename(&oldest, "Laptop"))
        .await
        .unwrap();
    assert_eq!(renamed.into_inner().name, "Laptop");
    let answer = ada.passkeys().rename_passkey(rename(&oldest, "  ")).await;
    refused(answer, Code::InvalidArgument, "INVALID_REQUEST");
    let delete = |id: &str| DeletePasskeyRequest {
        passkey_id: id.to_owned(),
        request_id: String::new(),
    };
    for foreign in [
        bob.passkeys()
            .rename_passkey(rename(&oldest, "mine"))
            .await
            .map(drop),
        bob.passkeys()
            .delete_passkey(delete(&oldest))
            .await
            .map(drop),
    ] {
        refused(foreign, Code::NotFound, "PASSKEY_NOT_FOUND");
    }
    ada.passkeys()
        .delete_passkey(delete(&oldest))
        .await
        .unwrap();
    let answer = sign_in(&world, &passkey.get(&request_options(&world).await)).await;
    refused(answer, Code::Unauthenticated, "PASSKEY_REFUSED");
    world.an_hour_passes_for_sessions().await;
    let request = StartPasskeyRegistrationRequest {};
    let answer = ada.passkeys().start_passkey_registration(request).await;
    refused(answer, Code::PermissionDenied, "REAUTHENTICATION_REQUIRED");
}

async fn garbage_is_a_clear_refusal(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let whole = Authenticator::es256().create(&creation_options(&ada).await);
    let with = |path: &str, value: Value| {
        let mut credential = whole.clone();
        *credential.pointer_mut(path).unwrap() = value;
        credential
    };
    let deep: String = crate::authenticator::encode(&[0x81; 5000]);
    let cases = [
        json!({}),
        json!({ "rawId": 1 }),
        with("/type", "password".into()),
        with("/rawId", "AAAA".into()),
        with("/response/clientDataJSON", "e30".into()),
        with("/response/clientDataJSON", "not base64!".into()),
        with("/response/attestationObject", "".into()),
        with("/response/attestationObject", deep.into()),
        with(
            "/response/attestationObject",
            "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVj_".into(),
        ),
    ];
    for credential in cases {
        let answer = keep(&ada, &credential, "").await;
        refused(answer, Code::InvalidArgument, "PASSKEY_INVALID");
        let answer = sign_in(&world, &credential).await;
        refused(answer, Code::Unauthenticated, "PASSKEY_REFUSED");
    }
    let nothing = FinishPasskeyLoginRequest { credential: None };
    let answer = world
        .nobody()
        .passkeys()
        .finish_passkey_login(nothing)
        .await;
    assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument);
}
