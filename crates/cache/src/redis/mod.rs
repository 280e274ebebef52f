//! The Redis (or Valkey) engine.

mod rest;
mod script;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use fred::clients::{Client, Pool};
use fred::error::{Error as RedisError, ErrorKind};
use fred::interfaces::{ClientLike, KeysInterface};
use fred::types::config::{Config as RedisConfig, ReconnectPolicy, UnresponsiveConfig};
use fred::types::{Builder, Expiration, SetOptions};
use secrecy::ExposeSecret;

use self::rest::Rest;
use self::script::Script;
use crate::engine::{Charge, Engine};
use crate::limiter::{SLICES, Usage, Window};
use crate::{Config, Error, Result};

/// Commands waiting for one connection before further ones are refused.
const QUEUE: usize = 10_000;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The Redis engine.
pub(crate) struct Redis {
    pool: Pool,
    rest: Rest,
    charge: Script,
    incr: Script,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").finish_non_exhaustive()
    }
}

impl Redis {
    /// Starts connecting; commands fail until that has succeeded.
    pub(crate) fn open(config: &Config) -> Result<Self> {
        let invalid = |e: RedisError| Error::Config(e.to_string());
        let mut server = RedisConfig::from_url(&config.url).map_err(invalid)?;
        server.username.clone_from(&config.username);
        server.password = config
            .password
            .as_ref()
            .map(|password| password.expose_secret().to_owned());
        // Otherwise a server that is down at the start is never tried again.
        server.fail_fast = false;
        let timeout = Duration::from_millis(config.command_timeout_ms.max(1));
        let rest = Duration::from_millis(config.rest_ms);
        let pool = Builder::from_config(server)
            .with_performance_config(|performance| {
                // The client's own default is to wait for ever.
                performance.default_command_timeout = timeout;
            })
            .with_connection_config(|connection| {
                connection.connection_timeout = CONNECT_TIMEOUT;
                connection.internal_command_timeout = CONNECT_TIMEOUT;
                // A retried INCR may count twice.
                connection.max_command_attempts = 1;
                connection.max_command_buffer_len = QUEUE;
                connection.reconnect_on_auth_error = true;
                // A connection that stays silent is replaced while it rests. The
                // client counts from the last command that was written: longer
                // than a rest, and the next try would begin the count anew, for
                // ever.
                connection.unresponsive = UnresponsiveConfig {
                    max_timeout: Some(timeout + rest / 2),
                    interval: (rest / 4).max(Duration::from_millis(10)),
                };
            })
            .set_policy(ReconnectPolicy::new_exponential(0, 50, 2_000, 2))
            .build_pool(config.connections.clamp(1, 64))
            .map_err(invalid)?;
        drop(pool.connect_pool());
        Ok(Self {
            pool,
            rest: Rest::new(rest, timeout),
            charge: Script::new(include_str!("charge.lua")),
            incr: Script::new(include_str!("incr.lua")),
        })
    }

    /// Runs a command if the server can be expected to answer.
    async fn run<T, F, Fut>(&self, command: F) -> Result<T>
    where
        F: FnOnce(Client) -> Fut,
        Fut: Future<Output = Result<T, RedisError>>,
    {
        let client = self.pool.next_connected();
        if !client.is_connected() {
            return Err(Error::Unavailable("not connected to Redis".to_owned()));
        }
        if !self.rest.may_try() {
            return Err(Error::Unavailable("Redis does not answer".to_owned()));
        }
        match command(client.clone()).await {
            Ok(value) => {
                self.rest.answered();
                Ok(value)
            }
            Err(error) => Err(self.judge(&error)),
        }
    }

    fn judge(&self, error: &RedisError) -> Error {
        let text = error.details();
        let refused = ["WRONGTYPE", "not an integer", "overflow"]
            .iter()
            .any(|sign| text.contains(sign));
        match error.kind() {
            ErrorKind::Timeout => {
                self.rest.unanswered();
                Error::TimedOut
            }
            _ if refused => {
                self.rest.answered();
                Error::NotANumber
            }
            _ => Error::Unavailable(error.to_string()),
        }
    }
}

fn ms(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis())
        .unwrap_or(i64::MAX / 2)
        .max(1)
}

#[async_trait]
impl Engine for Redis {
    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Option<Bytes>>> {
        self.run(|client| async move { client.mget(keys).await })
            .await
    }

    async fn set(&self, key: String, value: Bytes, ttl: Duration) -> Result<()> {
        let expire = Some(Expiration::PX(ms(ttl)));
        self.run(|client| async move { client.set(key, value, expire, None, false).await })
            .await
    }

    async fn set_if_absent(&self, key: String, value: Bytes, ttl: Duration) -> Result<bool> {
        let expire = Some(Expiration::PX(ms(ttl)));
        let absent = Some(SetOptions::NX);
        let set: Option<String> = self
            .run(|client| async move { client.set(key, value, expire, absent, false).await })
            .await?;
        Ok(set.is_some())
    }

    async fn delete(&self, key: String) -> Result<bool> {
        let removed: i64 = self
            .run(|client| async move { client.del(key).await })
            .await?;
        Ok(removed > 0)
    }

    async fn incr(&self, key: String, by: i64, ttl: Duration) -> Result<i64> {
        let arguments = vec![by.to_string(), ms(ttl).to_string()];
        let sum: String = self
            .run(|client| async move { self.incr.call(&client, vec![key], arguments).await })
            .await?;
        sum.parse().map_err(|_| Error::NotANumber)
    }

    async fn charge(&self, key: String, windows: &[Window], cost: u32) -> Result<Charge> {
        // The braces put all windows of a key into one slot of a cluster.
        let keys: Vec<String> = windows
            .iter()
            .map(|window| format!("{{{key}}}:{}", window.per_seconds))
            .collect();
        let mut arguments = vec![cost.to_string(), SLICES.to_string()];
        for window in windows {
            arguments.push(window.limit.to_string());
            arguments.push(window.slice_ms().to_string());
        }
        let answer: Vec<u64> = self
            .run(|client| async move { self.charge.call(&client, keys, arguments).await })
            .await?;
        match answer.split_first() {
            Some((allowed, usage)) if usage.len() == windows.len() * 3 => Ok(Charge {
                allowed: *allowed == 1,
                usage: usage
                    .chunks_exact(3)
                    .map(|three| Usage {
                        used: three[0],
                        wait_ms: three[1],
                        reset_ms: three[2],
                    })
                    .collect(),
            }),
            _ => Err(Error::Unavailable(
                "an answer of the wrong shape".to_owned(),
            )),
        }
    }

    async fn ping(&self) -> Result<()> {
        self.run(|client| async move { client.ping::<()>(None).await })
            .await
    }
}
