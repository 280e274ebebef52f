//! The cover service with the services it calls, on both stores.

mod generate;
mod refuse;
mod watch;
mod world;
