use std::io;

use crate::Key;

/// What can go wrong with objects.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no key.
    #[error("object key {key:?} is not valid: {why}")]
    InvalidKey {
        /// The text as given, shortened.
        key: String,
        /// The rule it breaks.
        why: &'static str,
    },
    /// There is no such object.
    #[error("there is no object {0}")]
    NotFound(Key),
    /// There is an object, and the put was not to replace it.
    #[error("object {0} exists already")]
    AlreadyExists(Key),
    /// The key is a folder of other keys, or one of its folders is an object.
    #[error("object {0} cannot stand beside objects below it")]
    KeyConflict(Key),
    /// The range begins at or after the object's end, or is empty.
    #[error("the object has {size_bytes} bytes, the range lies outside")]
    RangeNotSatisfiable {
        /// The object's size.
        size_bytes: u64,
    },
    /// The object exceeds the configured size.
    #[error("the object exceeds the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// A content type that is no media type.
    #[error("content type {0:?} is not a media type")]
    InvalidContentType(String),
    /// The disk is full.
    #[error("the object store is full")]
    Full,
    /// The store refuses the credentials or what they allow.
    #[error("the object store refuses access: {0}")]
    Denied(String),
    /// The store cannot be reached or failed; trying again may help.
    #[error("the object store is unavailable: {0}")]
    Unavailable(String),
    /// The body that was to be stored could not be read.
    #[error("the body to store failed: {0}")]
    Body(#[source] io::Error),
    /// The configuration does not name a usable store.
    #[error("objects configuration: {0}")]
    Config(String),
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full)
    }
}
