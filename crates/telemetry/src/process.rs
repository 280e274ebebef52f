//! What this process uses, as gauges: processor time, memory, open files,
//! threads, and the load of the runtime it was set up in.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use metrics::{Gauge, Key, Label, Level, Metadata, Recorder as _, SharedString};
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Handle;

use crate::Recorder;

/// Gauges of this process. What the operating system does not tell stays 0.
#[derive(Clone)]
pub(crate) struct Process {
    cpu_seconds: Gauge,
    resident_memory_bytes: Gauge,
    virtual_memory_bytes: Gauge,
    threads: Gauge,
    open_fds: Gauge,
    max_fds: Gauge,
    tasks: Option<Tasks>,
}

/// Gauges of the runtime that serves.
#[derive(Clone)]
struct Tasks {
    runtime: Handle,
    alive: Gauge,
    waiting: Gauge,
}

impl Process {
    pub(crate) fn new(recorder: &Recorder) -> Self {
        let started = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0.0, |since| since.as_secs_f64());
        gauge(
            recorder,
            "process_start_time_seconds",
            "When telemetry was set up, in seconds since 1970",
            Vec::new(),
        )
        .set(started);
        let version = Label::from_static_parts("version", env!("CARGO_PKG_VERSION"));
        let about = "Always 1; the label tells which build runs";
        gauge(recorder, "covergen_build_info", about, vec![version]).set(1.0);
        let plain = |name, about| gauge(recorder, name, about, Vec::new());
        let process = Self {
            cpu_seconds: plain(
                "process_cpu_seconds",
                "Processor time used by all threads since the process began",
            ),
            resident_memory_bytes: plain("process_resident_memory_bytes", "Memory held in RAM"),
            virtual_memory_bytes: plain("process_virtual_memory_bytes", "Address space"),
            threads: plain("process_threads", "Threads of the operating system"),
            open_fds: plain("process_open_fds", "Open files and sockets"),
            max_fds: plain("process_max_fds", "Files and sockets that may be open"),
            tasks: Handle::try_current().ok().map(|runtime| Tasks {
                runtime,
                alive: plain("runtime_alive_tasks", "Tasks that have not ended"),
                waiting: plain(
                    "runtime_waiting_tasks",
                    "Tasks ready to run that no worker has taken",
                ),
            }),
        };
        process.observe();
        process
    }

    #[allow(clippy::cast_precision_loss)] // A gauge is a float.
    pub(crate) fn observe(&self) {
        let used = clock_gettime(ClockId::ProcessCPUTime);
        self.cpu_seconds
            .set(used.tv_sec as f64 + used.tv_nsec as f64 / 1e9);
        if let Ok(status) = fs::read_to_string("/proc/self/status") {
            let read = |gauge: &Gauge, name, unit| {
                if let Some(value) = field(&status, name) {
                    gauge.set(value as f64 * unit);
                }
            };
            read(&self.resident_memory_bytes, "VmRSS:", 1024.0);
            read(&self.virtual_memory_bytes, "VmSize:", 1024.0);
            read(&self.threads, "Threads:", 1.0);
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            // One of them is the folder being read.
            self.open_fds.set(open.count().saturating_sub(1) as f64);
        }
        if let Some(limit) = getrlimit(Resource::Nofile).current {
            self.max_fds.set(limit as f64);
        }
        if let Some(tasks) = &self.tasks {
            let load = tasks.runtime.metrics();
            tasks.alive.set(load.num_alive_tasks() as f64);
            tasks.waiting.set(load.global_queue_depth() as f64);
        }
    }
}

fn gauge(
    recorder: &Recorder,
    name: &'static str,
    about: &'static str,
    labels: Vec<Label>,
) -> Gauge {
    let metadata = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
    recorder.describe_gauge(name.into(), None, SharedString::const_str(about));
    recorder.register_gauge(&Key::from_parts(name, labels), &metadata)
}

/// The number after `name` in a list of `Name:  number unit` lines.
fn field(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_by_its_whole_name() {
        let status = "Name:\tcovergen\nVmRSS:\t   20480 kB\nThreads:\t7\n";
        assert_eq!(field(status, "VmRSS:"), Some(20_480));
        assert_eq!(field(status, "Threads:"), Some(7));
        assert_eq!(field(status, "VmSize:"), None);
    }
}
