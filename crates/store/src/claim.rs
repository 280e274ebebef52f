//! Leased claims on idempotency keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::BoxFuture;
use prost::Message;
use sea_orm::{QueryResult, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::outbox::check_size;
use crate::sql::binds;
use crate::{CallContext, Error, Result, Store, Tx, departed, sql};

/// How long a reply is kept for replays.
pub(crate) const RETENTION_MS: i64 = 24 * 60 * 60 * 1_000;

/// Longest part of a scope.
const MAX_PART_BYTES: usize = 256;

/// Largest reply: what a gRPC message may have.
const MAX_REPLY_BYTES: usize = 4 * 1024 * 1024;

/// Times that a claim is tried when its row comes and goes under our eyes.
const ATTEMPTS: u32 = 8;

/// What an idempotency key is unique within, and how its claim is treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimScope {
    principal: String,
    method: String,
    key: String,
    sealed: bool,
    lease_ms: i64,
}

impl ClaimScope {
    /// `principal` is the caller (or, for a public RPC, a hash of what it
    /// presented), `method` the full RPC name, `key` the request id. With an
    /// empty key there is nothing to replay by, and no claim is made.
    pub fn new(
        principal: impl Into<String>,
        method: impl Into<String>,
        key: impl Into<String>,
    ) -> Self {
        Self {
            principal: principal.into(),
            method: method.into(),
            key: key.into(),
            sealed: false,
            lease_ms: 30_000,
        }
    }

    /// The reply bears a secret: it is stored sealed.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.sealed = true;
        self
    }

    /// How long an attempt may take before another may take it over; by
    /// default 30 000 ms. Longer than the method's deadline.
    #[must_use]
    pub fn lease_ms(mut self, lease_ms: u32) -> Self {
        self.lease_ms = i64::from(lease_ms);
        self
    }

    /// The digest that tells one request from another under the same key.
    #[must_use]
    pub fn digest(request: &impl Message) -> [u8; 32] {
        Sha256::digest(request.encode_to_vec()).into()
    }

    pub(crate) fn has_key(&self) -> bool {
        !self.key.is_empty()
    }

    pub(crate) fn lease_of(&self) -> i64 {
        self.lease_ms
    }

    fn check(&self) -> Result<()> {
        check_size("the principal", self.principal.len(), MAX_PART_BYTES)?;
        check_size("the method", self.method.len(), MAX_PART_BYTES)?;
        check_size("the idempotency key", self.key.len(), MAX_PART_BYTES)
    }

    fn binds(&self) -> Vec<Value> {
        binds![
            self.principal.clone(),
            self.method.clone(),
            self.key.clone()
        ]
    }

    /// Binds a sealed reply to its row.
    fn aad(&self) -> Vec<u8> {
        [&self.principal, &self.method, &self.key]
            .map(String::as_str)
            .join("\0")
            .into_bytes()
    }
}

/// The answer to an attempt to claim a key.
#[derive(Debug)]
pub enum Claimed {
    /// Nobody did this yet: do it, then [`Tx::commit_with`] the claim.
    New(Claim),
    /// It was done: this is the reply.
    Replay(Vec<u8>),
    /// Somebody is doing it right now.
    InFlight,
    /// The key was used for a different request.
    DigestMismatch,
}

/// The right to do one thing once. Dropping it unfulfilled gives it up in the
/// background, so that the next attempt may take over at once.
#[derive(Debug)]
#[must_use = "a claim is fulfilled with `Tx::commit_with`, or given up with `release`"]
pub struct Claim(pub(crate) Arc<Held>);

#[derive(Debug)]
pub(crate) struct Held {
    store: Store,
    scope: ClaimScope,
    /// Tells this attempt from the one that took over: the fencing token.
    token: Uuid,
    operation_id: Uuid,
    settled: AtomicBool,
}

impl Claim {
    /// An id (UUIDv7) of what is to be done, which every attempt at it shares,
    /// also one that takes over from a crashed one. Derive ids and the keys of
    /// remote calls from it, and they are not doubled.
    #[must_use]
    pub fn operation_id(&self) -> Uuid {
        self.0.operation_id
    }

    /// Gives the key up after a definite refusal: the next attempt with it
    /// starts afresh, also with a different request.
    ///
    /// # Errors
    /// The database's; the claim then ends with its lease.
    pub async fn release(self) -> Result<()> {
        self.0.release().await
    }

