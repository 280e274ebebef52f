//! The last step out: into this process, or onto the wire.

mod batch;
mod connection;
mod discover;
mod endpoint;
mod exchange;
mod failure;
mod inprocess;
mod tcp;

use http::Response;
use tonic::body::Body;

pub use endpoint::{EndpointSnapshot, EndpointState};
pub(crate) use inprocess::InProcess;
pub(crate) use tcp::Tcp;

use crate::{
    client::Call,
    hop::{Failure, Hop},
};

/// How a target is reached.
#[derive(Clone)]
pub(crate) enum Transport {
    InProcess(InProcess),
    Tcp(Tcp),
}

impl Transport {
    pub(crate) fn endpoints(&self) -> Vec<EndpointSnapshot> {
        match self {
            Self::InProcess(_) => Vec::new(),
            Self::Tcp(tcp) => tcp.snapshot(),
        }
    }
}

impl Hop<Call> for Transport {
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
        match self {
            Self::InProcess(inprocess) => inprocess.call(call).await,
            Self::Tcp(tcp) => tcp.call(call).await,
        }
    }
}
