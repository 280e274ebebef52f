use covergen_proto::auth::v1::{
    AuthTokens, ConfirmTotpRequest, EnrollTotpRequest, GetAccountRequest, ReauthenticateRequest,
    RemoveTotpRequest, RenewRecoveryCodesRequest, VerifyMfaRequest,
};
use tonic::{Code, Status};

use crate::world::{Engine, PASSWORD, Signed, World, eventually, refused};

on_both_engines!(
    an_authenticator_app_is_asked_for_at_sign_in,
    one_step_of_the_clock_lets_one_of_fifty_in,
    one_recovery_code_lets_one_of_fifty_in,
    wrong_codes_are_counted_apart_from_wrong_passwords,
    a_sign_in_has_a_few_tries_for_its_second_factor,
    changing_second_factors_asks_for_a_fresh_proof,
    recovery_codes_are_renewed_and_the_app_is_removed,
);

/// An authenticator app, by RFC 6238 and RFC 4648 alone.
pub(crate) struct App(Vec<u8>);

impl App {
    pub(crate) fn scan(secret: &str) -> Self {
        let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0u32, 0u32);
        for letter in secret.bytes() {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'2'..=b'7' => letter - b'2' + 26,
                _ => panic!("{secret} is not base32"),
            };
            buffer = (buffer << 5) | u32::from(value);
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(((buffer >> bits) & 0xff) as u8);
            }
        }
        Self(bytes)
    }

    /// The code of the step that is `steps` after now.
    pub(crate) fn code(&self, steps: u64) -> String {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = ring::hmac::sign(&key, &(now / 30 + steps).to_be_bytes());
        let at = usize::from(tag.as_ref()[19] & 15);
        let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap());
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}

/// Sets up an authenticator app; hands out recovery codes, too.
pub(crate) async fn enrolled(person: &Signed) -> (App, Vec<String>) {
    let enrolment = person
        .mfa()
        .enroll_totp(EnrollTotpRequest {})
        .await
        .unwrap();
    let app = App::scan(&enrolment.into_inner().secret);
    let request = ConfirmTotpRequest {
        code: app.code(0),
        request_id: String::new(),
    };
    let codes = person.mfa().confirm_totp(request).await.unwrap();
    (app, codes.into_inner().codes)
}

/// As if the clock had gone on: the steps used so far do not matter.
async fn steps_pass(world: &World) {
    world.change("UPDATE totp_secrets SET last_step = 0").await;
}

async fn verify(world: &World, token: &str, code: &str) -> Result<AuthTokens, Status> {
    let request = VerifyMfaRequest {
        mfa_token: token.to_owned(),
        code: code.to_owned(),
    };
    Ok(world.nobody().mfa().verify_mfa(request).await?.into_inner())
}

async fn challenged(world: &World) -> String {
    let answer = world.login("ada@example.org", PASSWORD).await.unwrap();
    assert!(answer.mfa_required && answer.access_token.is_empty());
    assert!(answer.refresh_token.is_empty() && answer.user.is_none());
    answer.mfa_token
}

