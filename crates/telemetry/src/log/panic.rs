use std::backtrace::{Backtrace, BacktraceStatus};

/// Logs panics as lines like any other. A backtrace is added where the
/// environment asks for one.
pub(crate) fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let reason = panic.payload_as_str().unwrap_or("of an unknown kind");
        let location = panic.location().map(ToString::to_string);
        let thread = std::thread::current();
        let backtrace = Backtrace::capture();
        let backtrace =
            (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
        tracing::error!(
            reason,
            location,
            thread = thread.name(),
            backtrace,
            "a thread panicked"
        );
    }));
}
