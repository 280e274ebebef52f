//! What every BFF shares at the edge: who is let in, and how often.
//!
//! The BFFs themselves are generated and know neither tokens nor limits; this
//! crate gives them both, from the process's identity and cache.
//!
//! Modules in reading order: `config`, `gate`, `api_keys`, `limits`, `readiness`, `backend`.

mod api_keys;
mod backend;
mod config;
mod gate;
mod limits;
mod readiness;

pub use api_keys::ApiKeys;
pub use backend::backend;
pub use config::{EdgeConfig, RateClass, RateWindow};
pub use gate::EdgeGate;
pub use limits::EdgeLimiter;
pub use readiness::HostReadiness;
