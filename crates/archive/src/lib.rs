//! ZIP archives that are written as they are sent: no file of one is held in
//! memory.
//!
//! Two ways to write one. Where length and checksum of every file are known, a
//! [`Layout`] gives each byte its place before the first is sent: the archive
//! has a length, any range of it can be had, and it is the same bytes each
//! time. Where they are not, a [`Stream`] writes files as they come and their
//! lengths behind them.
//!
//! Files are stored as they are: pictures do not shrink. The format is PKWARE's
//! APPNOTE 6.3, sections 4.3 and 4.5.3 (ZIP64).
//!
//! Modules in reading order: `time`, `record` (the records of the format),
//! `layout`, `stream`.

mod layout;
mod record;
mod stream;
mod time;

pub use layout::{Entry, Layout, Piece};
pub use stream::{Stream, ZipError};
pub use time::DosTime;

/// The checksum of a file, as archives have it.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = libdeflater::Crc::new();
    crc.update(bytes);
    crc.sum()
}
