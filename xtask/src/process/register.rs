//! The register of running programs, and what ends them.

use std::collections::BTreeSet;
use std::process::{Child, ChildStdout, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long a program may take to end after being asked to.
const GRACE: Duration = Duration::from_secs(10);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Whether the user asked to stop.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Returns once the user asks to stop.
pub(crate) fn wait_for_interrupt() {
    while !interrupted() {
        thread::sleep(Duration::from_millis(50));
    }
}

/// Ends every registered group on the first signal, and kills them on the
/// second or when they have not ended in time.
pub(crate) fn handle_signals() -> Result<()> {
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).context("signals cannot be handled")?;
    thread::spawn(move || {
        for _ in signals.forever() {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                signal_all(Signal::KILL);
                continue;
            }
            signal_all(Signal::TERM);
            thread::spawn(|| {
                thread::sleep(GRACE);
                signal_all(Signal::KILL);
            });
        }
    });
    Ok(())
}

fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn signal_all(signal: Signal) {
    for group in groups().iter() {
        signal_group(*group, signal);
    }
}

fn signal_group(group: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(group) {
        // A group that is gone already is what was wanted.
        let _ = kill_process_group(pid, signal);
    }
}

/// A running program and its descendants; dropping it ends them all.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    group: i32,
    name: String,
}

impl Running {
    /// Starts `command`, which leads a process group of its own.
    pub(super) fn start(mut command: Command, name: String) -> Result<Self> {
        // Held while starting, so that an interrupt cannot fall between the
        // start and the entry in the register.
        let mut register = groups();
        if interrupted() {
            bail!("interrupted");
        }
        let child = command
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        let group = i32::try_from(child.id()).expect("process ids fit into 31 bits");
        register.insert(group);
        Ok(Self { child, group, name })
    }

    /// Waits for the program to end by itself.
    pub(crate) fn wait(mut self) -> Result<ExitStatus> {
        let status = self.child.wait();
        let status = status.with_context(|| format!("{} was lost", self.name))?;
        if interrupted() {
            bail!("interrupted");
        }
        Ok(status)
    }

    /// What the program prints, when it was started to be read from.
    pub(super) fn take_output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_alive() {
            signal_group(self.group, Signal::TERM);
            let deadline = Instant::now() + GRACE;
            while self.is_alive() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(10));
            }
        }
        // Takes along descendants that outlived the program itself.
        signal_group(self.group, Signal::KILL);
        let _ = self.child.wait();
        groups().remove(&self.group);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::super::Program;

    /// `cat` ends with an error when the other end of its pipe is gone, so the
    /// pipe tells whether a process still holds it.
    #[test]
    fn dropping_a_program_ends_its_descendants() {
        let script = "sleep 600 & echo started; wait";
        let mut running = Program::new("sh")
            .args(["-c", script])
            .start_piped()
            .expect("starts");
        let mut output = running.take_output().expect("is piped");
        let mut first = [0; 8];
        output.read_exact(&mut first).expect("prints");
        drop(running);
        let mut rest = Vec::new();
        output
            .read_to_end(&mut rest)
            .expect("ends only when nobody holds the pipe");
        assert_eq!((&first, rest.as_slice()), (b"started\n", &[][..]));
    }
}
