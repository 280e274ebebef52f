//! Programs of others, as a child process for one test.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// `tests/peers/peers.mjs`, until it is dropped.
pub(crate) struct Peer {
    _child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    /// Starts it.
    ///
    /// # Panics
    /// Its packages are not installed.
    pub(crate) fn start() -> Self {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers"));
        assert!(
            folder.join("node_modules").is_dir(),
            "the peers are not installed: npm ci --prefix services/notification/tests/peers"
        );
        let node = std::env::var("COVERGEN_TEST_NODE").unwrap_or_else(|_| "node".to_owned());
        let mut child = Command::new(node)
            .arg(folder.join("peers.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take().unwrap(),
            stdout: BufReader::new(child.stdout.take().unwrap()).lines(),
            _child: child,
        }
    }

    /// Has it do something; what came of it, or why nothing did.
    pub(crate) async fn ask(&mut self, what: &Value) -> Result<Value, String> {
        let line = format!("{what}\n");
        self.stdin.write_all(line.as_bytes()).await.unwrap();
        self.stdin.flush().await.unwrap();
        let line = tokio::time::timeout(Duration::from_secs(60), self.stdout.next_line());
        let line = line.await.expect("the peer answers").unwrap();
        let mut told: Value = serde_json::from_str(&line.expect("the peer has ended")).unwrap();
        match told["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(told["ok"].take()),
        }
    }
}
