//! Events and commands that a transaction appends, and the rows they become.

use covergen_ids::{EventId, OutboxId, WorkspaceId};

use crate::relay::Taker;
use crate::sql::binds;
use crate::{Error, Result, Tx, sql};

mod appended;
mod envelope;
mod row;
mod write;

pub(crate) use appended::Appended;
pub use envelope::Envelope;
pub(crate) use row::{COLUMNS, Row};
pub use row::{OutboxCommand, OutboxEvent};

/// Largest payload of one row. With its envelope it stays below what the
/// event log takes, so that no committed event is too large to be sent.
pub const MAX_PAYLOAD_BYTES: usize = 512 * 1024;

/// Longest aggregate, key or command name.
const MAX_NAME_BYTES: usize = 256;

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
    /// Appends an event: it is published after the commit, and only then. Those
    /// of one transaction are written together as it commits, and get their
    /// places among their aggregates' events there: 1, 2, 3 …
    ///
    /// # Errors
    /// [`Error::TooLarge`] for an event over [`MAX_PAYLOAD_BYTES`]; the
    /// database's, when a transaction emits so many that some are written
    /// before.
    pub async fn emit(&self, draft: EventDraft) -> Result<EventId> {
        check_size("an event", draft.data.len(), MAX_PAYLOAD_BYTES)?;
        check_name("aggregate", &draft.aggregate)?;
        let id = EventId::new(&self.store.clock);
        let row = Row {
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
        if self.with_appended(|appended| appended.event(row)) > write::KEPT {
            self.write_events().await?;
        }
        Ok(id)
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

    /// Inserts a command; answers its number, and whether nothing earlier of its
    /// key is still to be sent.
    ///
    /// If this process may dispatch it from memory it is born with this
    /// process's lease, which saves a round trip to take one.
    async fn append(&self, row: &Row) -> Result<(i64, bool)> {
        let born_to = self.store.hub.taker();
        let Taker { owner, lease_ms } = born_to.unwrap_or_default();
        let sql = "INSERT INTO outbox (id, kind, name, grouping_key, aggregate_version,
                workspace_id, occurred_at_ms, traceparent, causation_id, correlation_id,
                payload, principal, lease_owner, lease_until_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             RETURNING seq, ($4 = '' OR NOT EXISTS (
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

    fn with_appended<T>(&self, change: impl FnOnce(&mut Appended) -> T) -> T {
        // A panic while the list was locked cannot have left it half-changed.
        let mut appended = self
            .appended
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut appended)
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
