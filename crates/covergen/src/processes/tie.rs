//! A child's life ends with its parent's.

use anyhow::ensure;

/// Has the kernel ask this process to stop when the one that started it dies.
/// Where the kernel cannot (other than Linux), a supervisor that is killed
/// leaves its children behind.
///
/// The kernel looks at the thread that started this process: threads of the
/// supervisor's runtime live as long as it does.
///
/// # Errors
/// The parent is gone already.
pub(crate) fn to_parent(parent: u32) -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))?;
    // It may have died before it was asked to be told.
    let now = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get());
    let same = now.is_some_and(|now| u32::try_from(now) == Ok(parent));
    ensure!(same, "the process that started this one has ended");
    Ok(())
}
