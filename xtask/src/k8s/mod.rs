//! Everything that runs the platform on Kubernetes: generated from the
//! roster and the contracts, then checked as it would be applied.
//!
//! Modules in reading order: `roster` (one line per process), `environment`
//! (one line per overlay), `callers` (who calls whom, from the contracts);
//! what is generated: `unit`, `settings`, `secrets`, `identity`, `network`,
//! `edge`, `postgres`, `rules`, `dashboards`, laid out by `layout` and written by `yaml`;
//! `metrics` knows which metrics there are; `check` looks at all of it as a
//! cluster would; `image` builds what runs.

mod callers;
pub(crate) mod check;
mod dashboards;
mod edge;
mod environment;
mod identity;
pub(crate) mod image;
mod layout;
mod metrics;
mod network;
mod postgres;
mod promql;
mod roster;
mod rules;
mod secrets;
mod settings;
mod unit;
mod yaml;

pub(crate) use callers::Callers;
pub(crate) use layout::{FOLDERS, files};
