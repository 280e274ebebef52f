//! Message bodies on their way through the layers.

mod buffered;
mod content;
mod incoming;
mod meter;
mod watched;

pub(crate) use buffered::{Collected, collect_unary};
pub(crate) use content::Content;
pub(crate) use incoming::{Heard, Incoming};
pub(crate) use meter::MessageLimit;
pub(crate) use watched::{BodyWatch, OnCut, Watched, watch};

/// A body of ours, whatever it is made of.
pub(crate) trait Source:
    http_body::Body<Data = bytes::Bytes, Error = tonic::Status> + Send + Unpin + 'static
{
}

impl<B> Source for B where
    B: http_body::Body<Data = bytes::Bytes, Error = tonic::Status> + Send + Unpin + 'static
{
}
