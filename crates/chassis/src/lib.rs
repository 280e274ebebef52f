//! What every service shares, so that a service itself is its contract, its
//! rules and its tables: boot, configuration, the caller, errors, health,
//! event handling, shutdown.
//!
//! Invariants: the chassis knows no domain; nothing in a service knows whether
//! it runs alone or beside the others; a process that gets SIGTERM finishes
//! what it has begun.
//!
//! Modules in reading order: `config` and `service` (what a process is told
//! and what a service offers), `context` (what it is handed), `host`, `hosted`, `engines` and `health`
//! (how it runs), then `guard`, `caller`, `error`, `event`, `together`,
//! `attempts`, `lanes` and `handling`,
//! `read_model`, `archive`, `jobs`, `dispatch`, `stale`, `refill`, `trace`, `revoke`, `admin`.

mod admin;
mod archive;
mod attempts;
mod caller;
mod config;
mod context;
mod convert;
mod dispatch;
mod engines;
mod environment;
mod error;
mod event;
mod guard;
mod handling;
#[cfg(feature = "testing")]
mod harness;
mod health;
mod host;
mod hosted;
mod identity;
mod jobs;
mod lanes;
mod maintenance;
mod mesh_view;
mod probe;
mod process;
mod read_model;
mod refill;
mod revoke;
mod rooms;
mod rpc;
mod service;
mod signal;
mod stale;
mod together;
mod trace;

pub use archive::{
    Archive, ArchiveConfig, ArchiveError, Keeper, Kept, SegmentName, Shelf, Verified,
    lead_in_archiving,
};
pub use caller::{ClientInfo, client_info, principal, service_name, trace_parent};
pub use config::{Config, ConfigError, FontsConfig, IdentityConfig, ListenConfig};
pub use context::Context;
pub use convert::{store_code, store_reason, store_retry_after, timestamp};
pub use error::{ServiceError, reply};
pub use event::{Event, HandlerError, Subscription};
pub use guard::CallerKey;
#[cfg(feature = "testing")]
pub use harness::Harness;
pub use host::{BootError, Host};
pub use hosted::{Hosted, LAST_KNOWN};
pub use identity::Identity;
pub use jobs::{DISCARD, REDRIVE, REWIND, Rebuild, Rewind};
pub use probe::{Finding, probe};
pub use process::{Bound, Front, Process, Serve, main, main_of};
pub use read_model::{REBUILD, ReadModel};
pub use rpc::facts;
pub use service::{BoxError, Service, Wiring};
pub use signal::stop as stop_signal;
pub use stale::StaleReads;
pub use together::{Applied, Applying};
