//! Points at which a process ends itself, as `kill -9` would end it, when its
//! environment says so: `COVERGEN_FAIL_AT=paint.after-effect`, or with `@3` at
//! the third time that the point is passed.
//!
//! Only in builds with debug assertions: a release has no such points.

/// The environment variable that names the point.
pub const VARIABLE: &str = "COVERGEN_FAIL_AT";

/// Passes the point `place.moment`; does not return from the one that the
/// environment names.
#[cfg(debug_assertions)]
pub fn pass(place: &str, moment: &str) {
    use std::sync::OnceLock;
    static WANTED: OnceLock<Option<Wanted>> = OnceLock::new();
    let read = || std::env::var(VARIABLE).ok().map(|text| Wanted::read(&text));
    if let Some(wanted) = WANTED.get_or_init(read)
        && wanted.is_now(place, moment)
    {
        end(place, moment);
    }
}

/// Passes the point, in a build that has none.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub const fn pass(_place: &str, _moment: &str) {}

/// Which point, and at which passing.
#[cfg(debug_assertions)]
struct Wanted {
    point: String,
    left: std::sync::atomic::AtomicU32,
}

#[cfg(debug_assertions)]
impl Wanted {
    fn read(text: &str) -> Self {
        let (point, passing) = text.split_once('@').unwrap_or((text, "1"));
        Self {
            point: point.to_owned(),
            left: passing.parse().unwrap_or(1).into(),
        }
    }

    fn is_now(&self, place: &str, moment: &str) -> bool {
        use std::sync::atomic::Ordering;
        let rest = self.point.strip_prefix(place);
        let named = rest.and_then(|rest| rest.strip_prefix('.')) == Some(moment);
        // It runs on below zero, and is never one again.
        named && self.left.fetch_sub(1, Ordering::SeqCst) == 1
    }
}

/// Nothing is finished, flushed or told: that is what is being tested.
#[cfg(debug_assertions)]
fn end(place: &str, moment: &str) -> ! {
    use rustix::process::{Signal, getpid, kill_process};
    eprintln!("ends at {place}.{moment}");
    let _ = kill_process(getpid(), Signal::KILL);
    // The signal may take a moment to reach this thread.
    loop {
        std::thread::park();
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::Wanted;

    #[test]
    fn a_point_is_reached_by_its_whole_name_and_at_its_passing() {
        let wanted = Wanted::read("paint.after-effect@2");
        assert!(!wanted.is_now("paint", "before-effect"));
        assert!(!wanted.is_now("paint", "after-effect"));
        assert!(!wanted.is_now("pain", "t.after-effect"));
        assert!(wanted.is_now("paint", "after-effect"));
        assert!(!wanted.is_now("paint", "after-effect"));
        assert!(Wanted::read("commit.after").is_now("commit", "after"));
    }
}
