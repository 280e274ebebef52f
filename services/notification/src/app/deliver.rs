//! One attempt to send a message.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::App;
use crate::domain::web_push::{self, DeviceKeys};
use crate::domain::{retry, secret, target};
use crate::error::Error;
use crate::outbound::Answer;
use crate::store;
use crate::store::entity::delivery::{self, Channel};

/// Candidates looked at for each that may be taken, since some may be of
/// targets that have enough under way.
const CANDIDATES_PER_TAKEN: u64 = 2;

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The receiver has it.
    Arrived { status: u16 },
    /// It may arrive another time.
    Failed {
        status: u16,
        error: String,
        retry_after_ms: Option<i64>,
    },
    /// It never will.
    Refused { status: u16, error: String },
    /// And nothing else ever will.
    Gone { status: u16 },
    /// There is nobody to send it to any more.
    NobodyThere,
}

impl Outcome {
    fn failed(error: impl Into<String>) -> Self {
        Self::Failed {
            status: 0,
            error: error.into(),
            retry_after_ms: None,
        }
    }
}

impl App {
    /// Takes messages that are due, leaving out targets that have as many
    /// under way as they may.
    pub(crate) async fn lease_due(
        &self,
        room: usize,
        busy: &HashMap<String, usize>,
    ) -> Result<Vec<delivery::Model>, Error> {
        let cap = self.config.concurrent_per_target.max(1);
        let full: Vec<String> = busy
            .iter()
            .filter(|(_, count)| **count >= cap)
            .map(|(target, _)| target.clone())
            .collect();
        let limit = room as u64 * CANDIDATES_PER_TAKEN;
        // A look without a write first: an idle worker must not stand in the
        // way of everybody else at the one writer of SQLite.
        if !store::deliveries::may_be_due(&self.store, &full).await? {
            return Ok(Vec::new());
        }
        let tx = self.store.begin().await?;
        let (now_ms, lease_now_ms) = (tx.now_ms(), tx.lease_now_ms());
        let until_ms = lease_now_ms + i64::from(self.config.lease_ms);
        let due = store::deliveries::due(&tx, now_ms, lease_now_ms, &full, limit).await?;
        let mut loads = busy.clone();
        let mut leased = Vec::new();
        for mut row in due {
            let load = loads.entry(row.target_id.clone()).or_insert(0);
            if *load >= cap || leased.len() >= room {
                continue;
            }
            if store::deliveries::lease(&tx, &row, until_ms).await? {
                *load += 1;
                row.fencing_token += 1;
                leased.push(row);
            }
        }
        tx.commit().await?;
        Ok(leased)
    }

    /// Sends a message and writes down how that went.
    pub(crate) async fn deliver(&self, row: delivery::Model) {
        let outcome = match row.channel {
            Channel::Webhook => self.to_receiver(&row).await,
            Channel::Push => self.to_push_service(&row).await,
        };
        let outcome = outcome.unwrap_or_else(|error| {
            tracing::warn!(delivery = %row.id, %error, "a message cannot be sent now");
            Outcome::failed("the message could not be prepared")
        });
        let id = row.id;
        if let Err(error) = self.settle(row, &outcome).await {
            // Its lease runs out, and it is sent again.
            tracing::warn!(delivery = %id, %error, "how an attempt ended was not written down");
        }
    }

