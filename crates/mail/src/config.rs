use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// The `[mail]` section: how mails leave the platform.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Who mails come from, such as `Covergen <hello@example.com>`.
    pub from: String,
    /// `smtps://host:465`, `smtp://host:587?tls=required`, or
    /// `smtp://127.0.0.1:25` on a trusted machine. Empty: mails are written to
    /// `outbox_dir`.
    pub smtp_url: String,
    /// SMTP user, when the server asks for one.
    pub username: String,
    /// SMTP password.
    pub password: Option<SecretString>,
    /// Folder that mails are written to where no SMTP is set.
    pub outbox_dir: PathBuf,
    /// Longest wait for the SMTP server, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            from: "Covergen <no-reply@localhost>".to_owned(),
            smtp_url: String::new(),
            username: String::new(),
            password: None,
            outbox_dir: PathBuf::new(),
            timeout_ms: 6_000,
        }
    }
}
