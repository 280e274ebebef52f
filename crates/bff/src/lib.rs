//! Runtime pieces that generated BFF handlers call.
//!
//! `covergen-bff-codegen` reads the annotated protos and writes, per audience,
//! one typed handler per HTTP binding, JSON readers and writers, an OpenAPI
//! document and a table of routes: a [`Surface`]. This crate turns a surface
//! and what its host provides (who may call, how often, where the services
//! are) into a service.
//!
//! # Invariants
//! - Bad input is never answered with a 5xx.
//! - Nothing internal reaches a caller: neither messages of internal faults
//!   nor headers; nothing from outside reaches a backend but what
//!   [`edge`](self) forwards by name.
//! - No reflection: what runs is the generated, typed code.
//! - This crate depends on no generated message type and on no service.
//!
//! # Modules, in reading order
//! `route` (what is generated), `app` (assembling), `edge` (around
//! everything), `signed` (that nothing was changed), `front`, `dispatch`, `protocol` and `path` (finding the handler), `admit`, `gate`,
//! `limit` and `session` (who may), `copies` (answers kept), `call` (what a handler does), `compose` (answers made of several calls), `bind`,
//! `query`, `paging`, `links` and `json` (decoding and encoding), `upload`, `stream`, `grpc_web`,
//! `problem` (errors), `assets`, `docs`, `health`, `server`.

mod accept;
mod admit;
mod app;
mod assets;
mod backend;
mod bind;
mod body;
mod call;
pub mod compose;
mod config;
mod copies;
mod deadline;
mod deprecation;
mod dispatch;
mod docs;
mod edge;
mod front;
mod gate;
mod grpc_web;
mod health;
pub mod json;
mod limit;
mod links;
mod paging;
mod path;
mod problem;
mod protocol;
mod query;
mod route;
mod server;
mod session;
mod signed;
mod stream;
mod trace;
mod upload;

pub use app::{Bff, BffError};
pub use assets::{Asset, Assets};
pub use backend::{Backend, BoxError};
pub use bind::Text;
pub use call::{Call, Tokens};
pub use config::BffConfig;
pub use copies::AnswerCopies;
pub use front::Front;
pub use gate::{Admission, Caller, Credential, CredentialSource, Gate, Sight, Standing};
pub use health::{Check, Readiness};
pub use limit::{Decision, Limiter};
pub use links::Part;
pub use paging::Skip;
pub use problem::{Problem, Violation};
pub use query::Binder;
pub use route::{
    Binding, CachePolicy, Copies, Deprecation, Handler, PathPiece, Protocol, Route, Segment,
    SessionEffect, Surface, UploadRules, Variable, Version,
};
pub use server::{ServeLimits, serve};
pub use signed::{ContentDigest, Presented, Proof, Signatures};
pub use stream::{Frames, Messages};
pub use tonic::Status;
pub use trace::{TRACEPARENT_BYTES, Traces};
pub use upload::Upload;

/// What generated code names from other crates.
pub mod support {
    pub use axum::response::Response;
    pub use bytes::Bytes;
    pub use futures::future::BoxFuture;
}
