use std::env;
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::engines::{self, Moto, Nats, Postgres, Redis, Server};
use crate::{http, postgres_wire};

/// Shared engines of this process. Never dropped: their watchdogs notice the
/// end of the process.
static POSTGRES: OnceLock<Server> = OnceLock::new();
static NATS: OnceLock<Server> = OnceLock::new();
static REDIS: OnceLock<Server> = OnceLock::new();
static MOTO: OnceLock<Server> = OnceLock::new();

/// A name that no other test of any process uses, of `[a-z0-9]`.
fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("t{:x}x{:x}x{n:x}", process::id(), nanos & 0xffff_ffff_ffff)
}

/// The engine of the test run, or the one of this process, started on demand.
async fn shared(
    variable: &'static str,
    cell: &'static OnceLock<Server>,
    start: fn(&std::path::Path) -> Result<Server, engines::StartError>,
) -> String {
    if let Ok(url) = env::var(variable) {
        return url;
    }
    let started = tokio::task::spawn_blocking(move || {
        cell.get_or_init(|| match start(&env::temp_dir()) {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        })
        .url()
    });
    match started.await {
        Ok(url) => url,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

/// A fresh, empty database. It is removed again with this guard.
#[derive(Debug)]
pub struct Database {
    target: postgres_wire::Target,
    name: String,
}

impl Database {
    /// Its address, `postgres://user@host:port/name`.
    #[must_use]
    pub fn url(&self) -> String {
        self.target.url(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A server that is already gone took the database along.
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = postgres_wire::execute(&self.target, &sql);
    }
}

/// Makes a fresh database.
///
/// # Panics
/// When PostgreSQL is not installed or refuses.
pub async fn postgres_database() -> Database {
    let url = shared(engines::POSTGRES_URL, &POSTGRES, Postgres::start_in).await;
    let database = Database {
        target: postgres_wire::Target::parse(&url),
        name: format!("covergen_{}", unique()),
    };
    let target = database.target.clone();
    let sql = format!("CREATE DATABASE {}", database.name);
    let made = tokio::task::spawn_blocking(move || postgres_wire::execute(&target, &sql)).await;
    made.expect("the client does not panic")
        .unwrap_or_else(|e| panic!("cannot make a database at {url}: {e}"));
    database
}

/// Runs one statement in a database of a server, outside of any transaction.
///
/// # Panics
/// When the server refuses it.
pub async fn postgres_execute(url: &str, sql: &str) {
    let target = postgres_wire::Target::parse(url);
    let database = url.rsplit('/').next().unwrap_or_default().to_owned();
    let statement = sql.to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        postgres_wire::execute_in(&target, &database, &[&statement])
    })
    .await;
    ran.expect("the client does not panic")
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Waits until a session of a service's database waits for a lock that another
/// holds. In the address `{service}` stands for the service's name.
///
/// # Panics
/// When none does within ten seconds.
pub async fn postgres_until_blocked(url: &str, service: &str) {
    // The server looks: nothing passes unseen between two questions.
    let sql = "DO $$ BEGIN
         FOR look IN 1..2000 LOOP
             IF EXISTS (SELECT 1 FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock')
             THEN RETURN; END IF;
             PERFORM pg_sleep(0.005);
             PERFORM pg_stat_clear_snapshot();
         END LOOP;
         RAISE EXCEPTION 'nobody waits for a lock';
     END $$";
    postgres_execute(&url.replace("{service}", service), sql).await;
}

/// Databases that services make for themselves, one each. They are removed
/// again with this guard.
#[derive(Debug)]
pub struct Databases {
    target: postgres_wire::Target,
    prefix: String,
    services: Vec<String>,
}

impl Databases {
    /// Their address, in which `{service}` stands for the service's name.
    #[must_use]
    pub fn url(&self) -> String {
        self.target.url(&format!("{}_{{service}}", self.prefix))
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        for service in &self.services {
            let name = format!("{}_{service}", self.prefix);
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            let _ = postgres_wire::execute(&self.target, &sql);
        }
    }
}

/// Names a database for each of these services; who opens one makes it.
///
/// # Panics
/// When PostgreSQL is not installed.
pub async fn postgres_databases(services: &[&str]) -> Databases {
    let url = shared(engines::POSTGRES_URL, &POSTGRES, Postgres::start_in).await;
    Databases {
        target: postgres_wire::Target::parse(&url),
        prefix: format!("covergen_{}", unique()),
        services: services.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// A namespace of its own on a NATS server.
#[derive(Debug)]
pub struct NatsScope {
    url: String,
    namespace: String,
}

impl NatsScope {
    /// The server's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The first token for every subject and stream name.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }
}

/// Makes a namespace.
///
/// # Panics
/// When NATS is not installed.
pub async fn nats() -> NatsScope {
    NatsScope {
        url: shared(engines::NATS_URL, &NATS, Nats::start_in).await,
        namespace: unique(),
    }
}

/// A key prefix of its own on a Redis server.
#[derive(Debug)]
pub struct RedisScope {
    url: String,
    prefix: String,
}

impl RedisScope {
    /// The server's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What every key starts with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// Makes a key prefix.
///
/// # Panics
/// When Redis is not installed.
pub async fn redis() -> RedisScope {
    RedisScope {
        url: shared(engines::REDIS_URL, &REDIS, Redis::start_in).await,
        prefix: unique(),
    }
}

/// A fresh, empty bucket.
#[derive(Debug)]
pub struct Bucket {
    endpoint: String,
    name: String,
}

impl Bucket {
    /// Its address, `s3://bucket?endpoint=…&region=…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!(
            "s3://{}?endpoint={}&region=us-east-1",
            self.name, self.endpoint
        )
    }

    /// An access key that the endpoint takes.
    #[must_use]
    pub fn access_key(&self) -> &'static str {
        "test"
    }

    /// The secret that goes with the access key.
    #[must_use]
    pub fn secret_key(&self) -> &'static str {
        "test"
    }
}

/// Makes a bucket.
///
/// # Panics
/// When the S3 stand-in is not installed or refuses.
pub async fn s3() -> Bucket {
    let endpoint = shared(engines::S3_URL, &MOTO, Moto::start_in).await;
    let bucket = Bucket {
        endpoint,
        name: unique(),
    };
    let (endpoint, path) = (bucket.endpoint.clone(), format!("/{}", bucket.name));
    let status = tokio::task::spawn_blocking(move || http::put(&endpoint, &path)).await;
    let status = status
        .expect("the client does not panic")
        .unwrap_or_else(|e| panic!("cannot make a bucket at {}: {e}", bucket.endpoint));
    assert_eq!(status, 200, "cannot make a bucket at {}", bucket.endpoint);
    bucket
}
