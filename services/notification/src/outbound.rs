//! Speaks HTTP to other people's servers, within bounds.
//!
//! A name is resolved once; what it resolves to is judged, and the connection
//! goes to an address that passed: a name that answers differently the next
//! moment changes nothing. Redirects are not followed, and no proxy of the
//! environment is used, which would resolve for itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
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
        Self::resolving(config, Arc::new(ask_the_system))
    }

    /// With names resolved by somebody in particular.
    fn resolving(config: &Config, lookup: Lookup) -> Result<Self, String> {
        // The process has one provider of cryptography; whoever is first
        // installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(!config.allow_loopback)
            .dns_resolver(Arc::new(Judged {
                allow_loopback: config.allow_loopback,
                lookup,
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

/// Finds the addresses of a name.
type Lookup =
    Arc<dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>> + Send + Sync>;

fn ask_the_system(name: String) -> BoxFuture<'static, std::io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
}

/// Resolves names to addresses that may be connected to.
struct Judged {
    allow_loopback: bool,
    lookup: Lookup,
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_loopback = self.allow_loopback;
        let found = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let found = found.await.map_err(|_| Refused::Unknown)?;
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
    use std::net::SocketAddr;
    use std::sync::{Arc, Mutex};

    use super::{HeaderMap, Judged, Lookup, Outbound, Resolve, ask_the_system};
    use crate::config::Config;

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_connected_to() {
        let judged = |allow_loopback| Judged {
            allow_loopback,
            lookup: Arc::new(ask_the_system),
        };
        let refused = judged(false).resolve("localhost".parse().unwrap()).await;
        let refused = refused.err().expect("it is refused");
        assert_eq!(refused.to_string(), "the name leads to a private network");
        let found = judged(true).resolve("localhost".parse().unwrap()).await;
        assert!(found.unwrap().all(|address| address.ip().is_loopback()));
    }

    /// Answers one list after another, and the last from then on.
    fn answering(answers: &[&[&str]]) -> Lookup {
        let parse = |text: &&str| SocketAddr::new(text.parse().unwrap(), 0);
        let mut answers: Vec<Vec<SocketAddr>> = answers
            .iter()
            .rev()
            .map(|answer| answer.iter().map(parse).collect())
            .collect();
        let last = answers[0].clone();
        answers.remove(0);
        let answers = Mutex::new(answers);
        Arc::new(move |_| {
            let next = answers.lock().unwrap().pop();
            let next = next.unwrap_or_else(|| last.clone());
            Box::pin(async { Ok(next) })
        })
    }

    async fn addresses(judged: &Judged) -> Result<Vec<String>, String> {
        let found = judged.resolve("rebound.example".parse().unwrap()).await;
        let found = found.map_err(|error| error.to_string())?;
        Ok(found.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn a_name_is_judged_by_the_answer_that_is_connected_to() {
        let judged = Judged {
            allow_loopback: false,
            lookup: answering(&[
                &["8.8.8.8"],
                &["127.0.0.1", "8.8.4.4", "::1", "10.0.0.1"],
                &["169.254.169.254", "::ffff:127.0.0.1", "fd00::1"],
            ]),
        };
        assert_eq!(addresses(&judged).await.unwrap(), ["8.8.8.8"]);
        // One that may be reached among others: it alone is.
        assert_eq!(addresses(&judged).await.unwrap(), ["8.8.4.4"]);
        let refused = addresses(&judged).await.unwrap_err();
        assert_eq!(refused, "the name leads to a private network");
    }

    #[tokio::test]
    async fn a_name_that_now_leads_here_is_not_knocked_at() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let lookup = answering(&[&["127.0.0.1"]]);
        let outbound = Outbound::resolving(&Config::default(), lookup).unwrap();
        let to = format!("https://rebound.example:{port}/hook");
        let answer = outbound.post(&to, HeaderMap::new(), Vec::new()).await;
        assert_eq!(answer.unwrap_err(), "the name leads to a private network");
        let knock = listener.accept().unwrap_err();
        assert_eq!(knock.kind(), std::io::ErrorKind::WouldBlock);
    }

    #[tokio::test]
    async fn an_address_of_a_private_network_is_not_connected_to() {
        let outbound = Outbound::new(&Config::default()).unwrap();
        for to in [
            "https://169.254.169.254/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "http://example.com/",
        ] {
            let answer = outbound.post(to, HeaderMap::new(), Vec::new()).await;
            assert!(answer.unwrap_err().starts_with("must "), "{to}");
        }
    }
}
