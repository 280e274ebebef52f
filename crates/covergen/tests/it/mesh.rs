//! Every service as a process of its own, on PostgreSQL, JetStream and Redis,
//! with mTLS between them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use covergen_faults::fleet::SERVICES;
use covergen_faults::ports;
use covergen_testkit::{Databases, NatsScope, RedisScope};
use serde_json::{Value, json};
use tempfile::tempdir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::api::{read, register_at};
use crate::platform::PLENTY;

/// One process of the mesh.
struct Process {
    child: Child,
    ready: Value,
}

/// Each service and the web BFF, and what each is told.
pub(crate) struct Mesh {
    variables: BTreeMap<String, String>,
    /// By name: what makes a process the one of that name.
    certificates: BTreeMap<String, BTreeMap<String, String>>,
    ports: BTreeMap<&'static str, u16>,
    /// Where each answers operators: whoever comes back does so there again.
    admins: BTreeMap<&'static str, String>,
    processes: BTreeMap<&'static str, Process>,
    /// Last: they are taken away when nobody uses them any more.
    _engines: (Databases, NatsScope, RedisScope),
}

/// A certificate for everybody, as an operator gets them.
async fn certificates(folder: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let output = Command::new(env!("CARGO_BIN_EXE_covergen"))
        .args(["mesh-ca", "--json", "--out"])
        .arg(folder)
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let read = |line: &str| {
        let told: Value = serde_json::from_str(line).unwrap();
        let variables = serde_json::from_value(told["environment"].clone()).unwrap();
        (told["service"].as_str().unwrap().to_owned(), variables)
    };
    lines.lines().map(read).collect()
}

impl Mesh {
    /// All of them, on engines of their own.
    pub(crate) async fn up(folder: &Path) -> Self {
        let mut mesh = Self::new(folder).await;
        for name in SERVICES.into_iter().chain(["bff-web"]) {
            mesh.start(name).await;
        }
        mesh
    }

    async fn new(folder: &Path) -> Self {
        let postgres = covergen_testkit::postgres_databases(&SERVICES).await;
        let nats = covergen_testkit::nats().await;
        let redis = covergen_testkit::redis().await;
        let ports: BTreeMap<_, _> = SERVICES
            .iter()
            .map(|name| (*name, ports::free().unwrap()))
            .collect();
        let path = |rest: &str| folder.join(rest).display().to_string();
        let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/fetched");
        let mut variables: BTreeMap<String, String> = [
            ("DATABASE__URL", postgres.url()),
            ("EVENTS__URL", nats.url().to_owned()),
            ("EVENTS__NAMESPACE", nats.namespace().to_owned()),
            // All tests share a server, where each stream's room is set aside.
            ("EVENTS__MAX_STREAM_BYTES", (64 << 20).to_string()),
            ("CACHE__URL", redis.url().to_owned()),
            ("DATABASE__MAX_READ_CONNECTIONS", "2".to_owned()),
            ("DATABASE__MAX_WRITE_CONNECTIONS", "2".to_owned()),
            ("OBJECTS__URL", format!("file://{}", path("objects"))),
            ("MAIL__OUTBOX_DIR", path("outbox")),
            ("IDENTITY__ACCESS_KEYS_DIR", path("keys/access")),
            ("IDENTITY__INTERNAL_KEYS_DIR", path("keys/internal")),
            ("IDENTITY__CREATE_MISSING_KEYS", "true".to_owned()),
            ("FONTS__DIR", fonts.to_owned()),
            ("TELEMETRY__LOG_FILTER", "warn".to_owned()),
            ("SERVICES__AUTH__ARGON2_MEMORY_KIB", "64".to_owned()),
            ("SERVICES__AUTH__ARGON2_PASSES", "1".to_owned()),
            (
                "SERVICES__AUTH__PUBLIC_URL",
                "http://127.0.0.1:8080".to_owned(),
            ),
            ("SERVICES__TASK__LEASE_MS", "1500".to_owned()),
            ("BFF__RATES__DEFAULT__WINDOWS", PLENTY.to_owned()),
            ("LISTEN__WEB", "127.0.0.1:0".to_owned()),
            ("LISTEN__MOBILE", "127.0.0.1:0".to_owned()),
            ("LISTEN__PARTNER", "127.0.0.1:0".to_owned()),
        ]
        .into_iter()
        .map(|(key, value)| (format!("COVERGEN__{key}"), value))
        .collect();
        for (name, port) in &ports {
            let key = format!("COVERGEN__MESH__TARGETS__{}__ADDRESS", name.to_uppercase());
            variables.insert(key, format!("http://127.0.0.1:{port}"));
        }
        Self {
            variables,
            certificates: certificates(&folder.join("ca")).await,
            ports,
            admins: BTreeMap::new(),
            processes: BTreeMap::new(),
            _engines: (postgres, nats, redis),
        }
    }

