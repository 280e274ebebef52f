use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::local::Local;
use crate::s3::S3;
use crate::{Error, ObjectStore, Result};

/// Which object store to use, and its bounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `file:///absolute/folder`, or `s3://bucket/prefix`, with optional
    /// `?endpoint=http://host:port&region=name` for stores other than AWS.
    /// Credentials do not belong here.
    pub url: String,
    /// S3 access key. Without it the usual AWS environment is asked.
    pub access_key_id: Option<String>,
    /// S3 secret key, with `access_key_id`.
    pub secret_access_key: Option<SecretString>,
    /// S3 session token, for temporary credentials.
    pub session_token: Option<SecretString>,
    /// Longest silence of the store before a request is given up, in
    /// milliseconds.
    pub timeout_ms: u64,
    /// Largest object in bytes.
    pub max_object_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: String::new(),
            access_key_id: None,
            secret_access_key: None,
            session_token: None,
            timeout_ms: 10_000,
            max_object_bytes: 1024 * 1024 * 1024,
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

/// Opens the object store that `config.url` names. A folder is made if it is
/// missing; a bucket must exist, and is first reached by the first call.
///
/// # Errors
/// [`Error::Config`] for a URL that names no store or carries credentials,
/// [`Error::Unavailable`] when the folder cannot be made.
pub async fn open(config: &Config) -> Result<Arc<dyn ObjectStore>> {
    let url = Url::parse(&config.url).map_err(|e| Error::Config(format!("url: {e}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Config(
            "credentials in the url would reach logs; use access_key_id".to_owned(),
        ));
    }
    match url.scheme() {
        "file" => {
            let folder = url
                .to_file_path()
                .map_err(|()| Error::Config("file:// needs an absolute path".to_owned()))?;
            Ok(Arc::new(Local::open(folder, config).await?))
        }
        "s3" => Ok(Arc::new(S3::open(&url, config)?)),
        other => Err(Error::Config(format!(
            "unknown scheme {other:?}; use file:// or s3://"
        ))),
    }
}
