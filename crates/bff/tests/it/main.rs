//! Tests of the runtime: a generated surface over a real tonic backend.

#![allow(
    clippy::unwrap_used,
    reason = "what helpers of tests unwrap, tests assert"
)]
// One test spells out a message of every kind in one literal.
#![recursion_limit = "256"]

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

    // Both ways of writing one message, for the test that compares them.
    pub(crate) static WRITE_EVERYTHING: fn(
        &mut json::Writer,
        &crate::scratch::covergen::echo::v1::Everything,
    ) = write_covergen_echo_v1_Everything;
    pub(crate) static EVERYTHING: &json::Wire = &WIRE_covergen_echo_v1_Everything;
}
#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    missing_docs,
    unreachable_pub
)]
mod scratch {
    include!(concat!(env!("OUT_DIR"), "/scratch.rs"));
}

// The surface whose versions stand side by side.
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
mod versioned {
    include!(concat!(env!("OUT_DIR"), "/versions/bff.rs"));
}
#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    missing_docs,
    unreachable_pub
)]
mod shelf {
    include!(concat!(env!("OUT_DIR"), "/versions/scratch.rs"));
}

mod support;

mod browser;
mod caching;
mod composed;
mod copies;
mod deprecated;
mod edge;
mod envoy;
mod flows;
mod grpc_web;
mod headers;
mod hostile;
mod json;
mod large;
mod leaving;
mod links;
mod methods;
mod new_rpc;
mod pages;
mod paths;
mod problems;
mod properties;
mod query;
mod server;
mod sessions;
mod shared;
mod signed;
mod sockets;
mod streams;
mod uploads;
mod versions;
mod wire;
