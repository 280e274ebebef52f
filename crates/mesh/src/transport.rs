//! The last step out: into this process, or onto the wire.

mod batch;
mod connection;
mod endpoint;
mod exchange;
mod failure;
mod inprocess;
mod names;
mod tcp;

use http::Response;
use tonic::body::Body;

pub(crate) use connection::ConnectionPolicy;
pub(crate) use endpoint::Endpoint;
pub use endpoint::{EndpointSnapshot, EndpointState};
pub(crate) use inprocess::InProcess;
pub(crate) use tcp::{Lease, Tcp};

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

impl Hop<Call> for Transport {
    type Answer = Response<Body>;
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Response<Body>, Failure> {
        match self {
            Self::InProcess(inprocess) => inprocess.call(call).await,
            Self::Tcp(tcp) => tcp.call(call).await,
        }
    }
}
