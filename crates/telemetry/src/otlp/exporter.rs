use std::borrow::Cow;
use std::time::Duration;

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::reach::Reach;
use crate::mask::{self, MASK};

/// Masks spans, and names those of calls as the collector's users expect,
/// before they leave. This runs on the exporter's thread, not in calls.
#[derive(Debug)]
pub(super) struct Finishing<E> {
    pub(super) exporter: E,
    pub(super) reach: Reach,
}

impl<E: SpanExporter> SpanExporter for Finishing<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(finish);
        self.reach.note(self.exporter.export(batch).await)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

fn finish(span: &mut SpanData) {
    name_call(span);
    mask_all(&mut span.attributes);
    mask_name(&mut span.name);
    for event in &mut span.events.events {
        mask_name(&mut event.name);
        mask_all(&mut event.attributes);
    }
    if let Status::Error { description } = &mut span.status {
        mask_name(description);
    }
}

/// Spans of calls are named after their method, and those that failed are
/// marked so, as OpenTelemetry's conventions for RPC ask.
fn name_call(span: &mut SpanData) {
    if !matches!(span.span_kind, SpanKind::Client | SpanKind::Server) {
        return;
    }
    let attribute = |name: &str| {
        let found = span.attributes.iter().find(|one| one.key.as_str() == name);
        found.map(|one| one.value.as_str().into_owned())
    };
    let method = attribute("method").filter(|method| method.starts_with('/'));
    let code = attribute("code");
    // What a BFF serves has a method of HTTP, and the RPC it led to, if any.
    let rpc = attribute("rpc").zip(attribute("method"));
    if let Some((rpc, http)) = rpc {
        span.name = Cow::Owned(format!("{http} {rpc}"));
    }
    if let Some(method) = method {
        span.name = Cow::Owned(method.trim_start_matches('/').to_owned());
    }
    let Some(code) = code else { return };
    // A server answers for its own failures only.
    let failed = match span.span_kind {
        SpanKind::Client => code != "OK",
        _ => matches!(
            code.as_str(),
            "UNKNOWN"
                | "DEADLINE_EXCEEDED"
                | "UNIMPLEMENTED"
                | "INTERNAL"
                | "UNAVAILABLE"
                | "DATA_LOSS"
        ),
    };
    if failed && span.status == Status::Unset {
        span.status = Status::error(code);
    }
}

fn mask_name(name: &mut Cow<'static, str>) {
    if let Cow::Owned(masked) = mask::text(name) {
        *name = Cow::Owned(masked);
    }
}

fn mask_all(attributes: &mut [KeyValue]) {
    for attribute in attributes {
        if mask::is_private(attribute.key.as_str()) {
            attribute.value = Value::String(MASK.into());
            continue;
        }
        match &mut attribute.value {
            Value::String(text) => mask_text(text),
            Value::Array(Array::String(texts)) => texts.iter_mut().for_each(mask_text),
            _ => {}
        }
    }
}

fn mask_text(text: &mut StringValue) {
    if let Cow::Owned(masked) = mask::text(text.as_str()) {
        *text = masked.into();
    }
}
