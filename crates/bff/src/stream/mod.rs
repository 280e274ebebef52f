//! Server streams as REST callers see them.

mod download;
mod events;
mod messages;
mod shared;
mod socket;

pub use events::Frames;
pub use messages::Messages;
pub(crate) use shared::{Ask, End, MOST_ASKED_BYTES, Next, Watcher, Watches, trailers};
pub(crate) use socket::Socket;