    pub(crate) fn unkeyed(store: &Store, scope: &ClaimScope) -> Self {
        Self(Arc::new(Held {
            store: store.clone(),
            scope: scope.clone(),
            token: Uuid::nil(),
            operation_id: store.clock.uuid_v7(),
            settled: AtomicBool::new(true),
        }))
    }
}

impl Held {
    pub(crate) fn settle(&self) {
        self.settled.store(true, Ordering::SeqCst);
    }

    pub(crate) async fn release(&self) -> Result<()> {
        if self.settled.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        // Waits for a commit still under way, which keeps the row locked, and
        // then finds the reply there and leaves it alone.
        let sql = "DELETE FROM idempotency_claims
             WHERE principal = $1 AND method = $2 AND claim_key = $3
               AND token = $4 AND reply IS NULL";
        self.own(sql).await
    }

    /// Ends the lease but keeps the row, and with it the operation id: how the
    /// attempt ended is not known, so the next one continues it.
    async fn abandon(&self) -> Result<()> {
        let sql = "UPDATE idempotency_claims SET lease_until_ms = 0
             WHERE principal = $1 AND method = $2 AND claim_key = $3
               AND token = $4 AND reply IS NULL";
        self.own(sql).await
    }

    /// Boxed, since every mutation's future would carry its size.
    fn own<'a>(&'a self, sql: &'a str) -> BoxFuture<'a, Result<()>> {
        let mut values = self.scope.binds();
        values.push(self.token.to_string().into());
        // Not in the queue of those who call: a key that nobody uses is to be
        // given up also where many do.
        let context = CallContext {
            deadline: None,
            ..CallContext::current()
        };
        let given_up = context.scope(sql::execute(&self.store.pools.write, sql, values));
        Box::pin(async move { given_up.await.map(|_| ()) })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.settled.swap(true, Ordering::SeqCst) {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let abandoned = Self {
            store: self.store.clone(),
            scope: self.scope.clone(),
            token: self.token,
            operation_id: self.operation_id,
            settled: AtomicBool::new(true),
        };
        runtime.spawn(async move {
            if let Err(error) = abandoned.abandon().await {
                tracing::debug!(%error, "a claim ends with its lease only");
            }
        });
    }
}

impl Store {
    /// Claims a key for `lease_ms`. The claim is committed before this returns,
    /// so that a second caller sees it.
    ///
    /// # Errors
    /// [`Error::Departed`] for a principal who has left;
    /// [`Error::Sealed`] for a sealed scope on a store without a sealer, or a
    /// reply that does not open; [`Error::TooLarge`] for an overlong key.
    pub async fn claim(
        &self,
        scope: &ClaimScope,
        digest: [u8; 32],
        lease_ms: i64,
    ) -> Result<Claimed> {
        scope.check()?;
        if scope.sealed && self.sealer.is_none() {
            return Err(Error::Sealed("this store has no key"));
        }
        for _ in 0..ATTEMPTS {
            if let Some(claim) = self.take_claim(scope, digest, lease_ms).await? {
                return Ok(Claimed::New(claim));
            }
            let mut values = scope.binds();
            values.push(self.now_bind());
            let sql = format!(
                "SELECT digest, reply, sealed FROM idempotency_claims
                 WHERE principal = $1 AND method = $2 AND claim_key = $3
                   AND expires_at_ms > {}",
                self.now_sql(4)
            );
            if let Some(row) = sql::one(&self.pools.read, sql, values).await? {
                return self.judge(scope, digest, &row);
            }
            // Absent: whose it would be has left, or it was released between
            // the two statements.
            if self.has_departed(&scope.principal).await? {
                return Err(Error::Departed);
            }
        }
        Err(Error::Conflict("the claim comes and goes".to_owned()))
    }

