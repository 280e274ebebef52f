//! What every BFF shares at the edge: who is let in, and how often.
//!
//! The BFFs themselves are generated and know neither tokens nor limits; this
//! crate gives them both, from the process's identity and cache.
//!
//! Modules in reading order: `edge` (a BFF and how it is served), `process` (as
//! a process of its own), `config`, `gate`, `api_keys`, `signatures`, `limits`, `copies` and
//! `follow` (answers kept, and what ends them), `last_known` (answers while a
//! service gives none), `readiness`, `backend`, `traces`.

mod api_keys;
mod backend;
mod config;
mod copies;
mod edge;
mod follow;
mod gate;
mod last_known;
mod limits;
mod process;
mod readiness;
mod signatures;
mod traces;

pub use api_keys::ApiKeys;
pub use backend::backend;
pub use config::{EdgeConfig, OnOutage, RateClass, RateWindow};
pub use copies::EdgeCopies;
pub use edge::{Edge, EdgeError};
pub use follow::follow;
pub use gate::EdgeGate;
pub use last_known::LastKnown;
pub use limits::EdgeLimiter;
pub use process::main;
pub use readiness::HostReadiness;
pub use signatures::{EdgeSignatures, PublicUrl, PublicUrlError};
pub use traces::EdgeTraces;
