use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use sea_orm::DbBackend;
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
    /// Connections for reading, opened as needed; by default 2 on PostgreSQL,
    /// where every one is a process of a server that all services share, and 4
    /// on SQLite.
    pub max_read_connections: Option<u32>,
    /// Connections for transactions on PostgreSQL, by default 2. SQLite has
    /// exactly one.
    pub max_write_connections: Option<u32>,
    /// Longest wait for a free connection: by default 1,500 ms on PostgreSQL,
    /// so that a caller with the usual deadline of 2 s is told when to come
    /// again, and 3,000 ms on SQLite.
    pub acquire_timeout_ms: Option<u64>,
    /// Longest run of one statement, and longest wait for a row lock, on
    /// PostgreSQL; longest wait for another process's lock on SQLite.
    pub statement_timeout_ms: u64,
    /// A PostgreSQL standby of the same databases, for finders whose answers
    /// may lag; an address as `url` is. Empty: the primary answers everything.
    pub replica_url: String,
    /// How much the standby may lag and still be read from.
    pub replica_max_lag_ms: u32,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            max_read_connections: None,
            max_write_connections: None,
            acquire_timeout_ms: None,
            statement_timeout_ms: 5_000,
            replica_url: String::new(),
            replica_max_lag_ms: 5_000,
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
            .field("has_replica", &!self.replica_url.is_empty())
            .field("replica_max_lag_ms", &self.replica_max_lag_ms)
            .finish()
    }
}

/// What may be held of one engine, and how long a caller waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) read: u32,
    pub(crate) write: u32,
    pub(crate) acquire: Duration,
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

    /// The bounds on the use of one engine.
    pub(crate) fn bounds(&self, place: &Place) -> Bounds {
        let (read, write, acquire_ms) = match place {
            Place::Sqlite(_) => (4, 1, 3_000),
            Place::Postgres(_) => (2, 2, 1_500),
        };
        Bounds {
            read: self.max_read_connections.unwrap_or(read),
            write: match place {
                Place::Sqlite(_) => 1,
                Place::Postgres(_) => self.max_write_connections.unwrap_or(write),
            },
            acquire: Duration::from_millis(self.acquire_timeout_ms.unwrap_or(acquire_ms)),
        }
    }

    /// The address of one service's standby, if there is one.
    pub(crate) fn replica(&self, service: &str, backend: DbBackend) -> Result<Option<String>> {
        if self.replica_url.is_empty() {
            return Ok(None);
        }
        let of_postgres = self.replica_url.starts_with("postgres://")
            || self.replica_url.starts_with("postgresql://");
        if backend != DbBackend::Postgres || !of_postgres {
            return Err(Error::Config(
                "database.replica_url is a PostgreSQL standby's, and database.url its primary's"
                    .to_owned(),
            ));
        }
        Ok(Some(self.replica_url.replace("{service}", service)))
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
        if [self.max_read_connections, self.max_write_connections].contains(&Some(0)) {
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
    fn on_postgresql_a_service_holds_four_connections_unless_told_otherwise() {
        let config = StoreConfig::from_url("postgres://host/covergen_{service}");
        let bounds = config.bounds(&config.place("cover").unwrap());
        assert_eq!(bounds.read + bounds.write, 4);
        let config = StoreConfig {
            max_read_connections: Some(7),
            ..config
        };
        assert_eq!(config.bounds(&config.place("cover").unwrap()).read, 7);
        let config = StoreConfig::from_url("sqlite:///data/{service}.sqlite");
        let bounds = config.bounds(&config.place("cover").unwrap());
        assert_eq!((bounds.read, bounds.write), (4, 1));
    }

    #[test]
    fn a_password_is_never_printed() {
        let config = StoreConfig::from_url("postgres://me:hunter2@host/x");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
