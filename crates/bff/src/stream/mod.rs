//! Server streams as REST callers see them.

mod download;
mod events;
mod socket;

pub use events::Frames;
pub(crate) use socket::Socket;
