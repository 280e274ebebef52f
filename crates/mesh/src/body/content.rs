//! What a request says, as it is or as it comes.

use bytes::Bytes;
use tonic::{Status, body::Body};

use super::{BodyWatch, Collected, Incoming, OnCut, buffered::buffer, watch};

/// The content of a request on its way through the layers. What is held
/// already needs no body until somebody reads it: each costs an allocation,
/// and a virtual call for each of its frames.
pub(crate) enum Content {
    /// As it comes over the wire.
    Arriving(Incoming),
    /// As it comes.
    Streamed(Body),
    /// There whole.
    Held(Collected),
}

impl Default for Content {
    fn default() -> Self {
        Self::Streamed(Body::empty())
    }
}

impl Content {
    /// To be read.
    pub(crate) fn into_body(self) -> Body {
        match self {
            Self::Arriving(body) => Body::new(body),
            Self::Streamed(body) => body,
            Self::Held(held) => held.into_body(),
        }
    }

    /// With somebody watching it go by.
    pub(crate) fn watched(self, by: impl BodyWatch) -> Self {
        Self::Streamed(match self {
            Self::Arriving(body) => watch(body, by, OnCut::Error),
            content => watch(content.into_body(), by, OnCut::Error),
        })
    }

    /// Reads it to its end, unless that was done.
    ///
    /// # Errors
    /// It is over the message limit, or broke off.
    pub(crate) async fn hold(self) -> Result<Collected, Status> {
        match self {
            Self::Arriving(body) => buffer(body).await,
            Self::Streamed(body) => buffer(body).await,
            Self::Held(held) => Ok(held),
        }
    }
}

impl Collected {
    /// All there is, where that is at most one frame; empty for none.
    pub(crate) fn into_frame(self) -> Result<Bytes, Self> {
        if self.rest.is_none() {
            return Ok(self.first.unwrap_or_default());
        }
        Err(self)
    }
}
