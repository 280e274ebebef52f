use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::embedded::Embedded;
use crate::jetstream::JetStream;
use crate::{Error, EventLog, Result};

/// Which event log to use, and its bounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `embedded:///absolute/path/events.sqlite`, or `nats://host:port`
    /// (`tls://host:port` for TLS), several servers separated by commas.
    /// Credentials do not belong here: see `username`, `token`,
    /// `credentials_file`.
    pub url: String,
    /// First token of every subject and name on a shared NATS server, so that
    /// several platforms (or tests) can use one server side by side.
    pub namespace: String,
    /// NATS user, when the server asks for user and password.
    pub username: Option<String>,
    /// NATS password, with `username`.
    pub password: Option<SecretString>,
    /// NATS token, when the server asks for one.
    pub token: Option<SecretString>,
    /// NATS credentials file (JWT and key), when the server asks for one.
    pub credentials_file: Option<PathBuf>,
    /// PEM file with the certificate authority of the NATS servers.
    pub tls_ca_file: Option<PathBuf>,
    /// Age in days at which events leave a stream.
    pub max_age_days: u32,
    /// Bytes the file may take (embedded). A full log refuses new events; it
    /// never drops acknowledged ones.
    pub max_file_bytes: u64,
    /// Bytes one stream may take (JetStream), which the server sets aside at
    /// once; its dead letters get a sixteenth of it on top.
    pub max_stream_bytes: u64,
    /// JetStream replicas of every stream.
    pub replicas: u8,
    /// Longest wait for one answer of the server, in milliseconds.
    pub request_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: String::new(),
            namespace: "covergen".to_owned(),
            username: None,
            password: None,
            token: None,
            credentials_file: None,
            tls_ca_file: None,
            max_age_days: 30,
            max_file_bytes: 16 * 1024 * 1024 * 1024,
            max_stream_bytes: 1024 * 1024 * 1024,
            replicas: 1,
            request_timeout_ms: 5_000,
        }
    }
}

impl Config {
    /// A configuration with defaults for everything but the URL.
    pub fn from_url(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }
}

/// Opens the event log that `config.url` names.
///
/// The embedded engine opens its file at once. JetStream connects in the
/// background and keeps trying, so that processes may start in any order:
/// until it is connected, calls answer [`Error::Unavailable`].
///
/// # Errors
/// [`Error::Config`] for a URL that names no engine or carries credentials,
/// [`Error::Unavailable`] when the embedded file cannot be opened.
pub async fn open(config: &Config) -> Result<Arc<dyn EventLog>> {
    Ok(match place(config)? {
        Place::Embedded(path) => Embedded::open(&path, config).await?,
        Place::Nats => JetStream::open(config).await?,
    })
}

/// Which engine a URL names, and where.
pub(crate) enum Place {
    /// This file.
    Embedded(PathBuf),
    /// These servers.
    Nats,
}

/// Reads and checks `config.url`.
pub(crate) fn place(config: &Config) -> Result<Place> {
    let first = config.url.split(',').next().unwrap_or_default();
    let url = Url::parse(first).map_err(|e| Error::Config(format!("url: {e}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Config(
            "credentials in the url would reach logs; use username and password".to_owned(),
        ));
    }
    match url.scheme() {
        "embedded" => {
            let path = url
                .to_file_path_lossless()
                .ok_or_else(|| Error::Config("embedded:// needs an absolute path".to_owned()))?;
            Ok(Place::Embedded(path))
        }
        "nats" | "tls" => Ok(Place::Nats),
        other => Err(Error::Config(format!(
            "unknown scheme {other:?}; use embedded:// or nats://"
        ))),
    }
}

/// Reads the path of an `embedded:///…` URL.
trait FilePath {
    fn to_file_path_lossless(&self) -> Option<PathBuf>;
}

impl FilePath for Url {
    fn to_file_path_lossless(&self) -> Option<PathBuf> {
        let text = format!("file://{}", self.path());
        let absent = self.host_str().unwrap_or_default().is_empty();
        let path = Url::parse(&text).ok()?.to_file_path().ok()?;
        (absent && path.file_name().is_some()).then_some(path)
    }
}
