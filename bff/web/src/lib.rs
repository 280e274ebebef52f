//! The web BFF: what the browser app is offered, by REST, events and gRPC-web.
//!
//! All of it is generated from the annotated protos; see `covergen-bff` for
//! what the generated handlers stand on and for how a host wires them.

// Generated code is written for its compiler, not for its reader.
#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    missing_docs,
    non_snake_case,
    non_upper_case_globals,
    unreachable_pub,
    unused_imports,
    unused_mut
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/bff.rs"));
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

use covergen_bff::{Assets, Bff, BffConfig, Surface};
use covergen_edge::Edge;

/// The browser app's files; none where it was not built.
pub static ASSETS: &Assets = &generated::ASSETS;

/// This BFF, ready to be hosted.
pub static EDGE: Edge = Edge {
    name: "bff-web",
    surface: &generated::SURFACE,
    assets: Some(&generated::ASSETS),
};

/// What its audience is offered.
#[must_use]
pub fn surface() -> &'static Surface {
    EDGE.surface
}

/// The BFF with its surface and files in place; a host adds gate, limiter and
/// backends, and builds.
#[must_use]
pub fn bff(config: BffConfig) -> Bff {
    Bff::builder(surface(), config).assets(ASSETS)
}

/// The OpenAPI 3.1 document.
#[must_use]
pub fn openapi_json() -> &'static str {
    EDGE.surface.openapi
}
