//! Seeds of the simulation, and mistakes that it must find.

#![allow(clippy::unwrap_used)]

mod planted;
mod replay;
mod seeds;
