//! Where a service's outbox goes: events to the log, commands to the service's
//! own handlers.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use covergen_events::{Error, EventLog, Record, Subject};
use covergen_mesh::CallContext;
use covergen_store::{DispatchFailure, Dispatcher, OutboxCommand, OutboxEvent};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use crate::refill::LogEnd;
use crate::service::BoxFuture;
use crate::trace;

pub(crate) type CommandHandler =
    Box<dyn Fn(OutboxCommand) -> BoxFuture<Result<(), DispatchFailure>> + Send + Sync>;

pub(crate) struct Outlet {
    pub(crate) events: Arc<dyn EventLog>,
    pub(crate) commands: HashMap<&'static str, CommandHandler>,
    pub(crate) end: Arc<LogEnd>,
}

#[async_trait]
impl Dispatcher for Outlet {
    async fn publish(&self, mut events: Vec<OutboxEvent>) -> Vec<Result<(), DispatchFailure>> {
        let count = events.len();
        // They end when their events are in the log.
        let _publishing: Vec<Span> = events.iter_mut().map(publishing).collect();
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
                let ids = events.iter().map(|event| event.id.uuid());
                self.end.note(ids.zip(&published));
                events.iter().map(|_| Ok(())).collect()
            }
            Err(Error::Refused { id, why }) => refused(&events, id, &why),
            Err(error) => {
                if let Error::UnknownStream(stream) = &error {
                    self.declare_again(stream).await;
                }
                let failure = failure(&error);
                (0..count).map(|_| Err(failure.clone())).collect()
            }
        }
    }

    fn is_away(&self) -> bool {
        !self.events.link().is_up()
    }

    fn returns(&self) -> BoxStream<'static, ()> {
        stream::unfold(self.events.link(), |mut link| async {
            link.renewed().await;
            Some(((), link))
        })
        .boxed()
    }

    async fn command(&self, command: OutboxCommand) -> Result<(), DispatchFailure> {
        let Some(handler) = self.commands.get(command.name.as_str()) else {
            return Err(DispatchFailure::Refused(format!(
                "no handler for the command `{}`",
                command.name
            )));
        };
        let span = tracing::info_span!(
            parent: None,
            "command",
            otel.kind = "producer",
            otel.name = format!("command {}", command.name),
            command = command.name,
            requestId = %command.id,
            attempt = command.attempt,
        );
        let own = trace::adopt(&span, &command.traceparent);
        let context = CallContext::background().with_trace_parent(own);
        context.scope(handler(command).instrument(span)).await
    }
}

impl Outlet {
    /// Declares a stream that is gone, with a server that came back empty: what
    /// is published there is tried again, and nobody else may declare it.
    async fn declare_again(&self, stream: &str) {
        match self.events.declare_stream(stream).await {
            Ok(()) => tracing::warn!(stream, "the event stream was gone and is declared anew"),
            Err(error) => tracing::warn!(stream, %error, "the event stream is gone"),
        }
    }
}

/// What a log that takes nothing says of the events it was given.
fn failure(error: &Error) -> DispatchFailure {
    let reason = error.to_string();
    match error {
        Error::Unavailable(_) | Error::Closed | Error::Full(_) => DispatchFailure::Away(reason),
        _ => DispatchFailure::Retry(reason),
    }
}

/// Begins the span of an event that is about to be published; whoever handles
/// the event goes on below it.
fn publishing(event: &mut OutboxEvent) -> Span {
    let span = tracing::info_span!(
        parent: None,
        "publish",
        otel.kind = "producer",
        otel.name = format!("publish {}", event.event_name()),
        event = event.event_name(),
        eventId = %event.id,
    );
    event.traceparent = trace::adopt(&span, &event.traceparent).to_string();
    span
}

fn record(event: &OutboxEvent) -> Result<Record, String> {
    let subject = Subject::new(event.domain(), event.event_name(), &event.aggregate)
        .map_err(|error| error.to_string())?;
    let record = Record::new(event.id.uuid(), subject, event.encode_envelope());
    record.check().map_err(|error| error.to_string())?;
    Ok(record)
}

/// What the log says that takes all but one.
fn refused(events: &[OutboxEvent], id: Uuid, why: &str) -> Vec<Result<(), DispatchFailure>> {
    match events.iter().find(|event| event.id.uuid() == id) {
        Some(event) => alone(events, event, why),
        None => vec![Err(DispatchFailure::Retry(why.to_owned())); events.len()],
    }
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
