//! Speaks HTTP to other people's servers, within bounds.
//!
//! A name is resolved once; what it resolves to is judged, and the connection
//! goes to an address that passed: a name that answers differently the next
//! moment changes nothing. Redirects are not followed, and no proxy of the
//! environment is used, which would resolve for itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use url::Url;

use crate::config::Config;
use crate::domain::{network, target};

/// Keeps connections to one receiver between messages.
const IDLE_PER_HOST: usize = 2;
const IDLE: Duration = Duration::from_secs(30);

/// A client that reaches the public internet alone.
#[derive(Clone)]
pub(crate) struct Outbound {
    client: reqwest::Client,
    allow_loopback: bool,
    max_response_bytes: usize,
}

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
}

impl Outbound {
    pub(crate) fn new(config: &Config) -> Result<Self, String> {
        // The process has one provider of cryptography; whoever is first
        // installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(!config.allow_loopback)
            .dns_resolver(Arc::new(Judged {
                allow_loopback: config.allow_loopback,
            }))
            .timeout(Duration::from_millis(config.request_timeout_ms))
            .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("covergen/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            client,
            allow_loopback: config.allow_loopback,
            max_response_bytes: config.max_response_bytes,
        })
    }

    /// Posts a body; the answer, whatever its status, or what went wrong, in
    /// words that may be shown to whoever owns the address.
    pub(crate) async fn post(
        &self,
        to: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        // Judged anew: what was allowed when it was registered may not be now.
        let url: Url = target::parse(to, self.allow_loopback)?;
        let request = self.client.post(url).headers(headers).body(body);
        let mut answer = request.send().await.map_err(|error| told(&error))?;
        let header = answer.headers().get(RETRY_AFTER);
        let retry_after = header.and_then(|value| value.to_str().ok());
        let seen = Answer {
            status: answer.status().as_u16(),
            retry_after: retry_after.map(str::to_owned),
        };
        // Read so that the connection can be used again; the status counts
        // even where the rest is too long or never comes.
        let mut read = 0;
        while let Ok(Some(chunk)) = answer.chunk().await {
            read += chunk.len();
            if read > self.max_response_bytes {
                break;
            }
        }
        Ok(seen)
    }
}

/// What went wrong, without the address: it may hold secrets.
fn told(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return refused.to_string();
        }
        cause = inner.source();
    }
    if error.is_connect() {
        "cannot connect".to_owned()
    } else {
        "the connection broke".to_owned()
    }
}

/// Why a name is not connected to.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the name cannot be resolved")]
    Unknown,
    #[error("the name leads to a private network")]
    Private,
}

/// Resolves names to addresses that may be connected to.
struct Judged {
    allow_loopback: bool,
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_loopback = self.allow_loopback;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(|_| Refused::Unknown)?.collect();
            if found.is_empty() {
                return Err(Refused::Unknown.into());
            }
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| network::is_reachable(address.ip(), allow_loopback))
                .collect();
            if allowed.is_empty() {
                return Err(Refused::Private.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, Judged, Outbound, Resolve};
    use crate::config::Config;

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_connected_to() {
        let strict = Judged {
            allow_loopback: false,
        };
        let refused = strict.resolve("localhost".parse().unwrap()).await;
        let refused = refused.err().expect("it is refused");
        assert_eq!(refused.to_string(), "the name leads to a private network");
        let lenient = Judged {
            allow_loopback: true,
        };
        let found = lenient.resolve("localhost".parse().unwrap()).await;
        assert!(found.unwrap().all(|address| address.ip().is_loopback()));
    }

    #[tokio::test]
    async fn an_address_of_a_private_network_is_not_connected_to() {
        let outbound = Outbound::new(&Config::default()).unwrap();
        for to in [
            "https://169.254.169.254/",
            "https://[::1]/",
            "http://example.com/",
        ] {
            let answer = outbound.post(to, HeaderMap::new(), Vec::new()).await;
            assert!(answer.unwrap_err().starts_with("must "), "{to}");
        }
    }
}