    /// Inserts the claim, or takes over one that is over: expired for good, or
    /// left by an attempt at the same request whose lease has ended.
    async fn take_claim(
        &self,
        scope: &ClaimScope,
        digest: [u8; 32],
        lease_ms: i64,
    ) -> Result<Option<Claim>> {
        let (now, lease_now) = (self.now_sql(8), self.now_sql(9));
        let departed = departed::find(self.backend, 11);
        let sql = format!(
            "INSERT INTO idempotency_claims AS held (principal, method, claim_key, digest,
                operation_id, token, lease_ms, lease_until_ms, sealed, expires_at_ms)
             SELECT $1, $2, $3, $4, $5, $6, $7, {lease_now} + $7, $10, {now} + {RETENTION_MS}
             WHERE NOT EXISTS ({departed})
             ON CONFLICT (principal, method, claim_key) DO UPDATE SET
                digest = excluded.digest,
                operation_id = CASE WHEN held.expires_at_ms <= {now}
                    THEN excluded.operation_id ELSE held.operation_id END,
                token = excluded.token,
                lease_ms = excluded.lease_ms,
                lease_until_ms = excluded.lease_until_ms,
                reply = NULL,
                sealed = excluded.sealed,
                expires_at_ms = excluded.expires_at_ms
             WHERE held.expires_at_ms <= {now}
                OR (held.reply IS NULL AND held.digest = excluded.digest
                    AND held.lease_until_ms <= {lease_now})
             RETURNING operation_id"
        );
        let token = Uuid::now_v7();
        let mut values = scope.binds();
        values.extend(binds![
            digest.to_vec(),
            self.clock.uuid_v7().to_string(),
            token.to_string(),
            lease_ms,
        ]);
        values.extend([self.now_bind(), self.lease_now_bind(), scope.sealed.into()]);
        values.push(departed::hash(&scope.principal).into());
        let Some(row) = sql::one(&self.pools.write, sql, values).await? else {
            return Ok(None);
        };
        let operation_id: String = row.try_get("", "operation_id")?;
        Ok(Some(Claim(Arc::new(Held {
            store: self.clone(),
            scope: scope.clone(),
            token,
            operation_id: operation_id
                .parse()
                .map_err(|_| Error::Corrupt("a claim's operation id is no UUID".to_owned()))?,
            settled: AtomicBool::new(false),
        }))))
    }

    fn judge(&self, scope: &ClaimScope, digest: [u8; 32], row: &QueryResult) -> Result<Claimed> {
        let known: Vec<u8> = row.try_get("", "digest")?;
        if known != digest {
            return Ok(Claimed::DigestMismatch);
        }
        let Some(reply) = row.try_get::<Option<Vec<u8>>>("", "reply")? else {
            return Ok(Claimed::InFlight);
        };
        if !row.try_get::<bool>("", "sealed")? {
            return Ok(Claimed::Replay(reply));
        }
        let sealer = self
            .sealer
            .as_ref()
            .ok_or(Error::Sealed("this store has no key"))?;
        Ok(Claimed::Replay(sealer.open(&scope.aad(), &reply)?))
    }
}

impl Tx {
    /// Stores the reply for replays, in this transaction. Rather use
    /// [`Tx::commit_with`], which commits as well.
    ///
    /// # Errors
    /// [`Error::Fenced`] when another attempt has taken over, or the principal
    /// has left; [`Error::Departed`] for a principal who has left, where there is
    /// no key. This transaction can then no longer be committed.
    pub async fn fulfil(&self, claim: &Claim, reply: &[u8]) -> Result<()> {
        let held = &claim.0;
        if !held.scope.has_key() {
            // With a key, the claim would be gone.
            if self.has_departed(&held.scope.principal).await? {
                self.poison();
                return Err(Error::Departed);
            }
            return Ok(());
        }
        check_size("a reply", reply.len(), MAX_REPLY_BYTES)?;
        let stored = match (&self.store.sealer, held.scope.sealed) {
            (Some(sealer), true) => sealer.seal(&held.scope.aad(), reply)?,
            (None, true) => return Err(Error::Sealed("this store has no key")),
            (_, false) => reply.to_vec(),
        };
        let mut values = held.scope.binds();
        values.extend(binds![
            held.token.to_string(),
            stored,
            self.now_ms() + RETENTION_MS,
        ]);
        let fulfilled = sql::execute(
            self,
            "UPDATE idempotency_claims SET reply = $5, lease_until_ms = 0, expires_at_ms = $6
             WHERE principal = $1 AND method = $2 AND claim_key = $3
               AND token = $4 AND reply IS NULL",
            values,
        )
        .await?;
        if fulfilled.rows_affected() != 1 {
            self.poison();
            return Err(Error::Fenced);
        }
        Ok(())
    }

    /// Removes the claims of a principal who leaves, and with them the replies:
    /// those repeat what the principal was told. What is under way for one of
    /// them can no longer be committed. Last of all in a transaction that
    /// removes rows as well, as every mutation writes its reply last.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_principal(&self, principal: &str) -> Result<()> {
        let sql = "DELETE FROM idempotency_claims WHERE principal = $1";
        sql::execute(self, sql, binds![principal]).await?;
        Ok(())
    }
}
