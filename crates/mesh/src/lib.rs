//! How one service reaches another: client and server stacks, without proxies.
//!
//! A service asks its [`Mesh`] for a [`Channel`] per target and hands it to a
//! generated client. The channel runs every call through the client stack
//! (`client`), over a transport (`transport`) that is either this process or
//! HTTP/2, into the target's server stack ([`server`]). A handler inherits its
//! call's deadline, caller, trace and request id as [`CallContext`], and so do
//! the calls it makes.
//!
//! ```text
//! client: observe → deadline → split
//!           → faults → fallback → retry → hedge → breaker → bulkhead
//!           → balance → settle → inject → transport
//! server: observe → conform → panic → deadline → admission → message limit
//!           → guard → fair → scope → handler
//! ```
//!
//! What is left of a split stands once per called name, what is right of it
//! once per target that calls may end at: a canary has a breaker, budgets and
//! endpoints of its own. How all of it behaves is data ([`MeshPolicy`]), read
//! again when it changes; layers take what holds for a call from its method,
//! so that a change holds for calls that begin after it.
//!
//! Invariants
//! - In process and over TCP a call meets the same layers in the same order;
//!   nothing reaches a handler without passing the server stack.
//! - Calls are tried again in one place, within one budget per target, which
//!   hedges draw on as well.
//! - Everything is bounded: time, calls in flight, waiting calls, message and
//!   header size, connections, metric labels, endpoints, ejections.
//! - No lock is held while a call waits.
//! - An endpoint that goes finishes what it has; one that comes is connected
//!   before it is given load. There is no state in which nobody is chosen
//!   while somebody can be connected to.
//! - The mesh knows no contract and no principal: method facts, tokens, guards
//!   and keys of principals are handed in.
//!
//! Modules in reading order: `mesh`, `channel`, `hop`, `client`, `balance`,
//! `transport`, `network`, `discover`, `registry`, `server`, `identity`, `context`,
//! `hooks`, `config`, `policy`, `pools`, `decisions`. Operators read
//! `docs/operations/mesh-policy.md`.

mod balance;
mod body;
mod by_name;
mod channel;
mod client;
mod config;
mod context;
mod decisions;
mod discover;
mod error;
mod facts;
mod hooks;
mod hop;
pub mod identity;
mod mesh;
mod network;
mod peer;
mod policy;
mod pools;
mod quantile;
mod red;
mod registry;
mod request_id;
mod room;
pub mod server;
mod services;
mod status;
mod sync;
mod timeout;
mod trace;
mod transport;
mod user_type;
mod window;

pub use channel::Channel;
pub use client::{BreakerSnapshot, BulkheadSnapshot, CircuitState, FALLBACK_HEADER};
pub use config::{
    Address, BadAddress, HostPort, Layers, MeshConfig, MethodConfig, PolicyConfig, PoolConfig,
    TargetConfig,
};
pub use context::{CallContext, Caller, Deadline};
/// The largest message either way, and the most a body is buffered for replay.
pub use covergen_grpc::MAX_MESSAGE_BYTES;
pub use decisions::{Decision, DecisionKind};
pub use discover::{Discover, DiscoverError};
pub use error::MeshError;
pub use facts::{MethodFacts, MethodLookup, ServiceLookup};
pub use hooks::{
    ClientHooks, Fallback, FallbackCall, Guard, OutgoingCall, PrincipalKey, ServerHooks,
    TokenSource, principal_key,
};
pub use identity::{Identity, IdentityConfig, IdentityError, Rollout, SpiffeId};
pub use mesh::{Mesh, MeshSnapshot, PolicySnapshot, TargetSnapshot};
pub use network::{Connect, Io, Listen};
pub use peer::Peer;
pub use policy::{MeshPolicy, PolicyError, Problem};
pub use pools::{DependencyPool, PoolPermit, PoolSnapshot};
pub use registry::Registry;
pub use request_id::{REQUEST_ID_HEADER, RequestId};
pub use server::{DrainReport, RpcService, ServerConfig};
pub use services::{Answering, Inner, Services};
pub use trace::{Propagator, TraceParent, W3c};
pub use transport::{EndpointSnapshot, EndpointState};
