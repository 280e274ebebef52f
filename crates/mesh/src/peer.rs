//! Who is at the other end of a call, as far as the transport can tell.

use std::{net::SocketAddr, sync::Arc};

/// Stands in the extensions of every request that reaches a guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// A service of this process. Its name can be trusted.
    InProcess {
        /// The calling service.
        service: Arc<str>,
    },
    /// Somebody on the network. Nothing about it can be trusted.
    Tcp {
        /// The other end of the connection, which may be a proxy.
        address: SocketAddr,
    },
}

impl Peer {
    /// The metric label of the calling side.
    pub(crate) fn label(&self) -> &str {
        match self {
            Self::InProcess { service } => service,
            Self::Tcp { .. } => "network",
        }
    }
}
