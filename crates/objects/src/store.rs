use std::fmt::{self, Debug};
use std::io;
use std::ops::Range;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use futures::stream::BoxStream;
use time::OffsetDateTime;

use crate::{Error, Key, Result};

/// A body that is being read from the store.
pub type Body = BoxStream<'static, Result<Bytes>>;

/// What to do when the object exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutMode {
    /// Put the new one in its place.
    Replace,
    /// Leave it and answer [`Error::AlreadyExists`].
    IfAbsent,
}

/// What is known about an object without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Its name.
    pub key: Key,
    /// Its size.
    pub size_bytes: u64,
    /// Its media type; `None` in listings, which do not tell it.
    pub content_type: Option<String>,
    /// Changes whenever the object does.
    pub etag: String,
    /// When it was stored, by the store's clock.
    pub modified_at: OffsetDateTime,
}

/// An object being read.
pub struct Object {
    /// What is known about the whole object.
    pub meta: Meta,
    /// The bytes that the body holds.
    pub range: Range<u64>,
    /// The bytes, in chunks.
    pub body: Body,
}

impl Object {
    /// Reads the whole body into memory.
    ///
    /// # Errors
    /// Whatever reading fails with.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let length = usize::try_from(self.range.end - self.range.start).unwrap_or(0);
        // The announced length is only a hint: what arrives decides.
        let mut all = BytesMut::with_capacity(length.min(64 * 1024 * 1024));
        while let Some(chunk) = self.body.next().await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all.freeze())
    }
}

impl Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("meta", &self.meta)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// Some objects of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In the order of their keys (by bytes).
    pub objects: Vec<Meta>,
    /// Where to go on; `None` at the end.
    pub next: Option<Key>,
}

/// A place for objects.
///
/// Every call may answer [`Error::Unavailable`] or [`Error::Denied`].
#[async_trait]
pub trait ObjectStore: Debug + Send + Sync {
    /// Stores an object; when this returns, it is durable.
    ///
    /// Errors: [`Error::AlreadyExists`] (with [`PutMode::IfAbsent`]),
    /// [`Error::TooLarge`], [`Error::InvalidContentType`],
    /// [`Error::KeyConflict`], [`Error::Full`].
    async fn put(&self, key: &Key, body: Bytes, content_type: &str, mode: PutMode) -> Result<Meta>;

    /// Stores an object that need not fit into memory, in place of any there
    /// is. Nothing is visible before the whole body has been stored; a body
    /// that fails leaves what was there.
    ///
    /// Errors: as [`ObjectStore::put`], and [`Error::Body`].
    async fn put_stream(
        &self,
        key: &Key,
        body: BoxStream<'static, io::Result<Bytes>>,
        content_type: &str,
    ) -> Result<Meta>;

    /// Reads an object, or the given bytes of it; a range that reaches beyond
    /// the end is cut there.
    ///
    /// Errors: [`Error::NotFound`], [`Error::RangeNotSatisfiable`].
    async fn get(&self, key: &Key, range: Option<Range<u64>>) -> Result<Object>;

    /// What is known about an object.
    ///
    /// Errors: [`Error::NotFound`].
    async fn head(&self, key: &Key) -> Result<Meta>;

    /// Removes an object. That there is none is fine.
    async fn delete(&self, key: &Key) -> Result<()>;

    /// Lists up to `limit` objects (at most 1000) below a folder (empty for
    /// all), with keys after `after`.
    async fn list(&self, folder: &str, after: Option<&Key>, limit: usize) -> Result<Page>;

    /// Answers when the store can be used now.
    async fn ping(&self) -> Result<()>;
}

/// Checks `type/subtype` with optional parameters, as it goes into a header.
pub(crate) fn check_content_type(text: &str) -> Result<()> {
    let refuse = || Err(Error::InvalidContentType(text.chars().take(64).collect()));
    let printable = text.bytes().all(|b| (0x20..0x7f).contains(&b));
    let Some((kind, rest)) = text.split_once('/') else {
        return refuse();
    };
    let subtype = rest.split(';').next().unwrap_or_default().trim_end();
    let token = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    if !printable || text.len() > 255 || !token(kind) || !token(subtype) {
        return refuse();
    }
    Ok(())
}

/// Checks a size against the configured one.
pub(crate) fn check_size(bytes: u64, limit_bytes: u64) -> Result<()> {
    if bytes > limit_bytes {
        return Err(Error::TooLarge { limit_bytes });
    }
    Ok(())
}

/// Cuts a wanted range to an object's size.
pub(crate) fn resolve(range: Option<&Range<u64>>, size_bytes: u64) -> Result<Range<u64>> {
    match range {
        None => Ok(0..size_bytes),
        Some(range) if range.start < range.end && range.start < size_bytes => {
            Ok(range.start..range.end.min(size_bytes))
        }
        Some(_) => Err(Error::RangeNotSatisfiable { size_bytes }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_told_from_header_tricks() {
        for good in ["image/png", "text/plain; charset=utf-8", "image/svg+xml"] {
            assert!(check_content_type(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "png",
            "image/",
            "/png",
            "a/b\r\nx: y",
            "im age/png",
            "a/é",
        ] {
            assert!(check_content_type(bad).is_err(), "{bad:?}");
        }
    }
}