async fn an_authenticator_app_is_asked_for_at_sign_in(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let enrolment = ada
        .mfa()
        .enroll_totp(EnrollTotpRequest {})
        .await
        .unwrap()
        .into_inner();
    assert!(enrolment.otpauth_uri.contains(&enrolment.secret));
    // Until its first code was seen, nothing is asked for.
    world
        .login("ada@example.org", PASSWORD)
        .await
        .unwrap()
        .user
        .unwrap();
    let app = App::scan(&enrolment.secret);
    let confirm = |code: String| ConfirmTotpRequest {
        code,
        request_id: "once".to_owned(),
    };
    let answer = ada.mfa().confirm_totp(confirm("000000".to_owned())).await;
    refused(answer, Code::InvalidArgument, "CODE_INVALID");
    let first = app.code(0);
    let request = confirm(first.clone());
    let codes = ada
        .mfa()
        .confirm_totp(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = ada.mfa().confirm_totp(request).await.unwrap().into_inner();
    assert_eq!(codes, again, "a repeated key hands out the same codes");
    assert_eq!(codes.codes.len(), 10);
    let twice = ada.mfa().enroll_totp(EnrollTotpRequest {}).await;
    refused(twice, Code::FailedPrecondition, "TOTP_ENABLED");
    // The secret lies sealed: version, key id, nonce, 20 bytes, tag.
    let sealed = "SELECT count(*) FROM totp_secrets WHERE length(secret) = 1 + 4 + 12 + 20 + 16";
    assert_eq!(world.number(sealed).await, 1);

    let token = challenged(&world).await;
    let used = verify(&world, &token, &first).await;
    refused(used, Code::Unauthenticated, "MFA_CODE_INVALID");
    let tokens = verify(&world, &token, &app.code(1)).await.unwrap();
    assert_eq!(tokens.user.as_ref().unwrap().email, "ada@example.org");
    let again = verify(&world, &token, &app.code(1)).await;
    refused(again, Code::Unauthenticated, "MFA_TOKEN_INVALID");
    let account = ada
        .auth()
        .get_account(GetAccountRequest {})
        .await
        .unwrap()
        .into_inner();
    assert!(account.totp_enabled && account.recovery_codes_left == 10);
    eventually("the owner is told", async || {
        world
            .mails()
            .iter()
            .any(|mail| mail.text.contains("authenticator app was added"))
    })
    .await;
}

async fn one_step_of_the_clock_lets_one_of_fifty_in(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let (app, _) = enrolled(&ada).await;
    let mut tokens = Vec::new();
    for _ in 0..50 {
        tokens.push(challenged(&world).await);
    }
    let code = app.code(1);
    let racers = tokens.iter().map(|token| verify(&world, token, &code));
    let mut won = 0;
    for outcome in futures::future::join_all(racers).await {
        match outcome {
            Ok(_) => won += 1,
            Err(status) => refused(
                Err::<(), _>(status),
                Code::Unauthenticated,
                "MFA_CODE_INVALID",
            ),
        }
    }
    assert_eq!(won, 1);
}

async fn one_recovery_code_lets_one_of_fifty_in(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let (_, codes) = enrolled(&ada).await;
    let mut tokens = Vec::new();
    for _ in 0..50 {
        tokens.push(challenged(&world).await);
    }
    let typed = codes[3].to_uppercase().replace('-', " ");
    let racers = tokens.iter().map(|token| verify(&world, token, &typed));
    let outcomes = futures::future::join_all(racers).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let account = ada.auth().get_account(GetAccountRequest {}).await.unwrap();
    assert_eq!(account.into_inner().recovery_codes_left, 9);
    eventually("the owner is told", async || {
        world
            .mails()
            .iter()
            .any(|mail| mail.text.contains("one of your recovery codes"))
    })
    .await;
}

async fn wrong_codes_are_counted_apart_from_wrong_passwords(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let (app, codes) = enrolled(&ada).await;
    steps_pass(&world).await;
    for _ in 0..10 {
        let token = challenged(&world).await;
        let answer = verify(&world, &token, "000000").await;
        refused(answer, Code::Unauthenticated, "MFA_CODE_INVALID");
    }
    // Passwords are not locked: a challenge still comes. Codes are, and the
    // right ones look wrong.
    let token = challenged(&world).await;
    let wrong = verify(&world, &token, "000000").await.unwrap_err();
    let right = verify(&world, &token, &app.code(0)).await.unwrap_err();
    let recovery = verify(&world, &token, &codes[0]).await.unwrap_err();
    for locked in [right, recovery] {
        assert_eq!(
            (wrong.code(), wrong.message(), wrong.details()),
            (locked.code(), locked.message(), locked.details())
        );
    }
    world
        .change("UPDATE failed_guesses SET locked_until_ms = 1")
        .await;
    verify(&world, &token, &codes[0]).await.unwrap();
}

async fn a_sign_in_has_a_few_tries_for_its_second_factor(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let (_, codes) = enrolled(&ada).await;
    let token = challenged(&world).await;
    for _ in 0..5 {
        let answer = verify(&world, &token, "000000").await;
        refused(answer, Code::Unauthenticated, "MFA_CODE_INVALID");
    }
    let answer = verify(&world, &token, &codes[0]).await;
    refused(answer, Code::Unauthenticated, "MFA_TOKEN_INVALID");
    verify(&world, &challenged(&world).await, &codes[0])
        .await
        .unwrap();
    // A token of a sign-in is not one that resets or proves anything.
    let answer = verify(&world, "made up", &codes[1]).await;
    refused(answer, Code::Unauthenticated, "MFA_TOKEN_INVALID");
}

async fn changing_second_factors_asks_for_a_fresh_proof(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let (app, _) = enrolled(&ada).await;
    world.an_hour_passes_for_sessions().await;
    let remove = async || ada.mfa().remove_totp(RemoveTotpRequest::default()).await;
    refused(
        remove().await,
        Code::PermissionDenied,
        "REAUTHENTICATION_REQUIRED",
    );
    let prove = |password: &str, code: &str| ReauthenticateRequest {
        password: password.to_owned(),
        code: code.to_owned(),
    };
    let answer = ada.auth().reauthenticate(prove("not it", "")).await;
    refused(answer, Code::InvalidArgument, "PASSWORD_WRONG");
    let answer = ada.auth().reauthenticate(prove("", "000000")).await;
    refused(answer, Code::InvalidArgument, "CODE_INVALID");
    steps_pass(&world).await;
    ada.auth()
        .reauthenticate(prove("", &app.code(0)))
        .await
        .unwrap();
    world.an_hour_passes_for_sessions().await;
    let answer = ada
        .auth()
        .reauthenticate(prove(PASSWORD, ""))
        .await
        .unwrap();
    assert_eq!(answer.into_inner().expires_in, 900);
    remove().await.unwrap();
    // A token without a session proves nothing about anybody being there.
    let mut operator = world.principal(&world.login("ada@example.org", PASSWORD).await.unwrap());
    operator.session_id = None;
    let answer = world
        .of(&operator)
        .mfa()
        .enroll_totp(EnrollTotpRequest {})
        .await;
    refused(answer, Code::PermissionDenied, "REAUTHENTICATION_REQUIRED");
}

async fn recovery_codes_are_renewed_and_the_app_is_removed(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.session(&world.register("ada@example.org").await);
    let renew = async || {
        let request = RenewRecoveryCodesRequest::default();
        Ok::<_, Status>(
            ada.mfa()
                .renew_recovery_codes(request)
                .await?
                .into_inner()
                .codes,
        )
    };
    refused(renew().await, Code::FailedPrecondition, "TOTP_NOT_ENROLLED");
    let (_, old) = enrolled(&ada).await;
    let new = renew().await.unwrap();
    let token = challenged(&world).await;
    let answer = verify(&world, &token, &old[0]).await;
    refused(answer, Code::Unauthenticated, "MFA_CODE_INVALID");
    verify(&world, &token, &new[0]).await.unwrap();
    ada.mfa()
        .remove_totp(RemoveTotpRequest::default())
        .await
        .unwrap();
    ada.mfa()
        .remove_totp(RemoveTotpRequest::default())
        .await
        .unwrap();
    world
        .login("ada@example.org", PASSWORD)
        .await
        .unwrap()
        .user
        .unwrap();
    assert_eq!(world.number("SELECT count(*) FROM recovery_codes").await, 0);
}
