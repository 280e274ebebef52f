//! The whole platform, as its users meet it: the real binary, real ports.

mod api;
mod audit;
mod browser;
mod crash;
mod grpc;
mod hostile;
mod idempotency;
mod platform;
mod walk;
