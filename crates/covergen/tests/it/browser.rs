//! The web app in real Chromium, against the real platform.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::tempdir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::platform::{Platform, run_with_input, unhurried};

const OPERATOR: &str = "operator@example.org";
const OPERATOR_PASSWORD: &str = "operator password";

/// A task past its pivot is tried again and again before an operator is
/// called; here not for minutes.
const IMPATIENT: [(&str, &str); 3] = [
    ("COVERGEN__SERVICES__TASK__FORWARD_ATTEMPTS", "3"),
    ("COVERGEN__SERVICES__TASK__BACKOFF_FIRST_MS", "100"),
    ("COVERGEN__SERVICES__TASK__BACKOFF_MAX_MS", "400"),
];

#[tokio::test]
async fn a_person_makes_a_cover_in_the_browser() {
    let folder = tempdir().unwrap();
    let mails = folder.path().join("mails");
    std::fs::create_dir(&mails).unwrap();
    let outbox = mails.to_str().unwrap().to_owned();
    // The provider is there before the platform, which is told where it is; its
    // client's address follows once the platform listens.
    let mut provider = Provider::start().await;
    let mut variables = provider.variables();
    variables.push(("COVERGEN__MAIL__OUTBOX_DIR".to_owned(), outbox.clone()));
    variables.push(unhurried());
    variables.extend(IMPATIENT.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let platform = Platform::start_with(folder.path(), variables).await;
    provider.serve(&platform.web).await;
    // Operators' pages and paid tiers need somebody who may open them.
    let create = [
        "admin",
        "create-user",
        "--email",
        OPERATOR,
        "--role",
        "admin",
    ];
    let (ok, text) = run_with_input(folder.path(), &create, OPERATOR_PASSWORD).await;
    assert!(ok, "{text}");

    let web = concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/web");
    let run = Command::new(node())
        .arg("e2e/main.mjs")
        .current_dir(web)
        .env("COVERGEN_WEB_URL", &platform.web)
        .env(
            "COVERGEN_E2E_ADMIN",
            format!("{OPERATOR} {OPERATOR_PASSWORD}"),
        )
        .env("COVERGEN_E2E_MAIL", outbox)
        .env("COVERGEN_E2E_DATA", folder.path())
        .env("COVERGEN_E2E_OIDC", &provider.issuer)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(1800), run)
        .await
        .expect("the browser run ends")
        .unwrap_or_else(|error| panic!("{}: {error}", node()));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{text}");
    println!("{text}");
}

fn node() -> String {
    std::env::var("COVERGEN_TEST_NODE").unwrap_or_else(|_| "node".to_owned())
}

/// Somebody else's sign-in: npm's `oidc-provider`, which auth's tests run
/// against, too. Ends with the test.
struct Provider {
    _child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    issuer: String,
}

impl Provider {
    async fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services/auth/tests/peers");
        assert!(
            folder.join("node_modules").is_dir(),
            "the peers are not installed: npm ci --prefix services/auth/tests/peers"
        );
        let mut child = Command::new(node())
            .args(["peers.mjs", "oidc"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", node()));
        let stdin = child.stdin.take().expect("stdin is piped");
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut provider = Self {
            _child: child,
            stdin,
            lines: BufReader::new(stdout).lines(),
            issuer: String::new(),
        };
        let told = provider.hear().await;
        told["issuer"]
            .as_str()
            .expect("its address")
            .clone_into(&mut provider.issuer);
        provider
    }

    /// Auth's configuration of it.
    fn variables(&self) -> Vec<(String, String)> {
        [
            ("KIND", "oidc"),
            ("NAME", "Corp"),
            ("ISSUER", &self.issuer),
            ("CLIENT_ID", "covergen"),
            ("CLIENT_SECRET", "not a secret: a test's"),
        ]
        .map(|(key, value)| {
            let name = format!("COVERGEN__SERVICES__AUTH__PROVIDERS__CORP__{key}");
            (name, value.to_owned())
        })
        .to_vec()
    }

    /// Tells it where people are sent back to, and waits until it answers.
    async fn serve(&mut self, web: &str) {
        let client = json!({ "redirectUri": format!("{web}/api/v1/auth/oauth/corp/callback") });
        let line = format!("{client}\n");
        self.stdin
            .write_all(line.as_bytes())
            .await
            .expect("it reads its input");
        let told = self.hear().await;
        assert_eq!(told["redirectUri"], client["redirectUri"]);
    }

    async fn hear(&mut self) -> Value {
        let told = async {
            loop {
                let line = self.lines.next_line().await.expect("its output is text");
                let line = line.expect("the provider runs");
                // It also warns of being run outside of production.
                if line.starts_with('{') {
                    return serde_json::from_str(&line).expect("it tells JSON");
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(60), told)
            .await
            .expect("the provider tells something")
    }
}
