//! Events and commands that a transaction appends, and the rows they become.

use covergen_ids::{EventId, OutboxId, WorkspaceId};
use sea_orm::DbBackend;

use crate::relay::Taker;
use crate::sql::binds;
use crate::{Error, Result, Tx, sql};

mod appended;
mod envelope;
mod row;

pub(crate) use appended::Appended;
pub use envelope::Envelope;
pub(crate) use row::{COLUMNS, Row};
pub use row::{OutboxCommand, OutboxEvent};

/// Largest payload of one row. With its envelope it stays below what the
/// event log takes, so that no committed event is too large to be sent.
pub const MAX_PAYLOAD_BYTES: usize = 512 * 1024;

/// Longest aggregate, key or command name.
const MAX_NAME_BYTES: usize = 256;

/// Allocates the next version of aggregate `$1`. The row lock this takes lasts
/// until the commit, so the version after it is allocated once this one is
/// certain: no gaps, and the order of versions is the order of commits.
macro_rules! next_version {
    () => {
        "INSERT INTO aggregate_versions AS known (aggregate, version) VALUES ($1, 1)
         ON CONFLICT (aggregate) DO UPDATE SET version = known.version + 1
         RETURNING version"
    };
}

/// An event about to be appended.
#[derive(Debug, Clone)]
pub struct EventDraft {
    type_name: String,
    aggregate: String,
    workspace: WorkspaceId,
    data: Vec<u8>,
    causation_id: Option<String>,
}

impl EventDraft {
    /// `message` happened to `aggregate` (a typed id), in `workspace`.
    pub fn new<M: prost::Name>(
        aggregate: &(impl ToString + ?Sized),
        workspace: WorkspaceId,
        message: &M,
    ) -> Self {
        Self {
            type_name: M::full_name(),
            aggregate: aggregate.to_string(),
            workspace,
            data: message.encode_to_vec(),
            causation_id: None,
        }
    }

    /// Names the cause, in place of the one in the running [`crate::CallContext`].
    #[must_use]
    pub fn caused_by(mut self, id: &(impl ToString + ?Sized)) -> Self {
        self.causation_id = Some(id.to_string());
        self
    }
}

/// What became of an [`EventDraft`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emitted {
    /// The event's id.
    pub id: EventId,
    /// Its place among the aggregate's events: 1, 2, 3 …
    pub version: i64,
}

/// A unary call about to be appended, made after the commit and repeated until
/// it is acknowledged or definitely refused.
#[derive(Debug, Clone)]
pub struct CommandDraft {
    name: String,
    key: String,
    payload: Vec<u8>,
    principal: Option<Vec<u8>>,
    workspace: WorkspaceId,
    causation_id: Option<String>,
}

impl CommandDraft {
    /// The call `name` (such as `task.submit`) with an encoded request.
    /// Commands of one non-empty `key` are made one after another, in the order
    /// in which they were appended; others beside each other.
    pub fn new(name: impl Into<String>, key: &(impl ToString + ?Sized), payload: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            key: key.to_string(),
            payload,
            principal: None,
            workspace: WorkspaceId::SYSTEM,
            causation_id: None,
        }
    }

    /// On whose behalf the call is made, encoded as the dispatcher expects it.
    #[must_use]
    pub fn principal(mut self, principal: Vec<u8>) -> Self {
        self.principal = Some(principal);
        self
    }

    /// The workspace of the call; by default the system's.
    #[must_use]
    pub fn workspace(mut self, workspace: WorkspaceId) -> Self {
        self.workspace = workspace;
        self
    }

    /// Names the cause, in place of the one in the running [`crate::CallContext`].
    #[must_use]
    pub fn caused_by(mut self, id: &(impl ToString + ?Sized)) -> Self {
        self.causation_id = Some(id.to_string());
        self
    }
}

impl Tx {
    /// Appends an event: it is published after the commit, and only then.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for an event over [`MAX_PAYLOAD_BYTES`].
    pub async fn emit(&self, draft: EventDraft) -> Result<Emitted> {
        check_size("an event", draft.data.len(), MAX_PAYLOAD_BYTES)?;
        check_name("aggregate", &draft.aggregate)?;
        let id = EventId::new(&self.store.clock);
        let mut row = Row {
            seq: 0,
            id: id.to_string(),
            kind: "event",
            name: draft.type_name,
            grouping_key: draft.aggregate,
            aggregate_version: 0,
            workspace_id: draft.workspace.to_string(),
            occurred_at_ms: self.now_ms(),
            traceparent: self.context.traceparent.clone(),
            causation_id: self.causation(draft.causation_id),
            correlation_id: self.correlation(&id),
            payload: draft.data,
            principal: None,
            attempts: 0,
        };
        let version = if self.store.backend == DbBackend::Postgres {
            self.append_versioned(row).await?
        } else {
            row.aggregate_version = self.next_version(&row.grouping_key).await?;
            self.append(&row).await?;
            row.aggregate_version
        };
        self.with_appended(Appended::event);
        Ok(Emitted { id, version })
    }

