//! Objects (images, exports, archives) in a local folder or in S3, behind one
//! trait.
//!
//! Invariants, the same for both engines:
//! - A put that returned is durable; a put that failed left either nothing or
//!   the former object, never half of one.
//! - Keys are checked when they are made ([`Key`]): nothing that reaches an
//!   engine can leave its folder or bucket.
//! - A failure says whether it is worth retrying ([`Error::is_transient`]).
//!
//! Modules in reading order: `config`, `key`, `store` (the trait and what it
//! speaks of), then the engines `local` and `s3`.

mod config;
mod error;
mod key;
mod local;
mod s3;
mod store;

pub use config::{Config, open};
pub use error::Error;
pub use key::{Key, MAX_KEY_BYTES};
pub use store::{Body, Meta, Object, ObjectStore, Page, PutMode};

/// The result of every fallible call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
