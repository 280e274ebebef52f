//! What must not be told, in fields and in free text.

use crate::capture::logged;

const JWT: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl_-";

/// Free text, and how it is told.
const TEXTS: &[(&str, &str)] = &[
    // Addresses.
    ("sent to ada@example.com.", "sent to ***."),
    ("<Ada.Lovelace+news@mail.example.co.uk>", "<***>"),
    ("von jörg@bücher.example gelesen", "von *** gelesen"),
    ("почта@пример.рф", "***"),
    ("mailto:ada@example.com?subject=x", "mailto:***?subject=x"),
    ("/v1/users/ada%40example.com/covers", "/v1/users/***/covers"),
    ("root@localhost and o'neil@x.io", "*** and ***"),
    ("a@b.co,c@d.co", "***,***"),
    ("ada@[192.0.2.1] wrote", "*** wrote"),
    // Tokens.
    ("Bearer abc.def-ghi", "Bearer ***"),
    ("got bearer  AbC123== here", "got bearer *** here"),
    ("Basic dXNlcjpzZWNyZXRwYXNzd29yZA==", "Basic ***"),
    ("cgr_Zm9vYmFyYmF6cXV4Zm9vYmFy is spent", "*** is spent"),
    ("cgk_Zm9vYmFyYmF6cXV4Zm9vYmFy", "***"),
    // Headers.
    ("authorization: Bearer x y z", "authorization: ***"),
    ("Cookie: session=1; theme=dark", "Cookie: ***"),
    ("set-cookie: a=b\nnext: line", "set-cookie: ***\nnext: line"),
    ("X-Api-Key: 123", "X-Api-Key: ***"),
    // Values that are quoted by name.
    (r#"{"email":"x","n":1}"#, r#"{"email":"***","n":1}"#),
    (
        r#"{"password": "a\"b c", "n": 1}"#,
        r#"{"password": "***", "n": 1}"#,
    ),
    (
        r#"CreateCover { title: "My book", subtitle: Some("A tale"), year: 1 }"#,
        r#"CreateCover { title: "***", subtitle: Some("***"), year: 1 }"#,
    ),
    (
        r#"body "{\"title\":\"My book\",\"n\":1}""#,
        r#"body "{\"title\":\"***\",\"n\":1}""#,
    ),
    (
        r#"cut off: password: "half a sec"#,
        r#"cut off: password: "***""#,
    ),
    ("/login?token=abc&next=/x", "/login?token=***&next=/x"),
    ("new_password=hunter2, n=1", "new_password=***, n=1"),
    ("api-key=1;client_secret=2", "api-key=***;client_secret=***"),
    // Credentials in addresses.
    (
        "postgres://covergen:pa55@db.internal:5432/covers",
        "postgres://***@db.internal:5432/covers",
    ),
    ("nats://u:p@ss@host:4222", "nats://***@host:4222"),
    ("redis://:secret@cache:6379/0", "redis://***@cache:6379/0"),
];

/// Free text that tells nothing private.
const PLAIN: &[&str] = &[
    "",
    "it is done",
    "title: must not be empty",
    "token: expired 3 s ago",
    "the password is too short",
    "cannot connect to https://collector:4317/v1/traces",
    "cov_0192a1b2c3d47e8f90a1b2c3d4e5f607 was finished in 12 ms",
    "/covergen.cover.v1.CoverService/GetCover",
    "Basic templates are free",
    "50 % @ 3 pm",
    "titles=3 untitled",
    "key=value; n = 1",
];

#[test]
fn free_text_loses_addresses_and_credentials_only() {
    for (given, expected) in TEXTS {
        let line = logged(|| tracing::info!(note = given, "{given}")).line();
        assert_eq!(line["message"], *expected, "message from {given:?}");
        assert_eq!(line["data"]["note"], *expected, "field from {given:?}");
    }
    let given = format!("token is {JWT}!");
    let line = logged(|| tracing::info!("{given}")).line();
    assert_eq!(line["message"], "token is ***!");
}

#[test]
fn free_text_without_anything_private_stays() {
    for given in PLAIN {
        let line = logged(|| tracing::info!(note = given, "{given}")).line();
        assert_eq!(line["message"], *given);
        assert_eq!(line["data"]["note"], *given);
    }
}

#[test]
fn fields_are_masked_by_name_on_events_and_spans() {
    let capture = logged(|| {
        let span = tracing::info_span!(
            "serve",
            email = "ada",
            authorization = "abc",
            later.token = tracing::field::Empty,
        );
        span.record("later.token", "abc");
        let _entered = span.enter();
        tracing::info!(
            password = "x y",
            pin = 1234,
            cookie = ?["a", "b"],
            title = "My book",
            subtitle = "A tale",
            refresh_token = "abc",
            newPassword = "abc",
            token_count = 3,
            "fields"
        );
    });
    let line = capture.line();
    let data = line["data"].as_object().unwrap();
    for name in [
        "email",
        "authorization",
        "later.token",
        "password",
        "pin",
        "cookie",
        "title",
        "subtitle",
        "refresh_token",
        "newPassword",
    ] {
        assert_eq!(data[name], "***", "{name}");
    }
    assert_eq!(data["token_count"], 3);
}

#[test]
fn an_error_is_told_with_its_causes_and_without_what_they_give_away() {
    #[derive(Debug, thiserror::Error)]
    #[error("cannot sign in")]
    struct Outer(#[source] std::io::Error);

    let error = Outer(std::io::Error::other("no account of ada@example.com"));
    let line = logged(|| {
        tracing::error!(error = &error as &dyn std::error::Error, "failed");
    })
    .line();
    assert_eq!(line["data"]["error"], "cannot sign in: no account of ***");
}

#[test]
fn ids_that_are_lifted_out_are_searched_too() {
    let line = logged(|| tracing::info!(user_id = "ada@example.com", "who")).line();
    assert_eq!(line["userId"], "***");
}