    pub(crate) async fn start(&mut self, name: &'static str) {
        let grpc = self.ports.get(name).copied().unwrap_or_default();
        let admin = self.admins.get(name).map_or("127.0.0.1:0", String::as_str);
        let mut child = Command::new(env!("CARGO_BIN_EXE_covergen"))
            .args(["serve", name, "--json"])
            .envs(&self.variables)
            .envs(&self.certificates[name])
            .env("COVERGEN__LISTEN__GRPC", format!("127.0.0.1:{grpc}"))
            .env("COVERGEN__LISTEN__ADMIN", admin)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line())
            .await
            .unwrap_or_else(|_| panic!("{name} is not ready in time"))
            .expect("its output can be read")
            .unwrap_or_else(|| panic!("{name} ended before it was ready"));
        let ready: Value = serde_json::from_str(&line).expect("it says so in JSON");
        assert_eq!(ready["ready"], true, "{name}: {line}");
        let admin = ready["admin"].as_str().expect("an address");
        let admin = admin.trim_start_matches("http://").to_owned();
        self.admins.insert(name, admin);
        self.processes.insert(name, Process { child, ready });
    }

    /// Ends a process without a word.
    pub(crate) async fn kill(&mut self, name: &str) {
        let mut process = self.processes.remove(name).expect("it runs");
        process.child.kill().await.expect("it can be killed");
    }

    /// What `covergen mesh` prints, and whether it could ask; in nobody's name
    /// unless one is given.
    async fn shown(&self, args: &[&str], name: Option<&str>) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_covergen"));
        command.arg("mesh").args(args).envs(&self.variables);
        if let Some(name) = name {
            command.envs(&self.certificates[name]);
        }
        let output = command.output().await.unwrap();
        let told = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(told).unwrap())
    }

    /// Operators see a process, by its own port and by the one for them;
    /// strangers and other services do not get in.
    async fn is_shown_to_operators(&self) {
        let (could, told) = self
            .shown(&["--of", "cover", "--json"], Some("admin"))
            .await;
        assert!(could, "{told}");
        let view: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(view["services"], json!(["cover"]));
        let id = "spiffe://covergen.local/ns/dev/sa/cover";
        assert_eq!(view["identity"]["spiffeId"], id);
        let routes = view["routes"].as_array().unwrap();
        let user = routes.iter().find(|route| route["target"] == "user");
        let endpoint = &user.unwrap()["endpoints"][0];
        assert_eq!(endpoint["state"], "ready", "{endpoint}");
        let admin = self.address("cover", "admin");
        let (could, told) = self.shown(&["--admin", &admin], None).await;
        assert!(
            could && told.contains(id) && told.contains("ENDPOINT"),
            "{told}"
        );
        for name in [None, Some("export")] {
            let (could, told) = self.shown(&["--of", "cover"], name).await;
            assert!(!could, "{name:?}: {told}");
        }
    }

    pub(crate) fn address(&self, process: &str, of: &str) -> String {
        let ready = &self.processes[process].ready;
        ready[of].as_str().expect("an address").to_owned()
    }
}

/// Each service and the web BFF apart: covers are made, also when the process
/// that owns them, and then the one with the queue, dies in the middle.
#[tokio::test]
async fn services_apart_make_covers_and_survive_each_others_death() {
    let folder = tempdir().unwrap();
    let mut mesh = Mesh::up(folder.path()).await;
    let web = mesh.address("bff-web", "web");
    let person = register_at(&web, "apart").await;
    let body = json!({
        "title": "Apart and yet together",
        "sizes": [{"preset": "thumbnail"}],
        "formats": ["jpeg"],
    });
    for (round, dies) in ["", "cover", "task"].into_iter().enumerate() {
        let mut tasks = Vec::new();
        for at in 0..4 {
            let (status, made) = person
                .generate(&format!("apart-{round}-{at}"), &body)
                .await
                .unwrap();
            assert_eq!(status, 202, "{made}");
            tasks.push(made["taskId"].as_str().unwrap().to_owned());
        }
        if !dies.is_empty() {
            let name = *SERVICES.iter().find(|name| **name == dies).unwrap();
            mesh.kill(name).await;
            mesh.start(name).await;
        }
        for task in tasks {
            let ended = eventually_ended(&person, &task).await;
            assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
        }
    }
    let quota = read(person.get("/users/me/quota").await).await;
    assert_eq!(
        (&quota["used"], &quota["reserved"]),
        (&json!(12), &json!(0))
    );
    mesh.is_shown_to_operators().await;
}

/// The task once it has ended; a service that is away answers 503 meanwhile.
async fn eventually_ended(person: &crate::api::Person, task: &str) -> Value {
    for _ in 0..600 {
        let answer = person.get(&format!("/covers/tasks/{task}")).await;
        let status = answer.status();
        let body = read(answer).await;
        assert!(status.is_success() || status == 503, "{status}: {body}");
        if matches!(body["status"].as_str(), Some("SUCCEEDED" | "FAILED")) {
            return body;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("task {task} has not ended in a minute");
}

#[tokio::test]
async fn a_name_that_nobody_has_is_told_with_those_there_are() {
    let output = Command::new(env!("CARGO_BIN_EXE_covergen"))
        .args(["serve", "covers"])
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        told.contains("there is no covers") && told.contains("bff-web"),
        "{told}"
    );
}
