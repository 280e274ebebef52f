//! Programs of others, run as child processes for one test.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// One of the programs of `tests/peers`, until it is dropped.
pub(crate) struct Peer {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    /// Starts one.
    ///
    /// # Panics
    /// Its packages are not installed.
    pub(crate) fn start(args: &[&str]) -> Self {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers"));
        assert!(
            folder.join("node_modules").is_dir(),
            "the peers are not installed: npm ci --prefix services/auth/tests/peers"
        );
        let node = std::env::var("COVERGEN_TEST_NODE").unwrap_or_else(|_| "node".to_owned());
        let mut child = Command::new(node)
            .arg(folder.join("peers.mjs"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            stdin: child.stdin.take(),
            child,
            stdout,
        }
    }

    /// The next thing it tells.
    pub(crate) async fn hear(&mut self) -> Value {
        let told = async {
            loop {
                let line = self.stdout.next_line().await.unwrap();
                let line = line.expect("the peer has ended");
                // Some warn of being run outside of production.
                if line.starts_with('{') {
                    return serde_json::from_str(&line).unwrap();
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), told)
            .await
            .expect("the peer tells something")
    }

    /// Tells it something, a line.
    pub(crate) async fn tell(&mut self, what: &Value) {
        let line = format!("{what}\n");
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line.as_bytes()).await.unwrap();
        stdin.flush().await.unwrap();
    }

    /// Tells it everything there is, and hears its verdict.
    pub(crate) async fn judge(mut self, what: &Value) -> Value {
        self.tell(what).await;
        self.stdin = None;
        let verdict = self.hear().await;
        self.child.wait().await.unwrap();
        verdict
    }
}
