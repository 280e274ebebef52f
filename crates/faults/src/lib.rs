//! What breaks, and what must still hold: the platform as processes, on
//! engines of its own, under load, with faults made on purpose.
//!
//! Every run ends with the checker: what was acknowledged, compared with what
//! every service keeps. A run in which a fault was planted into the data shows
//! that the checker would have seen it.
//!
//! Modules in reading order: `ports`; `engines` (PostgreSQL, NATS, Redis, to be
//! killed); `fleet` (every service and BFF as processes, to be killed too);
//! `site` (BFF replicas behind a balancer); `person`, `log` and `workload`
//! (who asks, and what they were told); `checker` (what does not fit together)
//! and `planted` (faults that it must find); `verdict` (one row of the table);
//! `scenario` (the rows).

pub mod checker;
pub mod engines;
pub mod fleet;
pub mod log;
pub mod person;
pub mod planted;
pub mod ports;
pub mod scenario;
pub mod site;
pub mod verdict;
pub mod workload;
