use std::borrow::Cow;

use covergen_identity::Caller;
use covergen_mesh::CallContext;
use opentelemetry::trace::TraceContextExt as _;
use serde_json::Value;
use time::OffsetDateTime;
use tracing::{Dispatch, Event, Level, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::fields::Fields;
use crate::mask;

/// What one line says, masked.
pub(super) struct Line {
    pub(super) time: OffsetDateTime,
    pub(super) level: Level,
    pub(super) target: Cow<'static, str>,
    pub(super) service: String,
    pub(super) trace_id: Option<String>,
    pub(super) span_id: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) message: String,
    pub(super) data: Fields,
}

impl Line {
    /// Reads the event, the spans around it from the outermost in, and the
    /// call that is served. What is nearer to the event wins.
    pub(super) fn gather<S>(
        event: &Event<'_>,
        context: &Context<'_, S>,
        dispatch: Option<&Dispatch>,
    ) -> Self
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let mut line = Self {
            time: OffsetDateTime::now_utc(),
            level: *event.metadata().level(),
            target: Cow::Borrowed(event.metadata().target()),
            service: String::new(),
            trace_id: None,
            span_id: None,
            user_id: None,
            request_id: None,
            message: String::new(),
            data: Fields::default(),
        };
        let spans: Vec<SpanRef<'_, S>> = context
            .event_scope(event)
            .map(|scope| scope.from_root().collect())
            .unwrap_or_default();
        for span in &spans {
            if let Some(fields) = span.extensions().get::<Fields>() {
                for (name, value) in fields.iter() {
                    line.place(name, value);
                }
            }
        }
        line.message.clear();
        let mut fields = Fields::default();
        event.record(&mut fields);
        for (name, value) in fields {
            line.place(name, &value);
        }
        line.take_exported_ids(&spans, dispatch);
        line.take_call();
        // An event without a message may have a name of its own; without one
        // it is called after its place in the source.
        let name = event.metadata().name();
        if line.message.is_empty() && !name.starts_with("event ") {
            name.clone_into(&mut line.message);
        }
        if line.service.is_empty() {
            line.service = crate_of(&line.target);
        }
        line
    }

    fn place(&mut self, name: &'static str, value: &Value) {
        match name {
            "message" => self.message = plain(value),
            "service" => self.service = plain(value),
            "trace_id" | "traceId" => self.trace_id = Some(plain(value)),
            "span_id" | "spanId" => self.span_id = Some(plain(value)),
            "user_id" | "userId" => self.user_id = Some(plain(value)),
            "request_id" | "requestId" => self.request_id = Some(plain(value)),
            // What comes through the `log` crate says here whose it is.
            "log.target" => self.target = Cow::Owned(plain(value)),
            // These speak to the layer that exports spans.
            _ if name.starts_with("otel.") || name.starts_with("log.") => {}
            _ => self.data.set(name, mask::value(name, value)),
        }
    }

    /// The ids under which the collector knows the innermost span.
    fn take_exported_ids<S>(&mut self, spans: &[SpanRef<'_, S>], dispatch: Option<&Dispatch>)
    where
        S: for<'a> LookupSpan<'a>,
    {
        let Some(dispatch) = dispatch else { return };
        for span in spans.iter().rev() {
            let Some(exported) = tracing_opentelemetry::get_otel_context(&span.id(), dispatch)
            else {
                continue;
            };
            let exported = exported.span().span_context().clone();
            if exported.is_valid() {
                self.trace_id = Some(exported.trace_id().to_string());
                self.span_id = Some(exported.span_id().to_string());
                return;
            }
        }
    }

    /// What the call being served knows and no span said.
    fn take_call(&mut self) {
        let Some(call) = CallContext::current() else {
            return;
        };
        let place = call.trace_parent();
        let trace_id = format!("{:032x}", place.trace_id);
        if self
            .trace_id
            .as_ref()
            .is_none_or(|known| *known == trace_id)
        {
            self.trace_id = Some(trace_id);
            self.span_id
                .get_or_insert_with(|| format!("{:016x}", place.span_id));
        }
        self.request_id
            .get_or_insert_with(|| call.request_id().to_string());
        if self.user_id.is_none() {
            let principal = call.caller::<Caller>().and_then(Caller::principal);
            self.user_id = principal.map(|principal| principal.user_id.to_string());
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => mask::text(text).into_owned(),
        other => other.to_string(),
    }
}

/// `covergen_cover::app` is the service `cover`.
fn crate_of(target: &str) -> String {
    let name = target.split("::").next().unwrap_or(target);
    name.strip_prefix("covergen_")
        .unwrap_or(name)
        .replace('_', "-")
}
