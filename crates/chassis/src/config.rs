use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{ArchiveConfig, environment};

/// Everything a process is told. One section per concern; an unknown key is
/// refused by name. `config.default.toml` documents every key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Addresses that services and operators reach.
    pub listen: ListenConfig,
    /// Relational storage, one database per service.
    pub database: covergen_store::StoreConfig,
    /// The event log.
    pub events: covergen_events::Config,
    /// Where every event stays for good.
    pub archive: ArchiveConfig,
    /// Cache and rate limits.
    pub cache: covergen_cache::Config,
    /// The object store.
    pub objects: covergen_objects::Config,
    /// Keys that sign and verify tokens.
    pub identity: IdentityConfig,
    /// Where other services are and how they are called.
    pub mesh: covergen_mesh::MeshConfig,
    /// How this process serves gRPC.
    pub rpc: covergen_mesh::ServerConfig,
    /// Logs, traces and metrics.
    pub telemetry: covergen_telemetry::TelemetryConfig,
    /// Large fonts.
    pub fonts: FontsConfig,
    /// Each service's own section, read by the service.
    pub services: BTreeMap<String, toml::Table>,
    /// How mails leave, read by the services that send them.
    pub mail: toml::Table,
    /// The BFFs' section, read by the binary that hosts them.
    pub bff: toml::Table,
}

/// Addresses that services and operators reach. Port 0 picks a free one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListenConfig {
    /// gRPC of every service in this process.
    pub grpc: String,
    /// Health and metrics, for operators only.
    pub admin: String,
    /// The browser app, its REST and its gRPC-web.
    pub web: String,
    /// The phone app and its REST.
    pub mobile: String,
    /// The REST of partners.
    pub partner: String,
    /// Time between saying that the process is not ready and no longer
    /// listening, in milliseconds: so long may whoever routes to it take to
    /// hear of it. Nobody routes to the one process of a machine.
    pub leave_ms: u64,
}

impl Default for ListenConfig {
    fn default() -> Self {
        Self {
            grpc: "127.0.0.1:50051".to_owned(),
            admin: "127.0.0.1:9464".to_owned(),
            web: "127.0.0.1:8080".to_owned(),
            mobile: "127.0.0.1:8081".to_owned(),
            partner: "127.0.0.1:8082".to_owned(),
            leave_ms: 5_000,
        }
    }
}

/// Folders with the keys that sign and verify tokens.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityConfig {
    /// Keys of access tokens. Auth needs the private ones.
    pub access_keys_dir: PathBuf,
    /// Keys of internal tokens. Every service needs the private ones.
    pub internal_keys_dir: PathBuf,
    /// Makes a key where a folder holds none. For one process on one machine;
    /// in a mesh the keys come from a secret.
    pub create_missing_keys: bool,
}

/// Where the fonts lie that are too large to be part of the program.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FontsConfig {
    /// Folder; empty means the fonts that are part of the program must do.
    pub dir: PathBuf,
}

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not TOML.
    #[error("{path}: {source}")]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A key or a value is not one there is.
    #[error("configuration: {0}")]
    Invalid(Box<toml::de::Error>),
    /// An environment variable cannot be placed.
    #[error("environment variable {0} names no configuration key: write COVERGEN__SECTION__KEY")]
    Variable(String),
}

impl Config {
    /// Reads the files in order, each over the one before, and the environment
    /// over them all.
    ///
    /// # Errors
    /// A file cannot be read, or a key or value is not one there is.
    pub fn load(
        base: toml::Table,
        files: &[PathBuf],
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = base;
        for path in files {
            environment::merge(&mut table, read(path)?);
        }
        environment::overlay(&mut table, environment)?;
        toml::Value::Table(table)
            .try_into()
            .map_err(|error| ConfigError::Invalid(Box::new(error)))
    }

    /// The configuration of one process with nothing installed: everything it
    /// keeps lies in one folder.
    #[must_use]
    pub fn embedded(data: &Path) -> toml::Table {
        let path = |rest: &str| data.join(rest).display().to_string();
        let text = |value: String| toml::Value::String(value);
        let section = |entries: Vec<(&str, toml::Value)>| {
            toml::Value::Table(
                entries
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect(),
            )
        };
        [
            (
                "listen",
                section(vec![("leave_ms", toml::Value::Integer(0))]),
            ),
            (
                "database",
                section(vec![(
                    "url",
                    text(format!("sqlite://{}", path("db/{service}.sqlite"))),
                )]),
            ),
            (
                "events",
                section(vec![(
                    "url",
                    text(format!("embedded://{}", path("events.sqlite"))),
                )]),
            ),
            (
                "cache",
                section(vec![("url", text("memory://".to_owned()))]),
            ),
            (
                "objects",
                section(vec![("url", text(format!("file://{}", path("objects"))))]),
            ),
            ("mail", section(vec![("outbox_dir", text(path("outbox")))])),
            (
                "identity",
                section(vec![
                    ("access_keys_dir", text(path("keys/access"))),
                    ("internal_keys_dir", text(path("keys/internal"))),
                    ("create_missing_keys", toml::Value::Boolean(true)),
                ]),
            ),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
    }

    /// A service's own section; an absent one means its defaults.
    ///
    /// # Errors
    /// A key or value in it is not one there is.
    pub fn service<T: DeserializeOwned>(&self, name: &str) -> Result<T, ConfigError> {
        let table = self.services.get(name).cloned().unwrap_or_default();
        toml::Value::Table(table)
            .try_into()
            .map_err(|error| ConfigError::Invalid(Box::new(error)))
    }
}

fn read(path: &Path) -> Result<toml::Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_path_buf(),
        source,
    })?;
    text.parse().map_err(|source| ConfigError::Malformed {
        path: path.to_path_buf(),
        source: Box::new(source),
    })
}

#[cfg(test)]
mod tests {
    use super::{Config, Path};

    fn load(variables: &[(&str, &str)]) -> Result<Config, String> {
        let variables = variables
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Config::load(Config::embedded(Path::new("/data")), &[], variables)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_embedded_shape_keeps_everything_in_one_folder() {
        let config = load(&[]).unwrap();
        assert_eq!(config.database.url, "sqlite:///data/db/{service}.sqlite");
        assert_eq!(config.events.url, "embedded:///data/events.sqlite");
        assert!(config.identity.create_missing_keys);
    }

    #[test]
    fn the_environment_wins_over_the_base() {
        let config = load(&[
            (
                "COVERGEN__DATABASE__URL",
                "postgres://db/covergen_{service}",
            ),
            ("COVERGEN__DATABASE__MAX_READ_CONNECTIONS", "2"),
            ("COVERGEN__SERVICES__USER__RESERVATION_TTL_MS", "5000"),
            ("HOME", "/root"),
        ])
        .unwrap();
        assert_eq!(config.database.url, "postgres://db/covergen_{service}");
        assert_eq!(config.database.max_read_connections, Some(2));
        assert_eq!(
            config.services["user"]["reservation_ttl_ms"].as_integer(),
            Some(5000)
        );
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = load(&[("COVERGEN__DATABASE__ULR", "x")]).unwrap_err();
        assert!(error.contains("ulr"), "{error}");
        let error = load(&[("COVERGEN__DATABSE__URL", "x")]).unwrap_err();
        assert!(error.contains("databse"), "{error}");
    }
}
