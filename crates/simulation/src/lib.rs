//! The platform's moving parts over a simulated network, replayed by seed.
//!
//! A run has seven hosts: people, two replicas of cover over one database, the
//! quota ledger, the task queue, the event log and a consumer of events. What
//! runs between them is what runs in production: the mesh's client and server
//! stacks over HTTP/2, the saga engine with its worker and remote journal, and
//! the relay. What is kept is in memory: the databases survive a crash, all
//! else does not.
//!
//! A seed decides the workload, and when which host crashes, which are cut off
//! from each other, what is slow, what breaks, and whose wall clock is wrong.
//! Then everything heals, and within [`CONVERGES_WITHIN`] every request that
//! was acknowledged must be completed or compensated once, and every service
//! must agree (`checker`).
//!
//! Invariants
//! - A seed is a history: time, chance and order follow from it, so that a
//!   failing one fails again (`chance`).
//! - Leases are judged by a clock that only goes forward; wall clocks date.
//! - A checker that passes proves little unless it fails where it should:
//!   [`Bug`] lists mistakes that can be planted.
//!
//! Modules in reading order: `plan`, `world`, `disk`, `hosts`, `outbox`, `rpc`,
//! `network`, `chance`, `checker`, `run`.

mod chance;
mod checker;
mod disk;
mod hosts;
mod network;
mod outbox;
mod plan;
mod rpc;
mod run;
mod world;

pub use checker::Counts;
pub use run::{CONVERGES_WITHIN, Report, run};

/// A mistake that can be planted, to see that it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// The consumer applies whatever it is handed.
    InboxOff,
    /// The consumer acknowledges events before it has committed them.
    AckBeforeCommit,
    /// The outbox marks rows as sent when they are taken.
    SentBeforeDispatch,
    /// Requests of the same key do not know of each other.
    ClaimsOff,
    /// The queue judges leases by its wall clock.
    LeasesByWallClock,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::InboxOff,
        Self::AckBeforeCommit,
        Self::SentBeforeDispatch,
        Self::ClaimsOff,
        Self::LeasesByWallClock,
    ];
}
