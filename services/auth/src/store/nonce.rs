//! Nonces of signed requests, each used once. A row says nothing of whose it
//! is: the hash covers the key's id.

use covergen_store::{Error, Tx};
use sea_orm::{ConnectionTrait as _, Statement};

/// Uses a nonce up; `false` when another claim has. Whoever asks at the same
/// time waits for the commit and is told what came of it.
pub(crate) async fn claim(
    tx: &Tx,
    hash: &[u8],
    claim_id: &str,
    expires_at_ms: i64,
) -> Result<bool, Error> {
    // A row that is over is as good as none, whenever it is removed.
    let statement = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO signature_nonces AS known (hash, claim_id, expires_at_ms)
         VALUES ($1, $2, $3)
         ON CONFLICT (hash) DO UPDATE SET
            claim_id = excluded.claim_id, expires_at_ms = excluded.expires_at_ms
         WHERE known.claim_id = excluded.claim_id OR known.expires_at_ms < $4",
        [
            hash.into(),
            claim_id.into(),
            expires_at_ms.into(),
            tx.now_ms().into(),
        ],
    );
    Ok(tx.execute_raw(statement).await?.rows_affected() == 1)
}
