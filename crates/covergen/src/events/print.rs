//! Events as JSON.

use std::io::{self, Write as _};

use anyhow::Context as _;
use covergen_events::{DeadLetter, Record, Stored};
use covergen_proto::events::v1::Envelope;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Knows every event there is.
pub(super) struct Printer {
    contracts: DescriptorPool,
}

/// An event, whether it stands in a stream or among the dead letters.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    id: String,
    #[serde(rename = "type")]
    pub(super) type_name: String,
    pub(super) aggregate: String,
    aggregate_version: u64,
    workspace_id: String,
    occurred_at: Value,
    #[serde(skip_serializing_if = "String::is_empty")]
    traceparent: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    causation_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    correlation_id: String,
    data: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InStream<'e> {
    stream: &'e str,
    sequence: u64,
    published_at: String,
    #[serde(flatten)]
    event: &'e Event,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Letter<'e> {
    stream: &'e str,
    sequence: u64,
    consumer: &'e str,
    delivery_count: u32,
    reason: &'e str,
    parked_at: String,
    event: &'e Event,
}

impl Printer {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            contracts: DescriptorPool::decode(covergen_proto::FILE_DESCRIPTOR_SET)
                .context("the contracts in this program cannot be read")?,
        })
    }

    /// An event as its contract has it. What no contract describes is told as
    /// a `problem` in place of its data: a look must not end at it.
    pub(super) fn event(&self, record: &Record) -> Event {
        let envelope = Envelope::decode(record.payload.clone());
        let (envelope, data) = match envelope {
            Ok(envelope) => {
                let data = self.data(&envelope);
                (envelope, data)
            }
            Err(error) => (Envelope::default(), Err(error.into())),
        };
        Event {
            id: record.id.to_string(),
            type_name: envelope.r#type,
            aggregate: record.subject.aggregate().to_owned(),
            aggregate_version: envelope.aggregate_version,
            workspace_id: envelope.workspace_id,
            occurred_at: serde_json::to_value(envelope.occurred_at).unwrap_or_default(),
            traceparent: envelope.traceparent,
            causation_id: envelope.causation_id,
            correlation_id: envelope.correlation_id,
            data: data.unwrap_or_else(
                |error: anyhow::Error| serde_json::json!({ "problem": error.to_string() }),
            ),
        }
    }

    fn data(&self, envelope: &Envelope) -> anyhow::Result<Value> {
        let message = self
            .contracts
            .get_message_by_name(&envelope.r#type)
            .with_context(|| format!("this program knows no {}", envelope.r#type))?;
        let message = DynamicMessage::decode(message, envelope.data.clone())?;
        Ok(serde_json::to_value(message)?)
    }

    pub(super) fn in_stream(&self, stream: &str, stored: &Stored, event: &Event) -> String {
        json(&InStream {
            stream,
            sequence: stored.sequence,
            published_at: time(stored.published_at),
            event,
        })
    }

    pub(super) fn letter(&self, stream: &str, letter: &DeadLetter) -> String {
        json(&Letter {
            stream,
            sequence: letter.sequence,
            consumer: &letter.durable,
            delivery_count: letter.delivery_count,
            reason: &letter.reason,
            parked_at: time(letter.parked_at),
            event: &self.event(&letter.record),
        })
    }
}

fn json(of: &impl Serialize) -> String {
    serde_json::to_string(of).expect("maps with text keys are JSON")
}

pub(super) fn time(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// Prints a line; `false` once nobody reads on, as behind `| head`.
pub(super) fn line(text: &str) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        printed => printed.map(|()| true),
    }
}
