//! Server streams as REST callers see them.

mod download;
mod events;

pub use events::Frames;
