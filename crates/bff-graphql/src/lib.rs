//! The read side of a BFF as GraphQL.
//!
//! Nothing is annotated for it: every GET of the BFF's OpenAPI document that
//! answers with JSON becomes a field of the query type, and its schemas become
//! types. `GetCover` is `cover(coverId: …)`, `ListCovers` is `covers(…)`.
//!
//! A field is answered by the BFF's own route, called in this process: who may
//! call, how often, with which errors and from which cache is therefore the
//! same. The fields selected become the route's `?fields=`, so that no more is
//! written, and where the backend takes a read mask no more is read, than was
//! asked for.
//!
//! # Invariants
//! - Only reads: there is no mutation, and no route but GET is called.
//! - A query is bounded before anything is called: length, depth, number of
//!   fields, number of routes.
//! - An error names what the route answered, and what it did not say stays
//!   unsaid.
//!
//! Served as GraphQL over HTTP (the GraphQL Foundation's draft): POST with
//! `application/json`, or GET with `query`, `variables` and `operationName`.
//!
//! Modules in reading order: `document` (the OpenAPI document as far as it
//! matters), `types` (GraphQL types from it), `resolve` (a field is answered),
//! `serve` (over HTTP), `limits`.

mod document;
mod limits;
mod resolve;
mod serve;
mod types;

pub use document::DocumentError;
pub use limits::Limits;
pub use serve::Graph;
