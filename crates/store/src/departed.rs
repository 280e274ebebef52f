//! Who has left: a hash of their id, enough to keep nothing of them that comes
//! late.
//!
//! Whoever writes of a person asks here whether they are still there, and holds
//! the answer until the transaction ends; whoever notes that they leave waits for
//! all of those. So what was written before is there to be erased, and nothing is
//! written afterwards.

use covergen_ids::{UserId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbBackend};
use sha2::{Digest as _, Sha256};

use crate::sql::binds;
use crate::{Error, Result, Store, Tx, sql};

const TABLE: &str = "departed";

/// What is left of a principal's name, in hexadecimal.
pub(crate) fn hash(principal: &str) -> String {
    let digest = Sha256::digest(principal);
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles
        .filter_map(|nibble| char::from_digit(nibble.into(), 16))
        .collect()
}

/// Finds a row by the hash at placeholder `$n`. On PostgreSQL the statement
/// waits for whoever notes that somebody leaves, and keeps them waiting until
/// its transaction ends; on SQLite writers come one after another anyway.
pub(crate) fn find(backend: DbBackend, n: usize) -> String {
    let held = match backend {
        DbBackend::Postgres => " FOR KEY SHARE",
        _ => "",
    };
    format!("SELECT 1 FROM {TABLE} WHERE user_sha256 = ${n}{held}")
}

impl Store {
    /// Notes that a person leaves, and removes the replies that are kept for
    /// them. From here on no transaction writes of them that asks: a mutation
    /// under an idempotency key, and whatever begins with [`Store::begin_for`].
    /// What they have is erased afterwards. Doing it again changes nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn depart(&self, user: UserId) -> Result<()> {
        let tx = self.begin().await?;
        tx.depart(user).await?;
        tx.forget_principal(&user.to_string()).await?;
        tx.commit().await
    }

    /// A transaction that writes of a person.
    ///
    /// # Errors
    /// [`Error::Departed`] for one who has left; the database's.
    pub async fn begin_for(&self, user: UserId) -> Result<Tx> {
        let tx = self.begin().await?;
        if tx.is_departed(user).await? {
            tx.rollback().await?;
            return Err(Error::Departed);
        }
        Ok(tx)
    }

    /// Whether a person has left by now.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_departed(&self, user: UserId) -> Result<bool> {
        self.has_departed(&user.to_string()).await
    }

    pub(crate) async fn has_departed(&self, principal: &str) -> Result<bool> {
        let sql = format!("SELECT 1 FROM {TABLE} WHERE user_sha256 = $1");
        let found = sql::one(&self.pools.read, sql, binds![hash(principal)]).await?;
        Ok(found.is_some())
    }
}

impl Tx {
    /// Notes that a person leaves, in this transaction and first of all: `false`
    /// when they had left before. Everybody who asks waits until it ends, so
    /// rather use [`Store::depart`] where what follows takes long.
    ///
    /// # Errors
    /// The database's.
    pub async fn depart(&self, user: UserId) -> Result<bool> {
        self.close_table(TABLE).await?;
        // The row is the system's: the person's own workspace goes with them.
        let noted = sql::execute(
            self,
            format!(
                "INSERT INTO {TABLE} (user_sha256, workspace_id, departed_at_ms)
                 VALUES ($1, $2, $3) ON CONFLICT (user_sha256) DO NOTHING"
            ),
            binds![
                hash(&user.to_string()),
                WorkspaceId::SYSTEM.to_string(),
                self.now_ms()
            ],
        )
        .await?;
        Ok(noted.rows_affected() == 1)
    }

    /// Whether a person has left. If not, they do not until this transaction
    /// has ended, so that what it writes of them is there to be erased. To be
    /// asked before the transaction holds a row that [`Tx::depart`]'s would
    /// wait for.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_departed(&self, user: UserId) -> Result<bool> {
        self.has_departed(&user.to_string()).await
    }

    pub(crate) async fn has_departed(&self, principal: &str) -> Result<bool> {
        let sql = find(self.get_database_backend(), 1);
        let found = sql::one(self, sql, binds![hash(principal)]).await?;
        Ok(found.is_some())
    }
}
