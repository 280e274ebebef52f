//! Draws covers off the async threads, as many at once as there are cores.
//!
//! The renderer itself is synchronous and knows nothing of services. Every
//! service that draws goes through here, so that one process has one set of
//! fonts and never more drawing threads than cores.
//!
//! Modules in reading order: `design` (what a cover is drawn from), `studio`,
//! `sheet` (many covers on one page).

mod design;
pub mod sheet;
mod studio;

pub use design::{Design, Pictures};
pub use studio::{File, Studio, StudioError};
