//! gRPC-web clients of others in Chromium, run by `tests/grpc_web_clients`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A client whose page is served and waits to be told of a BFF. Ends with the
/// test.
pub(crate) struct WebClient {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// Where its page is from.
    pub(crate) origin: String,
}

/// Contracts and those of their services that the cases call.
pub(crate) struct Contracts<'a> {
    /// What buf reads: a folder or an encoded FileDescriptorSet.
    pub(crate) source: &'a Path,
    /// Each service by full name, and the file it stands in.
    pub(crate) services: &'a [(&'a str, &'a str)],
}

impl WebClient {
    /// Generates, bundles and serves the page of `client` for the cases of
    /// `backend`.
    pub(crate) async fn start(client: &str, backend: &str, contracts: &Contracts<'_>) -> Self {
        let folder = repository().join("crates/bff/tests/grpc_web_clients");
        assert!(
            folder.join("node_modules").is_dir(),
            "the clients are not installed: npm ci --prefix {}",
            folder.display()
        );
        let node = std::env::var("COVERGEN_TEST_NODE").unwrap_or_else(|_| "node".to_owned());
        let mut child = Command::new(&node)
            .args(["main.mjs", client, backend])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{node}: {error}"));
        let mut stdin = child.stdin.take().expect("stdin is piped");
        let services = contracts.services.iter();
        let services = services.map(|(service, file)| json!({"service": service, "file": file}));
        let sources = json!({
            "contracts": contracts.source,
            "buf": buf(),
            "protos": services.collect::<Vec<_>>(),
        });
        tell(&mut stdin, &sources).await;
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        let bundled = stdout.read_line(&mut line);
        tokio::time::timeout(Duration::from_secs(120), bundled)
            .await
            .expect("the page is bundled in time")
            .expect("its output can be read");
        let told: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error}: the page is not served: {line}"));
        let origin = told["allowed"].as_str().expect("an origin").to_owned();
        Self {
            child,
            stdin,
            stdout,
            origin,
        }
    }

    /// Runs the cases in that world; all of them pass.
    pub(crate) async fn passes(mut self, world: &Value) {
        tell(&mut self.stdin, world).await;
        let mut text = String::new();
        let run = async {
            let read = self.stdout.read_to_string(&mut text).await;
            read.expect("its output is text");
            self.child.wait().await.expect("it ends")
        };
        let status = tokio::time::timeout(Duration::from_secs(300), run)
            .await
            .expect("the browser run ends");
        assert!(status.success(), "{text}");
        println!("{text}");
    }
}

async fn tell(stdin: &mut ChildStdin, line: &Value) {
    let line = format!("{line}\n");
    stdin
        .write_all(line.as_bytes())
        .await
        .expect("it reads its input");
}

/// Two crates share this file, each at the same depth.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The program that runs the clients' generators.
pub(crate) fn buf() -> PathBuf {
    let installed = || repository().join("clients/web/node_modules/.bin/buf");
    std::env::var_os("COVERGEN_TEST_BUF").map_or_else(installed, PathBuf::from)
}
