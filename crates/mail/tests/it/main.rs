//! Mails in a folder, as a person without SMTP finds them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use covergen_mail::{Config, Mail, Mailer};

fn mail(id: &str) -> Mail {
    Mail {
        id: id.to_owned(),
        to: "ada@example.org".to_owned(),
        subject: "重置密码".to_owned(),
        text: "打开链接。\nhttps://example.org/reset-password?token=abc\n".to_owned(),
    }
}

fn mailer(folder: &std::path::Path) -> Mailer {
    Mailer::new(&Config {
        outbox_dir: folder.to_path_buf(),
        ..Config::default()
    })
    .unwrap()
}

#[tokio::test]
async fn a_mail_is_one_file_however_often_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = folder.path().join("outbox");
    let mailer = mailer(&outbox);
    mailer.send(&mail("obx_1")).await.unwrap();
    mailer.send(&mail("obx_1")).await.unwrap();
    mailer.send(&mail("obx_2")).await.unwrap();
    let mut names: Vec<String> = std::fs::read_dir(&outbox)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["obx_1.eml", "obx_2.eml"]);
    let text = std::fs::read_to_string(outbox.join("obx_1.eml")).unwrap();
    assert!(text.contains("To: ada@example.org\r\n"), "{text}");
    assert!(text.contains("Message-ID: <obx_1@localhost>"), "{text}");
    assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
    assert!(text.contains("Subject: =?utf-8?b?"), "{text}");
}

#[tokio::test]
async fn a_recipient_with_a_line_break_is_no_recipient() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = mailer(folder.path());
    let mut hostile = mail("obx_1");
    hostile.to = "ada@example.org\r\nBcc: eve@example.org".to_owned();
    let error = mailer.send(&hostile).await.unwrap_err();
    assert!(!error.is_transient());
    assert!(!error.to_string().contains("example.org"), "{error}");
    let mut elsewhere = mail("../up");
    elsewhere.to = "ada@example.org".to_owned();
    assert!(mailer.send(&elsewhere).await.is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_mails_of_one_person_are_removed_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = mailer(folder.path());
    for id in ["usr_1-a", "usr_1-b", "usr_2-a"] {
        mailer.send(&mail(id)).await.unwrap();
    }
    assert_eq!(mailer.forget("usr_1-").await.unwrap(), 2);
    assert_eq!(mailer.forget("usr_1-").await.unwrap(), 0);
    assert!(folder.path().join("usr_2-a.eml").exists());
}

#[test]
fn a_server_address_with_a_password_in_it_is_refused() {
    let config: Config = toml::from_str("smtp_url = \"smtps://ada:secret@example.org\"").unwrap();
    let error = Mailer::new(&config).unwrap_err().to_string();
    assert!(error.contains("username and password"), "{error}");
    assert!(!error.contains("secret"), "{error}");
    assert!(toml::from_str::<Config>("smtp = \"x\"").is_err());
}
