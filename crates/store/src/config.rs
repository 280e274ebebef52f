use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use crate::{Error, Result};

/// Which database, and the bounds on its use.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// `sqlite:///abs/dir/{service}.sqlite` or
    /// `postgres://user@host/covergen_{service}`; `{service}` stands for the
    /// service's name. Folder and database are created where absent.
    pub url: String,
    /// Connections for reading, opened as needed.
    pub max_read_connections: u32,
    /// Connections for transactions on PostgreSQL. SQLite has exactly one.
    pub max_write_connections: u32,
    /// Longest wait for a free connection.
    pub acquire_timeout_ms: u64,
    /// Longest run of one statement, and longest wait for a row lock, on
    /// PostgreSQL; longest wait for another process's lock on SQLite.
    pub statement_timeout_ms: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            max_read_connections: 4,
            max_write_connections: 4,
            acquire_timeout_ms: 3_000,
            statement_timeout_ms: 5_000,
        }
    }
}

// The address may carry a password, which must not reach a log.
impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.url.split(':').next().unwrap_or_default();
        f.debug_struct("StoreConfig")
            .field("url", &format_args!("{scheme}:***"))
            .field("max_read_connections", &self.max_read_connections)
            .field("max_write_connections", &self.max_write_connections)
            .field("acquire_timeout_ms", &self.acquire_timeout_ms)
            .field("statement_timeout_ms", &self.statement_timeout_ms)
            .finish()
    }
}

/// Where one service's database is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

impl StoreConfig {
    /// Defaults with this address.
    #[must_use]
    pub fn from_url(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }

    /// The place of one service's database.
    pub(crate) fn place(&self, service: &str) -> Result<Place> {
        let named = !service.is_empty()
            && service.len() <= 32
            && service
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !named {
            return Err(Error::Config(format!(
                "`{service}` is not a service name: lower-case letters, digits and _"
            )));
        }
        if self.max_read_connections == 0 || self.max_write_connections == 0 {
            return Err(Error::Config(
                "a pool needs at least one connection".to_owned(),
            ));
        }
        let url = self.url.replace("{service}", service);
        if let Some(path) = url.strip_prefix("sqlite://") {
            let path = PathBuf::from(path);
            if !path.is_absolute() || path.file_name().is_none() {
                return Err(Error::Config(
                    "the SQLite address needs an absolute path: sqlite:///dir/file".to_owned(),
                ));
            }
            return Ok(Place::Sqlite(path));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Place::Postgres(url));
        }
        Err(Error::Config(
            "the database address starts with sqlite:// or postgres://".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_name_fills_the_address() {
        let config = StoreConfig::from_url("sqlite:///data/{service}.sqlite");
        assert!(config.place("cover").unwrap() == Place::Sqlite("/data/cover.sqlite".into()));
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        let config = StoreConfig::from_url("sqlite:///data/{service}.sqlite");
        for bad in ["../x", "", "a/b", "A", "a;b"] {
            assert!(config.place(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn unknown_schemes_and_relative_paths_are_refused() {
        for bad in ["mysql://h/x", "sqlite://rel/x", "sqlite:///", ""] {
            assert!(StoreConfig::from_url(bad).place("cover").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let config = StoreConfig::from_url("postgres://me:hunter2@host/x");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
