//! The worker that hands the rows of bulks to the queue, a few of each at a
//! time, as ordinary tasks.
//!
//! The task of a row derives from bulk, row and try, and starting a row and
//! writing its request is one transaction: whoever dies where, and however
//! many work on the same bulk, a row is made once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use covergen_ids::BulkId;
use covergen_saga::StepError;
use covergen_studio::StudioError;
use futures::StreamExt as _;
use tokio::time::Instant;

use super::order::Cause;
use super::{App, absent};
use crate::bulk::{Row, Settings};
use crate::domain::Draft;
use crate::error::Error;
use crate::events;
use crate::order::{Order, row_task_id};
use crate::store::bulks::{self, Counts, Which};
use crate::store::entity::bulk;
use crate::store::entity::bulk_row::{self, State};

/// Bulks looked at in one pass.
const BULKS: u64 = 64;
/// How often the worker looks by itself.
const NET: Duration = Duration::from_millis(500);
/// How long a bulk rests when a row could not be handed out.
const REST: Duration = Duration::from_secs(2);
/// How often a row is tried before it fails; about ten minutes.
const MAX_DELAYS: i32 = 300;

/// What a worker remembers between passes.
#[derive(Default)]
struct Memory {
    /// Leases held, and when each is to be renewed.
    leased: HashMap<BulkId, Instant>,
    /// Bulks that rest until then.
    resting: HashMap<BulkId, Instant>,
}

/// What became of handing a row out.
enum Handed {
    Out,
    /// Somebody else did, or it does not wait any more.
    Gone,
    /// The row cannot be made.
    Refused {
        reason: String,
        message: String,
    },
    /// Nobody's row can be made now.
    QuotaExhausted {
        message: String,
    },
    /// Later, perhaps.
    Delayed(String),
}

