//! Where a service's outbox goes: events to the log, commands to the service's
//! own handlers.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use covergen_events::{EventLog, Record, Subject};
use covergen_mesh::{CallContext, TraceParent};
use covergen_store::{DispatchFailure, Dispatcher, OutboxCommand, OutboxEvent};

use crate::refill::LogEnd;
use crate::service::BoxFuture;

pub(crate) type CommandHandler =
    Box<dyn Fn(OutboxCommand) -> BoxFuture<Result<(), DispatchFailure>> + Send + Sync>;

pub(crate) struct Outlet {
    pub(crate) events: Arc<dyn EventLog>,
    pub(crate) commands: HashMap<&'static str, CommandHandler>,
    pub(crate) end: Arc<LogEnd>,
}

#[async_trait]
impl Dispatcher for Outlet {
    async fn publish(&self, events: Vec<OutboxEvent>) -> Vec<Result<(), DispatchFailure>> {
        let count = events.len();
        let mut records = Vec::with_capacity(count);
        for event in &events {
            match record(event) {
                Ok(record) => records.push(record),
                Err(refused) => {
                    // One event that cannot be published must not hold back the
                    // others: they are published by themselves on the next round.
                    return alone(&events, event, &refused);
                }
            }
        }
        match self.events.publish(records).await {
            Ok(published) => {
                self.end.note(&published);
                events.iter().map(|_| Ok(())).collect()
            }
            Err(error) => {
                let reason = error.to_string();
                (0..count)
                    .map(|_| Err(DispatchFailure::Retry(reason.clone())))
                    .collect()
            }
        }
    }

    async fn command(&self, command: OutboxCommand) -> Result<(), DispatchFailure> {
        let Some(handler) = self.commands.get(command.name.as_str()) else {
            return Err(DispatchFailure::Refused(format!(
                "no handler for the command `{}`",
                command.name
            )));
        };
        let mut context = CallContext::background();
        if let Some(parent) = TraceParent::parse(&command.traceparent) {
            context = context.with_trace_parent(parent);
        }
        context.scope(handler(command)).await
    }
}

fn record(event: &OutboxEvent) -> Result<Record, String> {
    let subject = Subject::new(event.domain(), event.event_name(), &event.aggregate)
        .map_err(|error| error.to_string())?;
    Ok(Record::new(
        event.id.uuid(),
        subject,
        event.encode_envelope(),
    ))
}

fn alone(
    events: &[OutboxEvent],
    refused: &OutboxEvent,
    reason: &str,
) -> Vec<Result<(), DispatchFailure>> {
    events
        .iter()
        .map(|event| {
            if event.id == refused.id {
                Err(DispatchFailure::Refused(reason.to_owned()))
            } else {
                Err(DispatchFailure::Retry(
                    "published with the next batch".to_owned(),
                ))
            }
        })
        .collect()
}
