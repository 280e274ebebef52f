//! Rules without I/O: what an export may be, what its files are called, which
//! bytes of it are asked for.

mod names;
mod platforms;
mod range;
mod wanted;

pub(crate) use names::{Names, stem};
pub(crate) use platforms::Platform;
pub(crate) use range::Slice;
pub(crate) use wanted::{Compression, Wanted, format_name, format_named};
