//! Ports for processes that are killed and started again in the same place.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Result, bail};

/// Below the ports that the system gives to outgoing connections, so that none
/// of those takes the place of a process that is away.
const FIRST: u16 = 10_000;
const COUNT: u16 = 6_000;

/// A port that nobody has now, and that no later call in this process answers
/// until all others had their turn.
///
/// # Errors
/// All are taken.
pub fn free() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = process::id().wrapping_mul(97) % u32::from(COUNT);
    let begin = u16::try_from(begin).unwrap_or_default();
    for _ in 0..COUNT {
        let at = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        if TcpListener::bind(("127.0.0.1", FIRST + at)).is_ok() {
            return Ok(FIRST + at);
        }
    }
    bail!("no free port between {FIRST} and {}", FIRST + COUNT)
}