    async fn to_receiver(&self, row: &delivery::Model) -> Result<Outcome, Error> {
        let Ok(id) = row.target_id.parse() else {
            return Ok(Outcome::NobodyThere);
        };
        let db = self.store.read();
        let webhook = store::webhooks::find(db, row.workspace_id, id).await?;
        let Some(webhook) = webhook.filter(|webhook| webhook.enabled) else {
            return Ok(Outcome::NobodyThere);
        };
        let now_ms = self.store.clock().now_ms();
        let secrets = self.secrets_of(&webhook, now_ms)?;
        let seconds = now_ms / 1000;
        let signatures = secret::signatures(&secrets, &row.message_id, seconds, &row.body);
        let headers = headers(&[
            ("content-type", "application/json"),
            ("webhook-id", &row.message_id),
            ("webhook-timestamp", &seconds.to_string()),
            ("webhook-signature", &signatures),
        ])?;
        let body = row.body.clone().into_bytes();
        let answer = self.outbound.post(&webhook.url, headers, body).await;
        Ok(match answer {
            Ok(Answer { status, .. }) if (200..300).contains(&status) => {
                Outcome::Arrived { status }
            }
            Ok(Answer { status: 410, .. }) => Outcome::Gone { status: 410 },
            Ok(answer) => again(&answer, now_ms),
            Err(error) => Outcome::failed(error),
        })
    }

    async fn to_push_service(&self, row: &delivery::Model) -> Result<Outcome, Error> {
        let Ok(id) = row.target_id.parse() else {
            return Ok(Outcome::NobodyThere);
        };
        let device = store::push_subscriptions::find(self.store.read(), row.user_id, id).await?;
        let Some(device) = device else {
            return Ok(Outcome::NobodyThere);
        };
        let endpoint = self.open_of_device(id, "endpoint", &device.endpoint)?;
        let endpoint = String::from_utf8(endpoint)
            .map_err(|_| Error::Crypto("the address of a device is no text"))?;
        let url = match target::parse(&endpoint, self.config.allow_loopback) {
            Ok(url) => url,
            Err(error) => return Ok(Outcome::Refused { status: 0, error }),
        };
        let keys = DeviceKeys {
            auth: self.open_of_device(id, "auth", &device.auth)?,
            p256dh: device.p256dh,
        };
        let body = web_push::encrypt(row.body.as_bytes(), &keys).map_err(Error::Crypto)?;
        let now_ms = self.store.clock().now_ms();
        let authorization = self
            .vapid
            .authorization(&url, now_ms)
            .map_err(Error::Crypto)?;
        let ttl_seconds = ((row.expires_at_ms - now_ms) / 1000).max(0);
        // A message that is sent twice takes its own place at the push service.
        let topic = Sha256::digest(row.message_id.as_bytes());
        let headers = headers(&[
            ("authorization", &authorization),
            ("content-encoding", "aes128gcm"),
            ("content-type", "application/octet-stream"),
            ("ttl", &ttl_seconds.to_string()),
            ("topic", &URL_SAFE_NO_PAD.encode(&topic[..24])),
            ("urgency", "normal"),
        ])?;
        Ok(match self.outbound.post(&endpoint, headers, body).await {
            Ok(Answer { status, .. }) if (200..300).contains(&status) => {
                Outcome::Arrived { status }
            }
            Ok(Answer { status, .. }) if status == 404 || status == 410 => Outcome::Gone { status },
            Ok(answer) if (400..500).contains(&answer.status) && !may_pass(answer.status) => {
                Outcome::Refused {
                    status: answer.status,
                    error: format!("the push service answered {}", answer.status),
                }
            }
            Ok(answer) => again(&answer, now_ms),
            Err(error) => Outcome::failed(error),
        })
    }
}

/// Refusals that are of the moment: Request Timeout, Too Early, Too Many
/// Requests.
const fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429)
}

fn again(answer: &Answer, now_ms: i64) -> Outcome {
    let status = answer.status;
    let error = if (300..400).contains(&status) {
        format!("the receiver answered {status}; redirects are not followed")
    } else {
        format!("the receiver answered {status}")
    };
    let retry_after = answer.retry_after.as_deref();
    Outcome::Failed {
        status,
        error,
        retry_after_ms: retry_after.and_then(|header| retry::retry_after_ms(header, now_ms)),
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let value = HeaderValue::from_str(value)
            .map_err(|_| Error::Crypto("a header holds what it cannot"))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}
