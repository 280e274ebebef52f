//! The life of an object: who may delete it and when, and what a crash leaves.
//!
//! A live object that no asset needs is marked as being deleted, deleted, and
//! marked as gone; only then may an upload bring it back. An upload that began
//! before notices by the epoch and stores its content again. So neither is an
//! object deleted that an asset needs, nor does one stay that none needs.

use std::time::Duration;

use covergen_objects::Key;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::error::Error;
use crate::store::entity::object::{self, State};
use crate::store::{self, tombstones};

/// Rows looked at together.
const BATCH: u64 = 100;
/// Objects listed together.
const PAGE: usize = 1000;

/// What came of an attempt to delete an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Released {
    /// It is gone, or an asset needs it.
    Settled,
    /// Somebody else is deleting it.
    Busy,
}

impl App {
    /// Deletes an object and its variants, unless an asset needs it.
    pub(crate) async fn release(&self, key: &str) -> Result<Released, Error> {
        let tx = self.store.begin().await?;
        let now = tx.lease_now_ms();
        let Some(seen) = store::object(&tx, key).await? else {
            return Ok(Released::Settled);
        };
        match seen.state {
            State::Live if seen.refs == 0 => {}
            State::Live | State::Gone => return Ok(Released::Settled),
            State::Deleting if now - seen.touched_at_ms >= self.config.deletion_lease_ms => {}
            State::Deleting => return Ok(Released::Busy),
        }
        let epoch = self.store.clock().uuid_v7().simple().to_string();
        if !store::move_object(&tx, &seen, State::Deleting, &epoch, now).await? {
            return Ok(Released::Busy);
        }
        tx.commit().await?;

        // Well within the lease, so that two never delete at once: the second
        // might remove what an upload has brought back meanwhile.
        let lease = u64::try_from(self.config.deletion_lease_ms).unwrap_or(0);
        tokio::time::timeout(
            Duration::from_millis((lease / 2).max(1)),
            self.delete_objects(key),
        )
        .await
        .map_err(|_| Error::Interrupted)??;

        let deleting = object::Model {
            state: State::Deleting,
            epoch: epoch.clone(),
            ..seen
        };
        let tx = self.store.begin().await?;
        let now = tx.lease_now_ms();
        store::move_object(&tx, &deleting, State::Gone, &epoch, now).await?;
        tx.commit().await?;
        Ok(Released::Settled)
    }

    async fn delete_objects(&self, key: &str) -> Result<(), Error> {
        self.objects.delete(&Key::parse(key)?).await?;
        self.delete_variants(key).await
    }

    async fn delete_variants(&self, key: &str) -> Result<(), Error> {
        let folder = variants_folder(key);
        loop {
            let page = self.objects.list(&folder, None, PAGE).await?;
            for variant in &page.objects {
                self.objects.delete(&variant.key).await?;
            }
            if page.next.is_none() {
                return Ok(());
            }
        }
    }

    /// Sweeps now and then until shutdown.
    pub(crate) async fn sweep_until(&self, shutdown: CancellationToken) {
        let pause = Duration::from_millis(self.config.sweep_interval_ms.max(1));
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                swept = self.sweep() => if let Err(error) = swept {
                    tracing::warn!(%error, "a sweep for leftovers failed; it is tried again");
                },
            }
        }
    }

    /// Looks once at everything that should not be there for long.
    async fn sweep(&self) -> Result<(), Error> {
        self.sweep_uploads().await?;
        if let Err(error) = self.sweep_tombstones().await {
            tracing::warn!(%error, "tombstones stay for longer");
        }
        let mut after = String::new();
        loop {
            let found = self.leftovers(&after).await?;
            let Some(last) = found.last() else {
                return Ok(());
            };
            after.clone_from(&last.object_key);
            for object in found {
                if object.state == State::Gone {
                    // A variant that was being made during the deletion may
                    // have come after it.
                    self.delete_variants(&object.object_key).await?;
                    self.forget(&object).await?;
                } else {
                    self.release(&object.object_key).await?;
                    metrics::counter!("media_leftovers_total").increment(1);
                }
            }
        }
    }

    async fn sweep_tombstones(&self) -> Result<(), Error> {
        loop {
            let tx = self.store.begin().await?;
            let before = tx.now_ms() - self.config.tombstones_ms;
            let worn_off = tombstones::wear_off(&tx, before).await?;
            tx.commit().await?;
            if worn_off < tombstones::AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn forget(&self, object: &object::Model) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        store::forget_object(&tx, object).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn leftovers(&self, after: &str) -> Result<Vec<object::Model>, Error> {
        // A transaction only for its clock, which judges the ages in the rows.
        let tx = self.store.begin().await?;
        let now = tx.lease_now_ms();
        let found = store::leftovers(
            &tx,
            after,
            now - self.config.orphan_after_ms,
            now - self.config.deletion_lease_ms,
            BATCH,
        )
        .await?;
        tx.rollback().await?;
        Ok(found)
    }
}

/// Where the variants of an object lie.
pub(crate) fn variants_folder(key: &str) -> String {
    // `media/ab/abcd….png` gives `variants/ab/abcd…`.
    let path = key.strip_prefix("media/").unwrap_or(key);
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    format!("variants/{stem}")
}

#[cfg(test)]
mod tests {
    use super::variants_folder;

    #[test]
    fn variants_lie_under_the_hash_of_their_original() {
        assert_eq!(variants_folder("media/ab/abcd.png"), "variants/ab/abcd");
    }
}
