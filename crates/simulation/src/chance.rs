//! Chance and time that come again: a thread whose every random number follows
//! from a seed, and whose clocks stand where the simulation puts them.
//!
//! Balancing, jitter, ids and traces draw from `rand`'s generator of the
//! thread, which takes its seed from the system; HTTP/2 below the mesh forgets
//! streams by the system's clock. Handing each of them a generator and a clock
//! would thread both through a dozen layers that need them for nothing else,
//! and some of those are not ours; so what is replaced is the system's own
//! source of either, in this crate's programs alone.

use std::cell::Cell;
use std::thread;
use std::time::Duration;

thread_local! {
    /// The generator of a seeded thread.
    static STATE: Cell<Option<u64>> = const { Cell::new(None) };
    /// What its clocks show, since they began.
    static ELAPSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Where the clocks of a seeded thread begin, in seconds: the wall clock in
/// 2027, any other as if the machine had run for a while.
const WALL_SECONDS: i64 = 1_800_000_000;
const OTHER_SECONDS: i64 = 1_000_000;

/// A seed's stack: futures are large where nothing is optimised.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Runs `work` on a thread of its own, where chance follows from `seed`.
///
/// # Errors
/// It panicked; the message.
pub(crate) fn seeded<T: Send + 'static>(
    seed: u64,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let seeded = move || {
        STATE.set(Some(seed));
        work()
    };
    let thread = thread::Builder::new()
        .name(format!("seed-{seed}"))
        .stack_size(STACK_BYTES)
        .spawn(seeded)
        .map_err(|error| error.to_string())?;
    thread.join().map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        format!("panicked: {}", text.unwrap_or("without a word"))
    })
}

/// Moves the clocks of a seeded thread.
pub(crate) fn set_elapsed(elapsed: Duration) {
    ELAPSED.set(elapsed);
}

/// In place of the C library's: the simulation's time where the thread is
/// seeded, the system's elsewhere.
///
/// # Safety
/// `time` must be valid for a write.
#[allow(unsafe_code, reason = "a function of the C library is replaced")]
#[unsafe(no_mangle)]
unsafe extern "C" fn clock_gettime(
    clock: libc::clockid_t,
    time: *mut libc::timespec,
) -> libc::c_int {
    if STATE.try_with(Cell::get).ok().flatten().is_none() {
        // SAFETY: the caller's arguments, passed on.
        let told = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
        return libc::c_int::try_from(told).unwrap_or(-1);
    }
    let elapsed = ELAPSED.get();
    let begin = if clock == libc::CLOCK_REALTIME {
        WALL_SECONDS
    } else {
        OTHER_SECONDS
    };
    let shown = libc::timespec {
        tv_sec: begin + i64::try_from(elapsed.as_secs()).unwrap_or_default(),
        tv_nsec: i64::from(elapsed.subsec_nanos()),
    };
    // SAFETY: the caller says so.
    unsafe { time.write(shown) };
    0
}

/// In place of the C library's: the thread's own numbers where it is seeded,
/// the system's elsewhere.
///
/// # Safety
/// `buffer` must be valid for writes of `length` bytes.
#[allow(unsafe_code, reason = "a function of the C library is replaced")]
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(
    buffer: *mut libc::c_void,
    length: libc::size_t,
    flags: libc::c_uint,
) -> libc::ssize_t {
    let seeded = STATE.try_with(Cell::get).ok().flatten();
    let Some(mut state) = seeded else {
        // SAFETY: the caller's arguments, passed on.
        let got = unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) };
        return libc::ssize_t::try_from(got).unwrap_or(-1);
    };
    // SAFETY: the caller says so.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
    for part in bytes.chunks_mut(8) {
        let number = next(&mut state).to_le_bytes();
        part.copy_from_slice(&number[..part.len()]);
    }
    STATE.set(Some(state));
    libc::ssize_t::try_from(length).unwrap_or(-1)
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clocks_of_a_seeded_thread_stand_where_they_are_put() {
        use std::time::{Instant, SystemTime};

        let minute = Duration::from_secs(60);
        let moved = seeded(1, move || {
            let began = (Instant::now(), SystemTime::now());
            set_elapsed(minute);
            (began.0.elapsed(), began.1.elapsed().unwrap())
        });
        assert_eq!(moved, Ok((minute, minute)));
        let began = Instant::now();
        while began.elapsed().is_zero() {}
    }

    #[test]
    fn a_seed_decides_every_number_of_its_thread() {
        let draw = |seed| seeded(seed, rand::random::<[u64; 4]>).unwrap();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_ne!(rand::random::<u64>(), rand::random::<u64>());
    }
}
