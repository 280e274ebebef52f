use fred::clients::Client;
use fred::error::Error;
use fred::interfaces::LuaInterface;
use fred::types::FromValue;
use tokio::sync::OnceCell;

/// A script that is sent once and then called by its digest, which the server
/// computes.
#[derive(Debug)]
pub(super) struct Script {
    text: &'static str,
    digest: OnceCell<String>,
}

impl Script {
    pub(super) fn new(text: &'static str) -> Self {
        Self {
            text,
            digest: OnceCell::new(),
        }
    }

    /// Runs the script, atomically on the server.
    pub(super) async fn call<R: FromValue>(
        &self,
        client: &Client,
        keys: Vec<String>,
        arguments: Vec<String>,
    ) -> Result<R, Error> {
        let digest = self
            .digest
            .get_or_try_init(|| client.script_load(self.text))
            .await?;
        let called = client
            .evalsha(digest.as_str(), keys.clone(), arguments.clone())
            .await;
        match called {
            // A restarted server, or another node of a cluster: it has run
            // nothing, and learns the script by this.
            Err(error) if error.details().starts_with("NOSCRIPT") => {
                client.eval(self.text, keys, arguments).await
            }
            other => other,
        }
    }
}
