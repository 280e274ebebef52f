//! Log lines: gathered from an event and its spans, masked, written at once.

mod fields;
mod filter;
mod json;
mod line;
mod panic;
mod text;

use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;

use tracing::dispatcher::WeakDispatch;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

pub(crate) use filter::LogFilter;
pub(crate) use panic::log_panics;

use crate::LogFormat;
use fields::Fields;
use line::Line;

/// Writes a line per event.
pub(crate) struct LogLayer<W> {
    format: LogFormat,
    coloured: bool,
    writer: W,
    // The way to the tracing layer, which knows the ids of exported spans.
    dispatch: OnceLock<WeakDispatch>,
}

impl<W> LogLayer<W> {
    pub(crate) fn new(format: LogFormat, writer: W) -> Self {
        Self {
            format,
            coloured: format == LogFormat::Text && std::io::stderr().is_terminal(),
            writer,
            dispatch: OnceLock::new(),
        }
    }
}

impl<S, W> Layer<S> for LogLayer<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        let _ = self.dispatch.set(dispatch.downgrade());
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        // Visited before the span is locked: a value's own formatting may log.
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(span) = context.span(id)
            && let Some(known) = span.extensions_mut().get_mut::<Fields>()
        {
            known.merge(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let dispatch = self.dispatch.get().and_then(WeakDispatch::upgrade);
        let line = Line::gather(event, &context, dispatch.as_ref());
        let written = match self.format {
            LogFormat::Json => json::write(&line),
            LogFormat::Text => text::write(&line, self.coloured),
        };
        // One write, so that lines of several threads do not mix. Where it
        // fails there is nowhere left to say so.
        let mut writer = self.writer.make_writer_for(event.metadata());
        let _ = writer.write_all(written.as_bytes());
    }
}
