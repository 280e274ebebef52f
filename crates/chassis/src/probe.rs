//! `covergen doctor`: is everything there that the configuration names?

use covergen_ids::Clock;

use crate::{Config, Identity};

/// What was found out about one dependency.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Configuration section.
    pub name: &'static str,
    /// What was wrong; `None` means nothing.
    pub problem: Option<String>,
    /// What to do about it.
    pub advice: &'static str,
}

/// Tries every engine the configuration names, one after the other.
pub async fn probe(config: &Config, services: &[&'static str]) -> Vec<Finding> {
    let clock = Clock::system();
    let mut findings = Vec::new();
    let mut add = |name, advice, result: Result<(), String>| {
        findings.push(Finding {
            name,
            problem: result.err(),
            advice,
        });
    };
    for service in services {
        let result = async {
            let store =
                covergen_store::Store::open(&config.database, service, clock.clone()).await?;
            store.ping().await
        };
        add(
            "database",
            "check database.url: `sqlite:///folder/{service}.sqlite` in a writable folder, or a reachable `postgres://host/covergen_{service}`",
            result.await.map_err(|error| format!("{service}: {error}")),
        );
    }
    let result = async {
        if is_on_servers(config) {
            // It waits for the connection, which is made in the background.
            return covergen_events::Reader::open(&config.events)
                .await
                .map(drop);
        }
        covergen_events::open(&config.events).await?.ping().await
    };
    add(
        "events",
        "check events.url: `embedded:///folder/events.sqlite`, or `nats://host:4222` of a NATS 2.10 or newer with JetStream",
        result.await.map_err(|error| error.to_string()),
    );
    for service in services.iter().filter(|_| is_on_servers(config)) {
        let result = async {
            let log = covergen_events::Reader::open(&config.events).await?;
            log.check_stream(service).await
        };
        add(
            "event stream",
            "make events.* what the stream keeps, or delete the stream once it is drained: its events are in the archive",
            result.await.map_err(|error| format!("{service}: {error}")),
        );
    }
    let result = async {
        covergen_cache::Cache::open(&config.cache)
            .await?
            .ping()
            .await
    };
    add(
        "cache",
        "check cache.url: `memory://`, or a reachable `redis://host:6379`",
        result.await.map_err(|error| error.to_string()),
    );
    let result = async { covergen_objects::open(&config.objects).await?.ping().await };
    add(
        "objects",
        "check objects.url: `file:///folder`, or `s3://bucket?endpoint=…&region=…` with its keys",
        result.await.map_err(|error| error.to_string()),
    );
    add(
        "identity",
        "put an Ed25519 key (PKCS #8, PEM) into identity.access_keys_dir and identity.internal_keys_dir, or set identity.create_missing_keys on a single machine",
        Identity::open(&config.identity, &clock)
            .map(drop)
            .map_err(|error| error.to_string()),
    );
    if let Some(certificate) = config.mesh.identity.clone() {
        add(
            "mesh.identity",
            "put a certificate with one SPIFFE id, its key and the roots to trust into the files that mesh.identity names; `covergen mesh-ca` makes some for one machine",
            covergen_mesh::Identity::load(certificate)
                .map(drop)
                .map_err(|error| error.to_string()),
        );
    }
    findings
}

/// Whether the event log is on servers, whose streams others may have made.
fn is_on_servers(config: &Config) -> bool {
    !config.events.url.starts_with("embedded:")
}
