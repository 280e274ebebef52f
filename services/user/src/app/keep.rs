//! What the workers do.

use super::App;
use crate::error::Error;
use crate::store::entity::reservation::State;
use crate::store::quota::{self, Mismatch};

/// Reservations given back in one round.
const BATCH: u64 = 256;

impl App {
    /// Gives back reservations that nobody confirmed in time.
    pub(crate) async fn sweep_reservations(&self) -> Result<usize, Error> {
        let tx = self.store.begin().await?;
        let lapsed = quota::lapsed(&tx, tx.lease_now_ms(), BATCH).await?;
        drop(tx);
        let count = lapsed.len();
        for lapsed in lapsed {
            let tx = self.store.begin().await?;
            // Read again, locked: it may have been confirmed since.
            let now = tx.lease_now_ms();
            let held = quota::reservation(&tx, lapsed.user_id, lapsed.task_id)
                .await?
                .filter(|row| row.state == State::Held)
                .filter(|row| row.expires_at_ms.is_some_and(|until| until < now));
            if let Some(held) = held {
                self.settle(tx, held, State::Released, 0, "lapse").await?;
            }
        }
        Ok(count)
    }

    /// Balances that differ from their ledgers: none, ever.
    pub(crate) async fn audit_ledger(&self) -> Result<Vec<Mismatch>, Error> {
        Ok(quota::mismatches(self.store.read()).await?)
    }
}
