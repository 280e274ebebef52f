//! Who is at the other end of a call, as far as the transport can tell.

use std::{net::SocketAddr, sync::Arc};

use crate::SpiffeId;

/// Stands in the extensions of every request that reaches a guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// A service of this process. Its name can be trusted.
    InProcess {
        /// The calling service.
        service: Arc<str>,
    },
    /// A service on the network that has proven who it is.
    Verified {
        /// The other end of the connection.
        address: SocketAddr,
        /// Whose certificate it holds, in our trust domain.
        id: SpiffeId,
    },
    /// Somebody on the network. Nothing about it can be trusted.
    Tcp {
        /// The other end of the connection, which may be a proxy.
        address: SocketAddr,
    },
}

impl Peer {
    /// The calling service, if it is certain: one of this process, or one that
    /// has proven itself. What a guard decides by.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::InProcess { service } => Some(service),
            Self::Verified { id, .. } => Some(id.service()),
            Self::Tcp { .. } => None,
        }
    }

    /// The metric label of the calling side.
    pub(crate) fn label(&self) -> &str {
        self.service().unwrap_or("network")
    }
}
