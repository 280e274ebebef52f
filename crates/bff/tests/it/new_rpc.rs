//! An RPC is added to a contract, with annotations and nothing else: a BFF that
//! is built anew has the route, the document the operation, and the clients the
//! method. All of it is called.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use covergen_bff_codegen::compile;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::support::{any_backend, buf};

/// A call that meets the new route, and one that meets the old one.
const RENAME: &str = "/v1/notes/n%2F1:rename";
const ADD: &str = "/v1/notes";

#[tokio::test(flavor = "multi_thread")]
async fn an_rpc_with_annotations_is_a_route_an_operation_and_a_client_without_any_rust() {
    let project = Project::prepare();
    let before = project.start().await;
    let added = before.post(ADD, r#"{"title":"First"}"#).await;
    assert_eq!((added.0, &added.1["title"]), (201, &json!("First")));
    assert_eq!(before.post(RENAME, r#"{"title":"t"}"#).await.0, 404);
    let document = before.document().await;
    assert!(document["paths"].get("/v1/notes/{noteId}:rename").is_none());
    drop(before);

    let rust = project.rust();
    project.add_rpc();
    let after = project.start().await;
    assert_eq!(project.rust(), rust);

    let body = r#"{"title":"Größer","tags":["x"]}"#;
    let renamed = after.post(RENAME, body).await;
    assert_eq!(
        renamed,
        (
            200,
            json!({"noteId": "n/1", "title": "Größer", "tags": ["x"]})
        )
    );
    let (status, problem) = after.post(RENAME, r#"{"titel":"t"}"#).await;
    assert_eq!((status, &problem["reason"]), (400, &json!("UNKNOWN_FIELD")));
    assert_eq!(after.post(ADD, r#"{"title":"Second"}"#).await.0, 201);

    let document = after.document().await;
    let operation = &document["paths"]["/v1/notes/{noteId}:rename"]["post"];
    assert_eq!(operation["summary"], "Gives a note another title");
    assert_eq!(operation["tags"], json!(["Notes"]));
    assert!(operation["requestBody"].is_object() && operation["responses"]["200"].is_object());

    let told = project.call_by_python(&document, &after.address).await;
    assert_eq!(
        told,
        json!({"noteId": "a/b ü", "title": "Größer", "tags": ["x", "y"], "stranger": "NO_KEY"})
    );
    let told = project.call_by_typescript(&after.address).await;
    assert_eq!(
        told,
        json!({"noteId": "n1", "title": "Größer", "tags": ["x"]})
    );
}

/// A contract, and the crate of a BFF for it.
struct Project {
    folder: PathBuf,
}

/// A BFF that was built and runs; ends with the test.
struct Running {
    _child: Child,
    address: String,
}

impl Project {
    /// Always in the same folder, where the last run left what does not change.
    fn prepare() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-rpc");
        let host = ours("host");
        for inside in ["src", "proto/covergen/notes/v1"] {
            fs::create_dir_all(folder.join(inside)).unwrap();
        }
        let manifest = fs::read_to_string(host.join("Cargo.toml.in")).unwrap();
        let root = repository().to_str().unwrap().to_owned();
        write(
            &folder.join("Cargo.toml"),
            &manifest.replace("@ROOT@", &root),
        );
        for (from, to) in [
            (host.join("build.rs"), "build.rs"),
            (host.join("src/main.rs"), "src/main.rs"),
            (ours("notes.proto"), "proto/covergen/notes/v1/notes.proto"),
        ] {
            write(&folder.join(to), &fs::read_to_string(from).unwrap());
        }
        // The versions that the workspace is built with, so that nothing has to
        // be fetched.
        fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        Self { folder }
    }

    fn proto(&self) -> PathBuf {
        self.folder.join("proto/covergen/notes/v1/notes.proto")
    }

    /// Every line of Rust there is.
    fn rust(&self) -> [String; 2] {
        ["build.rs", "src/main.rs"].map(|file| fs::read_to_string(self.folder.join(file)).unwrap())
    }

    /// Writes the new RPC and its request at the end of the contract, whose
    /// last line closes the service.
    fn add_rpc(&self) {
        let contract = fs::read_to_string(self.proto()).unwrap();
        let service = contract.trim_end().strip_suffix('}').unwrap();
        let added = fs::read_to_string(ours("added.proto.part")).unwrap();
        fs::write(self.proto(), format!("{service}{added}")).unwrap();
    }

    fn descriptors(&self) -> Vec<u8> {
        let (own, contracts) = (self.folder.join("proto"), repository().join("proto"));
        compile(&[&own, &contracts], &own).unwrap()
    }

    /// Builds the BFF and runs it in front of a backend that keeps the contract.
    async fn start(&self) -> Running {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--offline", "--quiet"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target())
            .env("COVERGEN_CONTRACTS", repository().join("proto"));
        succeeds(cargo).await;
        let backend = any_backend(&self.descriptors()).await;
        let mut child = Command::new(target().join("debug/covergen-bff-notes"))
            .arg(backend)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        let mut stdout = BufReader::new(stdout);
        let told = tokio::time::timeout(Duration::from_secs(30), stdout.read_line(&mut line));
        told.await.expect("it starts in time").unwrap();
        Running {
            _child: child,
            address: line.trim().to_owned(),
        }
    }

    /// Generates the Python client as `cargo xtask gen` does, and calls by it.
    async fn call_by_python(&self, document: &Value, address: &str) -> Value {
        let scratch = tempfile::tempdir().unwrap();
        let client = repository().join("clients/python");
        let package = scratch.path().join("covergen");
        fs::create_dir(&package).unwrap();
        // All but what is generated.
        for entry in fs::read_dir(client.join("src/covergen")).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), package.join(entry.file_name())).unwrap();
            }
        }
        let written = scratch.path().join("openapi.json");
        fs::write(&written, document.to_string()).unwrap();
        let mut generator = Command::new(python());
        generator
            .args(["-B", "-m", "generate"])
            .arg(&written)
            .arg(package.join("gen"))
            .current_dir(&client);
        succeeds(generator).await;
        fs::write(package.join("gen/__init__.py"), "").unwrap();
        let mut call = Command::new(python());
        call.arg("-B")
            .arg(ours("call.py"))
            .arg(address)
            .env("PYTHONPATH", scratch.path());
        last_line(&succeeds(call).await)
    }

    /// Generates the TypeScript client with the plugin of `cargo xtask gen`,
    /// and calls by it, over gRPC-web.
    async fn call_by_typescript(&self, address: &str) -> Value {
        let descriptors = self.folder.join("descriptors.binpb");
        fs::write(&descriptors, self.descriptors()).unwrap();
        let node = env::var_os("COVERGEN_TEST_NODE").unwrap_or_else(|| "node".into());
        let mut call = Command::new(node);
        call.args(["new_rpc.mjs", address])
            .arg(&descriptors)
            .arg(buf())
            .current_dir(repository().join("crates/bff/tests/grpc_web_clients"));
        last_line(&succeeds(call).await)
    }
}

impl Running {
    /// The status and the JSON of what is answered to the one key.
    async fn post(&self, path: &str, json: &str) -> (u16, Value) {
        self.send("POST", path, json).await
    }

    async fn document(&self) -> Value {
        self.send("GET", "/openapi.json", "").await.1
    }

    async fn send(&self, method: &str, path: &str, json: &str) -> (u16, Value) {
        let host = self.address.strip_prefix("http://").unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             x-api-key: cg_test_one\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{json}",
            json.len()
        );
        let mut socket = TcpStream::connect(host).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap())
    }
}

async fn succeeds(mut command: Command) -> Output {
    let run = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(Duration::from_secs(600), run)
        .await
        .expect("it ends")
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
    output
}

fn last_line(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Leaves a file alone that is as it should be: a newer one is built anew.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return;
    }
    fs::write(path, text).unwrap();
}

fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

/// A file of this test.
fn ours(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/new_rpc")
        .join(name)
}

/// Cargo's target folder, where most of what the BFF needs is compiled already.
fn target() -> PathBuf {
    let program = env::current_exe().unwrap();
    let mut folders = program.ancestors();
    let target = folders.find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target.expect("it is in cargo's target folder").to_owned()
}

/// The interpreter with what the client needs: as named, else where
/// `cargo xtask install` puts it.
fn python() -> OsString {
    let installed = || target().join("python/bin/python").into_os_string();
    env::var_os("COVERGEN_TEST_PYTHON").unwrap_or_else(installed)
}