impl App {
    /// Works on everybody's bulks until shutdown.
    pub(crate) async fn work_on_bulks(self: Arc<Self>) {
        let owner = format!("{}-{:08x}", std::process::id(), rand::random::<u32>());
        let mut memory = Memory::default();
        while !self.shutdown.is_cancelled() {
            match self.pass(&owner, &mut memory).await {
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "bulks cannot be worked on"),
            }
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                () = self.live.work() => {}
                () = tokio::time::sleep(NET) => {}
            }
        }
    }

    async fn pass(&self, owner: &str, memory: &mut Memory) -> Result<(), Error> {
        let open = bulks::open(self.store.read(), BULKS).await?;
        let is_open = |id: &BulkId| open.iter().any(|bulk| bulk.id == *id);
        memory.leased.retain(|id, _| is_open(id));
        memory
            .resting
            .retain(|id, until| is_open(id) && *until > Instant::now());
        if open.is_empty() {
            return Ok(());
        }
        let ids: Vec<BulkId> = open.iter().map(|bulk| bulk.id).collect();
        let counts = bulks::counts(self.store.read(), &ids).await?;
        for bulk in &open {
            if self.shutdown.is_cancelled() {
                return Ok(());
            }
            if memory.resting.contains_key(&bulk.id) || !self.holds(owner, bulk.id, memory).await? {
                continue;
            }
            let counts = counts.get(&bulk.id).copied().unwrap_or_default();
            if counts.pending + counts.running == 0 {
                self.close(bulk).await?;
            } else if !self.hand_out(bulk, counts).await? {
                memory.resting.insert(bulk.id, Instant::now() + REST);
            }
        }
        Ok(())
    }

    /// Whether this worker may hand out a bulk's rows.
    async fn holds(&self, owner: &str, id: BulkId, memory: &mut Memory) -> Result<bool, Error> {
        let now = Instant::now();
        if memory.leased.get(&id).is_some_and(|renew| *renew > now) {
            return Ok(true);
        }
        let lease_ms = self.config.bulk_lease_ms.max(300);
        let tx = self.store.begin().await?;
        let leased = bulks::lease(&tx, id, owner, lease_ms).await?;
        tx.commit().await?;
        if leased {
            let renew = Duration::from_millis(lease_ms.unsigned_abs() / 3);
            memory.leased.insert(id, now + renew);
        } else {
            memory.leased.remove(&id);
        }
        Ok(leased)
    }

    /// Fills the bulk's window; `false` where something stood in the way that
    /// will pass.
    async fn hand_out(&self, bulk: &bulk::Model, counts: Counts) -> Result<bool, Error> {
        let running = usize::try_from(counts.running).unwrap_or(usize::MAX);
        let room = self.config.bulk_window.max(1).saturating_sub(running);
        if room == 0 || counts.pending == 0 {
            return Ok(true);
        }
        let rows = bulks::rows(
            self.store.read(),
            bulk.id,
            Some(State::Pending),
            0,
            room as u64,
        )
        .await?;
        let settings: Settings = serde_json::from_str(&bulk.settings_json)
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        let who = absent(bulk.user_id, bulk.workspace_id);
        let context = self.identity.on_behalf_of("cover", Some(who));
        let settings = &settings;
        let handed: Vec<(bulk_row::Model, Handed)> = context
            .scope(
                futures::stream::iter(rows)
                    .map(|row| async move {
                        let handed = self.hand_out_row(settings, &row).await;
                        (row, handed)
                    })
                    .buffered(room)
                    .collect(),
            )
            .await;
        let mut unhindered = true;
        for (row, handed) in handed {
            unhindered &= self.note(&row, handed).await?;
        }
        self.live.changed(bulk.id).await;
        Ok(unhindered)
    }

    async fn hand_out_row(&self, settings: &Settings, row: &bulk_row::Model) -> Handed {
        match self.submit_row(settings, row).await {
            Ok(true) => Handed::Out,
            Ok(false) => Handed::Gone,
            Err(error) => judge(&error),
        }
    }

    async fn submit_row(&self, settings: &Settings, row: &bulk_row::Model) -> Result<bool, Error> {
        let who = absent(row.user_id, row.workspace_id);
        let task = row_task_id(row.bulk_id, row.row_number, row.attempt);
        let asked: Row = serde_json::from_str(&row.row_json)
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        let request = settings.request(&asked);
        let draft = Draft::read(&request, self.config.max_images).map_err(Error::Invalid)?;
        let order: Order = self.order(&who, draft, task).await?;
        covergen_failpoint::pass("row", "before-reserve");
        self.peers.reserve(&who, task, order.units()).await?;
        covergen_failpoint::pass("row", "reserved");
        let tx = self.store.begin().await?;
        bulks::touch(&tx, row.bulk_id).await?;
        if !bulks::start_row(&tx, row, task).await? {
            // Cancelled meanwhile: what was set aside has a term of its own,
            // but need not wait for it. Handed out by another worker: the
            // reservation is the task's, and stays.
            drop(tx);
            return self.give_back_unless_made(row, task).await;
        }
        let cause = Cause::Row(row);
        self.accept(&tx, &who, task, &order, &request.template_id, cause)
            .await?;
        tx.commit().await?;
        covergen_failpoint::pass("row", "started");
        Ok(true)
    }

    async fn give_back_unless_made(
        &self,
        row: &bulk_row::Model,
        task: covergen_ids::TaskId,
    ) -> Result<bool, Error> {
        let who = absent(row.user_id, row.workspace_id);
        let made = crate::store::request(self.store.read(), &who, task).await?;
        if made.is_none() {
            let user = row.user_id.to_string();
            self.peers.release(&user, task, 0).await?;
        }
        Ok(false)
    }

    /// Writes down what became of a row; `false` where the bulk is to rest.
    async fn note(&self, row: &bulk_row::Model, handed: Handed) -> Result<bool, Error> {
        let (which, reason, message) = match handed {
            Handed::Out | Handed::Gone => return Ok(true),
            Handed::Refused { reason, message } => {
                (Which::Waiting(row.row_number), reason, message)
            }
            Handed::QuotaExhausted { message } => {
                (Which::AllWaiting, "QUOTA_EXHAUSTED".to_owned(), message)
            }
            Handed::Delayed(message) if row.delays >= MAX_DELAYS => (
                Which::Waiting(row.row_number),
                "NOT_SUBMITTED".to_owned(),
                message,
            ),
            Handed::Delayed(message) => {
                tracing::debug!(bulk = %row.bulk_id, row = row.row_number, message, "a row waits");
                let tx = self.store.begin().await?;
                bulks::delay_row(&tx, row).await?;
                tx.commit().await?;
                return Ok(false);
            }
        };
        let tx = self.store.begin().await?;
        bulks::touch(&tx, row.bulk_id).await?;
        let error = Some((reason.as_str(), message.as_str()));
        bulks::end_rows(&tx, row.bulk_id, which, State::Failed, error).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends a bulk whose rows have all ended, once.
    async fn close(&self, bulk: &bulk::Model) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        if bulks::set_open(&tx, bulk.id, false, None).await? {
            // A retry may have come between: then it stays open.
            let counts = bulks::counts(&tx, &[bulk.id]).await?;
            let counts = counts.get(&bulk.id).copied().unwrap_or_default();
            if counts.pending + counts.running > 0 {
                return Ok(());
            }
            events::bulk_finished(&tx, bulk, counts).await?;
            tx.commit().await?;
            self.live.changed(bulk.id).await;
        }
        Ok(())
    }
}

/// What an error says about the row, and whether it will pass.
fn judge(error: &Error) -> Handed {
    use crate::error::reason_of;
    use covergen_store::Refusal as _;
    if let Error::Upstream(status) = error {
        return match StepError::from_status(status) {
            StepError::Fatal(failure) if failure.reason == "QUOTA_EXHAUSTED" => {
                Handed::QuotaExhausted {
                    message: failure.message,
                }
            }
            // What the services think of each other is not the row's fault.
            StepError::Fatal(failure) if error.is_definite() => Handed::Refused {
                reason: failure.reason,
                message: failure.message,
            },
            StepError::Fatal(failure) => Handed::Delayed(failure.message),
            StepError::Transient(message) => Handed::Delayed(message),
        };
    }
    // A font that this machine lacks does not come while somebody waits.
    let undrawable = matches!(&error, Error::Studio(StudioError::Render(_)));
    if undrawable || error.is_definite() {
        return Handed::Refused {
            reason: reason_of(error).to_owned(),
            message: error.told(),
        };
    }
    Handed::Delayed(error.to_string())
}
