//! A place for log lines, and telemetry that is built but not installed.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use covergen_telemetry::{Assembly, Telemetry, TelemetryConfig};
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
pub(crate) struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Every line as JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = self.text();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
            .collect()
    }

    /// The only line.
    pub(crate) fn line(&self) -> Value {
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    }
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Capture {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// Telemetry that writes to the capture.
pub(crate) fn assemble(config: &TelemetryConfig) -> (Assembly, Capture) {
    let capture = Capture::default();
    let assembly = Telemetry::assemble(config, capture.clone()).unwrap();
    (assembly, capture)
}

/// What `work` logs by default settings.
pub(crate) fn logged(work: impl FnOnce()) -> Capture {
    logged_with(&TelemetryConfig::default(), work)
}

/// What `work` logs.
pub(crate) fn logged_with(config: &TelemetryConfig, work: impl FnOnce()) -> Capture {
    let (assembly, capture) = assemble(config);
    tracing::dispatcher::with_default(&assembly.dispatch, work);
    capture
}
