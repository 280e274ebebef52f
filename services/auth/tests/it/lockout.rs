use covergen_proto::auth::v1::{ForgotPasswordRequest, ResetPasswordRequest};
use tonic::Code;

use crate::world::{Engine, PASSWORD, World, refused};

on_both_engines!(
    guessing_is_stopped_and_the_lock_looks_like_a_wrong_password,
    an_address_without_an_account_is_locked_alike,
);

async fn guess(world: &World, email: &str, times: usize) {
    for _ in 0..times {
        let answer = world.login(email, "not the password").await;
        refused(answer, Code::Unauthenticated, "INVALID_CREDENTIALS");
    }
}

async fn guessing_is_stopped_and_the_lock_looks_like_a_wrong_password(engine: Engine) {
    let world = World::start(engine).await;
    world.register("ada@example.org").await;
    guess(&world, "ada@example.org", 9).await;
    // A success in time starts the count anew.
    world.login("ada@example.org", PASSWORD).await.unwrap();
    guess(&world, "ada@example.org", 10).await;
    let wrong = world.login("ada@example.org", "not it").await.unwrap_err();
    let right = world.login("ada@example.org", PASSWORD).await.unwrap_err();
    assert_eq!(
        (wrong.code(), wrong.message(), wrong.details()),
        (right.code(), right.message(), right.details())
    );
    // Others are not shut out, and a lock ends.
    world.register("bob@example.org").await;
    world.login("bob@example.org", PASSWORD).await.unwrap();
    world
        .change("UPDATE failed_guesses SET locked_until_ms = 1")
        .await;
    world.login("ada@example.org", PASSWORD).await.unwrap();
    // A new password lets in at once.
    guess(&world, "ada@example.org", 10).await;
    let request = ForgotPasswordRequest {
        email: "ada@example.org".to_owned(),
        ..Default::default()
    };
    world.anybody().forgot_password(request).await.unwrap();
    let request = ResetPasswordRequest {
        token: world
            .mailed_token("ada@example.org", "/reset-password", 1)
            .await,
        password: "a whole new passphrase".to_owned(),
        request_id: String::new(),
    };
    world.anybody().reset_password(request).await.unwrap();
    world
        .login("ada@example.org", "a whole new passphrase")
        .await
        .unwrap();
}

async fn an_address_without_an_account_is_locked_alike(engine: Engine) {
    let world = World::start(engine).await;
    world.register("ada@example.org").await;
    guess(&world, "ada@example.org", 10).await;
    guess(&world, "nobody@example.org", 10).await;
    let locked = "SELECT count(*) FROM failed_guesses WHERE failures = 10 AND locked_until_ms > 0";
    assert_eq!(world.number(locked).await, 2);
    let named = "SELECT count(*) FROM failed_guesses WHERE subject LIKE '%example%'";
    assert_eq!(world.number(named).await, 0, "an address is no subject");
}
