use covergen_proto::auth::v1::ForgotPasswordRequest;

use crate::peers::Peer;
use crate::world::{Engine, Letter, World, eventually};

on_both_engines!(a_mail_goes_out_by_smtp_and_a_refused_one_is_parked,);

async fn a_mail_goes_out_by_smtp_and_a_refused_one_is_parked(engine: Engine) {
    let mut server = Peer::start(&["smtp"]);
    let port = server.hear().await["port"].as_u64().unwrap();
    let world = World::configured(engine, "", |config| {
        let url = format!("smtp://127.0.0.1:{port}");
        config.mail.insert("smtp_url".to_owned(), url.into());
        let from = "Covergen <hello@covergen.example>";
        config.mail.insert("from".to_owned(), from.into());
    })
    .await;
    world.register("ada@example.org").await;
    let heard = server.hear().await;
    assert_eq!(heard["to"], serde_json::json!(["ada@example.org"]));
    let letter = Letter::read(heard["text"].as_str().unwrap());
    assert!(
        letter
            .raw
            .contains("From: Covergen <hello@covergen.example>"),
        "{}",
        letter.raw
    );
    assert!(
        letter.text.contains("/verify-email#token="),
        "{}",
        letter.text
    );
    world.register("nobody@example.org").await;
    let parked = "SELECT count(*) FROM outbox WHERE parked_at_ms IS NOT NULL";
    eventually("a mail to nobody is parked", async || {
        world.number(parked).await == 1
    })
    .await;
    // What is parked does not hold back the others.
    let request = ForgotPasswordRequest {
        email: "ada@example.org".to_owned(),
        ..Default::default()
    };
    world.anybody().forgot_password(request).await.unwrap();
    let heard = server.hear().await;
    assert!(
        heard["text"].as_str().unwrap().contains("reset-password"),
        "{heard}"
    );
    assert!(
        world.mails().is_empty(),
        "the folder is for machines without SMTP"
    );
}