    /// Appends a command. The id returned is the call's request id.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a payload over [`MAX_PAYLOAD_BYTES`].
    pub async fn command(&self, draft: CommandDraft) -> Result<OutboxId> {
        check_size("a command", draft.payload.len(), MAX_PAYLOAD_BYTES)?;
        check_name("command name", &draft.name)?;
        if !draft.key.is_empty() {
            check_name("command key", &draft.key)?;
        }
        let id = OutboxId::new(&self.store.clock);
        let mut row = Row {
            seq: 0,
            id: id.to_string(),
            kind: "command",
            name: draft.name,
            grouping_key: draft.key,
            aggregate_version: 0,
            workspace_id: draft.workspace.to_string(),
            occurred_at_ms: self.now_ms(),
            traceparent: self.context.traceparent.clone(),
            causation_id: self.causation(draft.causation_id),
            correlation_id: self.correlation(&id),
            payload: draft.payload,
            principal: draft.principal,
            attempts: 0,
        };
        let (seq, first_of_key) = self.append(&row).await?;
        row.seq = seq;
        self.with_appended(|appended| appended.command(row, first_of_key));
        Ok(id)
    }

    /// Allocates an aggregate's next version.
    async fn next_version(&self, aggregate: &str) -> Result<i64> {
        let version = sql::one(self, next_version!(), binds![aggregate])
            .await?
            .ok_or(Error::Poisoned)?;
        Ok(version.try_get("", "version")?)
    }

    /// Inserts an event under its aggregate's next version, which it answers,
    /// in one round trip to the server. The number of the row is drawn once the
    /// version is certain, so both have the same order.
    async fn append_versioned(&self, row: Row) -> Result<i64> {
        let sql = concat!(
            "WITH moved AS (",
            next_version!(),
            ") INSERT INTO outbox (grouping_key, id, kind, name, workspace_id, occurred_at_ms,
                traceparent, causation_id, correlation_id, payload, aggregate_version)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, moved.version FROM moved
             RETURNING aggregate_version"
        );
        let stored = sql::one(
            self,
            sql,
            binds![
                row.grouping_key,
                row.id,
                row.kind,
                row.name,
                row.workspace_id,
                row.occurred_at_ms,
                row.traceparent,
                row.causation_id,
                row.correlation_id,
                row.payload,
            ],
        )
        .await?
        .ok_or(Error::Poisoned)?;
        Ok(stored.try_get("", "aggregate_version")?)
    }

    /// Inserts a row; answers its number, and for a command whether nothing
    /// earlier of its key is still to be sent.
    ///
    /// A row that this process may dispatch from memory is born with this
    /// process's lease, which saves a round trip to take one.
    async fn append(&self, row: &Row) -> Result<(i64, bool)> {
        let born_to = (row.kind == "command")
            .then(|| self.store.hub.taker())
            .flatten();
        let Taker { owner, lease_ms } = born_to.unwrap_or_default();
        let sql = "INSERT INTO outbox (id, kind, name, grouping_key, aggregate_version,
                workspace_id, occurred_at_ms, traceparent, causation_id, correlation_id,
                payload, principal, lease_owner, lease_until_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             RETURNING seq, ($2 = 'event' OR $4 = '' OR NOT EXISTS (
                SELECT 1 FROM outbox AS earlier
                WHERE earlier.kind = 'command' AND earlier.grouping_key = $4
                  AND earlier.sent_at_ms IS NULL AND earlier.parked_at_ms IS NULL
                  AND earlier.id <> $1)) AS is_first";
        let stored = sql::one(
            self,
            sql,
            binds![
                row.id.clone(),
                row.kind,
                row.name.clone(),
                row.grouping_key.clone(),
                row.aggregate_version,
                row.workspace_id.clone(),
                row.occurred_at_ms,
                row.traceparent.clone(),
                row.causation_id.clone(),
                row.correlation_id.clone(),
                row.payload.clone(),
                row.principal.clone(),
                owner,
                if lease_ms == 0 {
                    0
                } else {
                    self.lease_now_ms() + lease_ms
                },
            ],
        )
        .await?
        .ok_or(Error::Poisoned)?;
        Ok((stored.try_get("", "seq")?, stored.try_get("", "is_first")?))
    }

    fn with_appended(&self, change: impl FnOnce(&mut Appended)) {
        // A panic while the list was locked cannot have left it half-changed.
        let mut appended = self
            .appended
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut appended);
    }

    fn causation(&self, named: Option<String>) -> String {
        named.unwrap_or_else(|| self.context.causation_id.clone())
    }

    fn correlation(&self, own_id: &impl ToString) -> String {
        if self.context.correlation_id.is_empty() {
            return own_id.to_string();
        }
        self.context.correlation_id.clone()
    }
}

pub(crate) fn check_size(what: &'static str, bytes: usize, limit_bytes: usize) -> Result<()> {
    if bytes > limit_bytes {
        return Err(Error::TooLarge {
            what,
            bytes,
            limit_bytes,
        });
    }
    Ok(())
}

fn check_name(what: &'static str, name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::Config(format!("an outbox row needs its {what}")));
    }
    check_size(what, name.len(), MAX_NAME_BYTES)
}
