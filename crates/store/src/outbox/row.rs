use covergen_ids::{EventId, OutboxId, WorkspaceId};
use prost::Message;
use sea_orm::{DbErr, QueryResult};

use crate::{Envelope, Result};

/// The columns that [`Row::read`] wants.
pub(crate) const COLUMNS: &str = "seq, id, kind, name, grouping_key, aggregate_version, \
     workspace_id, occurred_at_ms, traceparent, causation_id, correlation_id, payload, \
     principal, attempts";

/// One row of the outbox.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) grouping_key: String,
    pub(crate) aggregate_version: i64,
    pub(crate) workspace_id: String,
    pub(crate) occurred_at_ms: i64,
    pub(crate) traceparent: String,
    pub(crate) causation_id: String,
    pub(crate) correlation_id: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) principal: Option<Vec<u8>>,
    pub(crate) attempts: i64,
}

impl Row {
    pub(crate) fn read(row: &QueryResult) -> Result<Self, DbErr> {
        let kind: String = row.try_get("", "kind")?;
        Ok(Self {
            seq: row.try_get("", "seq")?,
            id: row.try_get("", "id")?,
            kind: if kind == "event" { "event" } else { "command" },
            name: row.try_get("", "name")?,
            grouping_key: row.try_get("", "grouping_key")?,
            aggregate_version: row.try_get("", "aggregate_version")?,
            workspace_id: row.try_get("", "workspace_id")?,
            occurred_at_ms: row.try_get("", "occurred_at_ms")?,
            traceparent: row.try_get("", "traceparent")?,
            causation_id: row.try_get("", "causation_id")?,
            correlation_id: row.try_get("", "correlation_id")?,
            payload: row.try_get("", "payload")?,
            principal: row.try_get("", "principal")?,
            attempts: row.try_get("", "attempts")?,
        })
    }

    pub(crate) fn into_command(self) -> OutboxCommand {
        OutboxCommand {
            id: parsed(&self.id),
            name: self.name,
            key: self.grouping_key,
            payload: self.payload,
            principal: self.principal,
            workspace_id: parsed(&self.workspace_id),
            occurred_at_ms: self.occurred_at_ms,
            traceparent: self.traceparent,
            causation_id: self.causation_id,
            correlation_id: self.correlation_id,
            attempt: u32::try_from(self.attempts + 1).unwrap_or(u32::MAX),
        }
    }

    pub(crate) fn into_event(self) -> OutboxEvent {
        OutboxEvent {
            id: parsed(&self.id),
            type_name: self.name,
            aggregate: self.grouping_key,
            aggregate_version: self.aggregate_version,
            workspace_id: parsed(&self.workspace_id),
            occurred_at_ms: self.occurred_at_ms,
            traceparent: self.traceparent,
            causation_id: self.causation_id,
            correlation_id: self.correlation_id,
            data: self.payload,
        }
    }
}

/// Only this crate writes these columns, from ids it minted.
fn parsed<K: covergen_ids::kind::Kind>(text: &str) -> covergen_ids::Id<K> {
    text.parse()
        .expect("the outbox holds ids as they were minted")
}

/// A committed event, as handed to the dispatcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEvent {
    /// The event's id; the log's message id for deduplication.
    pub id: EventId,
    /// Full name of the message, such as `covergen.cover.v1.CoverGenerated`.
    pub type_name: String,
    /// What changed: a typed id.
    pub aggregate: String,
    /// 1, 2, 3 … per aggregate.
    pub aggregate_version: i64,
    /// The workspace that owns the aggregate.
    pub workspace_id: WorkspaceId,
    /// When the change was made, in Unix milliseconds.
    pub occurred_at_ms: i64,
    /// W3C trace context of the change.
    pub traceparent: String,
    /// What caused the event.
    pub causation_id: String,
    /// The user action it belongs to.
    pub correlation_id: String,
    /// The message, encoded.
    pub data: Vec<u8>,
}

impl OutboxEvent {
    /// The event as it travels.
    #[must_use]
    pub fn envelope(&self) -> Envelope {
        Envelope {
            id: self.id.to_string(),
            r#type: self.type_name.clone(),
            aggregate: self.aggregate.clone(),
            aggregate_version: u64::try_from(self.aggregate_version).unwrap_or_default(),
            workspace_id: self.workspace_id.to_string(),
            occurred_at: Some(prost_types::Timestamp {
                seconds: self.occurred_at_ms.div_euclid(1_000),
                nanos: i32::try_from(self.occurred_at_ms.rem_euclid(1_000) * 1_000_000)
                    .unwrap_or_default(),
            }),
            traceparent: self.traceparent.clone(),
            causation_id: self.causation_id.clone(),
            correlation_id: self.correlation_id.clone(),
            data: self.data.clone(),
        }
    }

    /// The encoded [`Envelope`].
    #[must_use]
    pub fn encode_envelope(&self) -> Vec<u8> {
        self.envelope().encode_to_vec()
    }

    /// `cover` of `covergen.cover.v1.CoverGenerated`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.type_name.split('.').nth(1).unwrap_or_default()
    }

    /// `CoverGenerated` of `covergen.cover.v1.CoverGenerated`.
    #[must_use]
    pub fn event_name(&self) -> &str {
        self.type_name.rsplit('.').next().unwrap_or_default()
    }
}

/// A committed command, as handed to the dispatcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxCommand {
    /// The row's id: the request id of the call, the same at every attempt.
    pub id: OutboxId,
    /// Which call, such as `task.submit`.
    pub name: String,
    /// What order holds within; empty for none.
    pub key: String,
    /// The encoded request.
    pub payload: Vec<u8>,
    /// On whose behalf, encoded by the service.
    pub principal: Option<Vec<u8>>,
    /// The workspace of the call.
    pub workspace_id: WorkspaceId,
    /// When it was appended, in Unix milliseconds.
    pub occurred_at_ms: i64,
    /// W3C trace context of the change.
    pub traceparent: String,
    /// What caused the call.
    pub causation_id: String,
    /// The user action it belongs to.
    pub correlation_id: String,
    /// 1 for the first attempt.
    pub attempt: u32,
}
