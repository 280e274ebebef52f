//! Starts and ends the binary.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running platform. Ends with the test, whatever happens.
pub(crate) struct Platform {
    child: Child,
    folder: PathBuf,
    variables: Vec<(String, String)>,
    /// Address of the web BFF.
    pub(crate) web: String,
    /// Address of the mobile BFF.
    pub(crate) mobile: String,
    /// Address of the partner BFF.
    pub(crate) partner: String,
    /// Address of gRPC.
    pub(crate) grpc: String,
    /// Address of health and metrics.
    pub(crate) admin: String,
}

impl Platform {
    /// Starts the platform with nothing but a folder.
    pub(crate) async fn start(folder: &TempDir) -> Self {
        Self::start_with(folder.path(), Vec::new()).await
    }

    /// Starts the platform on engines that the environment names.
    pub(crate) async fn start_with(folder: &Path, variables: Vec<(String, String)>) -> Self {
        let mut child = command(folder, &variables)
            .args(["--web", "127.0.0.1:0", "--mobile", "127.0.0.1:0"])
            .args(["--partner", "127.0.0.1:0", "--grpc", "127.0.0.1:0"])
            .args(["--admin", "127.0.0.1:0", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line())
            .await
            .expect("the platform is ready in time")
            .expect("its output can be read")
            .expect("it says that it is ready");
        let ready: Value = serde_json::from_str(&line).expect("it says so in JSON");
        assert_eq!(ready["ready"], true, "{line}");
        let address = |name: &str| ready[name].as_str().expect("an address").to_owned();
        Self {
            web: address("web"),
            mobile: address("mobile"),
            partner: address("partner"),
            grpc: address("grpc"),
            admin: address("admin"),
            child,
            folder: folder.to_path_buf(),
            variables,
        }
    }

    /// Ends the process without a word, as a power cut would, and starts it
    /// again on the same data.
    pub(crate) async fn kill_and_restart(mut self) -> Self {
        self.child.kill().await.expect("the process can be killed");
        let folder = self.folder.clone();
        let variables = std::mem::take(&mut self.variables);
        Self::start_with(&folder, variables).await
    }

    /// Asks the process to stop, and waits until it has.
    pub(crate) async fn stop(mut self) -> std::process::ExitStatus {
        let id = self.child.id().expect("it runs").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(told.expect("kill runs").success());
        tokio::time::timeout(Duration::from_secs(20), self.child.wait())
            .await
            .expect("it stops in time")
            .expect("its status can be read")
    }

    /// The environment it runs in.
    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// The process, as the kernel numbers it.
    pub(crate) fn process(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// The folder with everything it keeps.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// A rate that nobody reaches.
pub(crate) const PLENTY: &str = "[{limit = 1000000, per_seconds = 60}]";

/// As many requests of any kind as somebody likes.
pub(crate) fn unhurried() -> (String, String) {
    let key = "COVERGEN__BFF__RATES__DEFAULT__WINDOWS";
    (key.to_owned(), PLENTY.to_owned())
}

fn command(folder: &Path, variables: &[(String, String)]) -> Command {
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/fetched");
    let mut command = Command::new(env!("CARGO_BIN_EXE_covergen"));
    command
        .arg("up")
        .arg("--data")
        .arg(folder)
        .env("COVERGEN__FONTS__DIR", fonts)
        .env("COVERGEN__TELEMETRY__LOG_FILTER", "warn")
        // No call is to fail because the machine is busy.
        .env("COVERGEN__MESH__DEFAULTS__DEADLINE_MS", "9000")
        // Tests hash many passwords; what they show does not depend on the cost.
        .env("COVERGEN__SERVICES__AUTH__ARGON2_MEMORY_KIB", "64")
        .env("COVERGEN__SERVICES__AUTH__ARGON2_PASSES", "1")
        .env("COVERGEN__SERVICES__TASK__LEASE_MS", "1500")
        .env("COVERGEN__BFF__RATES__GENERATE__WINDOWS", PLENTY)
        .env("COVERGEN__BFF__RATES__AUTH__WINDOWS", PLENTY)
        .kill_on_drop(true);
    for (key, value) in variables {
        command.env(key, value);
    }
    command
}

/// Runs a command of the binary to its end and returns what it printed.
pub(crate) async fn run(folder: &Path, arguments: &[&str]) -> (bool, String) {
    run_with(folder, arguments, &[]).await
}

/// The same on engines that the environment names.
pub(crate) async fn run_with(
    folder: &Path,
    arguments: &[&str],
    variables: &[(String, String)],
) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_covergen"))
        .args(arguments)
        .env("COVERGEN_DATA", folder)
        .env("COVERGEN__SERVICES__AUTH__ARGON2_MEMORY_KIB", "64")
        .envs(variables.iter().cloned())
        .stdin(Stdio::null())
        .output()
        .await
        .expect("the binary runs");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// The same with something piped into it.
pub(crate) async fn run_with_input(
    folder: &Path,
    arguments: &[&str],
    input: &str,
) -> (bool, String) {
    use tokio::io::AsyncWriteExt as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_covergen"))
        .args(arguments)
        .env("COVERGEN_DATA", folder)
        .env("COVERGEN__SERVICES__AUTH__ARGON2_MEMORY_KIB", "64")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin
        .write_all(input.as_bytes())
        .await
        .expect("it reads its input");
    drop(stdin);
    let output = child.wait_with_output().await.expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}
