//! What happens in a run, decided by its seed before it begins.

use std::fmt;
use std::str::FromStr;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

/// The hosts: two replicas of cover over one database, everybody else once.
pub(crate) const HOSTS: [&str; 7] = [
    "people", "cover-0", "cover-1", "ledger", "queue", "log", "reader",
];

/// From here on nothing goes wrong any more.
pub(crate) const HEALED_MS: u64 = 6_000;

/// How far wall clocks are off.
const SKEW_MS: i64 = 3_600_000;

/// Workload and faults of one run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) requests: Vec<Request>,
    pub(crate) faults: Vec<(u64, Fault)>,
    /// Units each user has.
    pub(crate) limits: Vec<i32>,
    /// Share of connections that break while they carry something.
    pub(crate) resets: f64,
}

/// Somebody wants a cover.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) at_ms: u64,
    /// The idempotency key.
    pub(crate) key: String,
    pub(crate) wish: Wish,
    /// It is sent once more, after it was answered.
    pub(crate) again: bool,
    /// They change their mind, so long after it was accepted.
    pub(crate) cancelled_after_ms: Option<u64>,
}

/// What is wanted, and what becomes of drawing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) user: usize,
    pub(crate) fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It can be drawn.
    Drawn,
    /// It can be drawn at the second attempt.
    Flaky,
    /// It can never be drawn.
    Refused,
}

/// Something goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// A host is gone for a while, and what it had in memory for ever.
    Crash { host: &'static str, for_ms: u64 },
    /// Nothing passes between two hosts, or one way only.
    Cut {
        from: &'static str,
        to: &'static str,
        one_way: bool,
        for_ms: u64,
    },
    /// Everything between two hosts takes this long.
    Slow {
        from: &'static str,
        to: &'static str,
        latency_ms: u64,
        for_ms: u64,
    },
    /// A host's wall clock is an hour fast, an hour slow, or right again.
    Skew { host: &'static str, ms: i64 },
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let rng = &mut StdRng::seed_from_u64(seed);
        let users = rng.random_range(1..=3);
        let count = rng.random_range(8..=16);
        Self {
            requests: (0..count).map(|n| request(rng, n, users)).collect(),
            faults: faults(rng),
            limits: (0..users).map(|_| rng.random_range(3..=12)).collect(),
            resets: rng.random_range(0.0..0.4),
        }
    }
}

fn request(rng: &mut StdRng, number: u32, users: usize) -> Request {
    let fate = match rng.random_range(0..10) {
        0 => Fate::Refused,
        1 | 2 => Fate::Flaky,
        _ => Fate::Drawn,
    };
    Request {
        at_ms: rng.random_range(0..HEALED_MS - 1_000),
        key: format!("key-{number}"),
        wish: Wish {
            user: rng.random_range(0..users),
            fate,
        },
        again: rng.random_bool(0.3),
        cancelled_after_ms: rng.random_bool(0.15).then(|| rng.random_range(0..1_000)),
    }
}

/// What a run is mostly about. Faults of one kind meet more often where others
/// do not get in their way.
#[derive(Debug, Clone, Copy)]
enum Theme {
    /// A bit of everything.
    Mixed,
    /// Hosts die.
    Crashes,
    /// The network fails.
    Network,
    /// Clocks jump, and whoever holds leases dies.
    Clocks,
}

const THEMES: [Theme; 4] = [Theme::Mixed, Theme::Crashes, Theme::Network, Theme::Clocks];

fn faults(rng: &mut StdRng) -> Vec<(u64, Fault)> {
    let theme = *THEMES.choose(rng).unwrap_or(&Theme::Mixed);
    let count = rng.random_range(4..=10);
    (0..count)
        .flat_map(|_| {
            let at_ms = rng.random_range(200..HEALED_MS - 500);
            match theme {
                Theme::Mixed => match rng.random_range(0..3) {
                    0 => vec![crash(rng, at_ms, &HOSTS[1..])],
                    1 => vec![network(rng, at_ms)],
                    _ => vec![skew(rng, at_ms, &HOSTS[1..])],
                },
                Theme::Crashes => vec![crash(rng, at_ms, &HOSTS[1..])],
                Theme::Network => vec![network(rng, at_ms)],
                Theme::Clocks => {
                    let soon_ms = at_ms + rng.random_range(0..400);
                    vec![
                        skew(rng, at_ms, &["queue"]),
                        crash(rng, soon_ms, &["cover-0", "cover-1"]),
                    ]
                }
            }
        })
        .collect()
}

// People never crash: they are who remembers what was answered.
fn crash(rng: &mut StdRng, at_ms: u64, hosts: &[&'static str]) -> (u64, Fault) {
    let fault = Fault::Crash {
        host: any(rng, hosts),
        for_ms: rng.random_range(20..2_000).min(HEALED_MS - at_ms),
    };
    (at_ms, fault)
}

fn network(rng: &mut StdRng, at_ms: u64) -> (u64, Fault) {
    let until_healed_ms = HEALED_MS - at_ms;
    let from = any(rng, &HOSTS);
    let others: Vec<_> = HOSTS.into_iter().filter(|other| *other != from).collect();
    let to = any(rng, &others);
    let fault = if rng.random_bool(0.7) {
        Fault::Cut {
            from,
            to,
            one_way: rng.random_bool(0.5),
            for_ms: rng.random_range(100..4_000).min(until_healed_ms),
        }
    } else {
        Fault::Slow {
            from,
            to,
            latency_ms: rng.random_range(50..800),
            for_ms: rng.random_range(100..3_000).min(until_healed_ms),
        }
    };
    (at_ms, fault)
}

fn skew(rng: &mut StdRng, at_ms: u64, hosts: &[&'static str]) -> (u64, Fault) {
    let fault = Fault::Skew {
        host: any(rng, hosts),
        ms: *[-SKEW_MS, 0, SKEW_MS].choose(rng).unwrap_or(&0),
    };
    (at_ms, fault)
}

fn any(rng: &mut StdRng, hosts: &[&'static str]) -> &'static str {
    hosts.choose(rng).unwrap_or(&HOSTS[1])
}

impl Wish {
    /// The user's id, such as `user-2`.
    pub(crate) fn user_id(self) -> String {
        format!("user-{}", self.user)
    }
}

/// As it stands in a request's title.
impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = match self.fate {
            Fate::Drawn => "drawn",
            Fate::Flaky => "flaky",
            Fate::Refused => "refused",
        };
        write!(f, "{} {fate}", self.user)
    }
}

impl FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("no wish: {text:?}");
        let (user, fate) = text.split_once(' ').ok_or_else(wrong)?;
        let fate = match fate {
            "drawn" => Fate::Drawn,
            "flaky" => Fate::Flaky,
            "refused" => Fate::Refused,
            _ => return Err(wrong()),
        };
        let user = user.parse().map_err(|_| wrong())?;
        Ok(Self { user, fate })
    }
}
