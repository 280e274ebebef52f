//! The last step out: into this process, or onto the wire.

mod batch;
mod connection;
mod endpoint;
mod exchange;
mod failure;
mod inprocess;
mod names;
mod tcp;

pub(crate) use connection::ConnectionPolicy;
pub(crate) use endpoint::Endpoint;
pub use endpoint::{EndpointSnapshot, EndpointState};
pub(crate) use failure::{from_body, status_of_body};
pub(crate) use inprocess::InProcess;
pub(crate) use tcp::{Lease, Tcp};

use crate::{
    client::Call,
    hop::{Failure, Hop},
    server::Reply,
};

/// How a target is reached.
#[derive(Clone)]
pub(crate) enum Transport {
    InProcess(InProcess),
    Tcp(Tcp),
}

impl Hop<Call> for Transport {
    type Answer = Reply;
    type Failure = Failure;

    async fn call(&self, call: Call) -> Result<Reply, Failure> {
        match self {
            Self::InProcess(inprocess) => inprocess.call(call).await,
            Self::Tcp(tcp) => tcp.call(call).await.map(Reply::from),
        }
    }
}
