//! Ports that are told to several processes before anyone listens there.

use std::net::{SocketAddr, TcpListener};
use std::ops::Range;

use anyhow::Context as _;

/// Between those that need a privilege and those that the system gives to
/// whoever connects: of the latter one might be gone between its being let go
/// here and its being listened at there.
const NOT_EPHEMERAL: Range<u16> = 15_000..32_000;
/// Ports tried there before the system is asked for any.
const TRIES: usize = 64;

/// Ports held until they are handed out, so that no two are the same and a
/// port that is taken is told before anything is started.
#[derive(Debug, Default)]
pub(super) struct Ports(Vec<TcpListener>);

impl Ports {
    /// A loopback port that nobody has.
    pub(super) fn free(&mut self) -> anyhow::Result<u16> {
        Ok(self.at("127.0.0.1:0")?.port())
    }

    /// A named address; port 0 picks a free one.
    pub(super) fn at(&mut self, address: &str) -> anyhow::Result<SocketAddr> {
        let any = address.strip_suffix(":0").and_then(|host| {
            let mut tried = (0..TRIES).map(|_| rand::random_range(NOT_EPHEMERAL));
            tried.find_map(|port| TcpListener::bind((host, port)).ok())
        });
        let listener = match any {
            Some(listener) => listener,
            None => {
                TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?
            }
        };
        let bound = listener.local_addr()?;
        self.0.push(listener);
        Ok(bound)
    }

    /// Lets them go, to those they were told to.
    pub(super) fn release(self) {
        drop(self.0);
    }
}
