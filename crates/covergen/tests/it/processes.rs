//! `covergen up --processes`: every service and BFF as a process of its own,
//! on engines that it starts by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::api::{Person, read, register_at};
use crate::collector::Collector;
use crate::platform::PLENTY;

/// A platform of many processes. Ends with the test, whatever happens.
struct Apart {
    child: Child,
    ready: Value,
    /// What it has said on stderr so far.
    said: Arc<Mutex<String>>,
}

/// A folder that the user of PostgreSQL can enter where tests run as root.
fn folder() -> TempDir {
    let open = std::fs::Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new().permissions(open).tempdir();
    folder.expect("a folder can be made")
}

fn command(folder: &TempDir) -> Command {
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/fonts/fetched");
    let mut command = Command::new(env!("CARGO_BIN_EXE_covergen"));
    command
        .args(["up", "--processes", "--json", "--data"])
        .arg(folder.path())
        .args(["--web", "127.0.0.1:0", "--mobile", "127.0.0.1:0"])
        .args(["--partner", "127.0.0.1:0"])
        .env("COVERGEN__FONTS__DIR", fonts)
        .env("COVERGEN__TELEMETRY__LOG_FILTER", "warn")
        .env("COVERGEN__SERVICES__AUTH__ARGON2_MEMORY_KIB", "64")
        .env("COVERGEN__SERVICES__AUTH__ARGON2_PASSES", "1")
        .env("COVERGEN__SERVICES__TASK__LEASE_MS", "1500")
        .env("COVERGEN__BFF__RATES__GENERATE__WINDOWS", PLENTY)
        .kill_on_drop(true);
    command
}

impl Apart {
    async fn start(folder: &TempDir) -> Self {
        Self::start_with(folder, &[]).await
    }

    async fn start_with(folder: &TempDir, told: &[(&str, &str)]) -> Self {
        let mut child = command(folder)
            .envs(told.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stderr = child.stderr.take().expect("stderr is piped");
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        tokio::spawn(async move {
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let mut heard = heard.lock().unwrap();
                heard.push_str(&line);
                heard.push('\n');
            }
        });
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(Duration::from_secs(120), lines.next_line()).await;
        let line = line.expect("it is ready in time").expect("it is read");
        let line = line.unwrap_or_else(|| panic!("not ready: {}", said.lock().unwrap()));
        let ready: Value = serde_json::from_str(&line).expect("it says so in JSON");
        assert_eq!(ready["ready"], true, "{line}");
        Self { child, ready, said }
    }

    fn web(&self) -> &str {
        self.ready["web"].as_str().expect("an address")
    }

    fn told(&self, name: &str, of: &str) -> &Value {
        let all = self.ready["processes"].as_array().unwrap();
        let found = all.iter().find(|one| one["name"] == name).unwrap();
        &found[of]
    }

    /// The id of one of its processes, by name.
    fn process(&self, name: &str) -> u32 {
        let id = self.told(name, "pid").as_u64().unwrap();
        u32::try_from(id).unwrap()
    }

    fn at(&self, name: &str, door: &str) -> &str {
        self.told(name, door).as_str().expect("an address")
    }

    fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    async fn eventually_says(&self, words: &str) {
        for _ in 0..600 {
            if self.said.lock().unwrap().contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{words:?} is not in {}", self.said.lock().unwrap());
    }

    async fn stop(mut self) {
        signal("TERM", self.id()).await;
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        let status = ended.expect("it stops in time").expect("it has a status");
        assert!(status.success(), "{status}: {}", self.said.lock().unwrap());
    }
}

async fn signal(name: &str, process: u32) {
    let id = process.to_string();
    let told = Command::new("kill").args(["-s", name, &id]).status().await;
    assert!(told.expect("kill runs").success());
}

/// The processes that run below this one, by the kernel's own list: those that
/// ended and were not collected by whoever inherited them do not run.
fn running_below(root: u32) -> BTreeSet<u32> {
    let mut children = BTreeMap::<u32, Vec<u32>>::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        if let Some(parent) = parent_of(id) {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut found = BTreeSet::new();
    let mut next = vec![root];
    while let Some(id) = next.pop() {
        for child in children.get(&id).into_iter().flatten() {
            found.insert(*child);
            next.push(*child);
        }
    }
    found
}

/// The parent of a process that runs.
fn parent_of(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before may hold anything, in parentheses.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    (state != "Z")
        .then(|| fields.next()?.parse().ok())
        .flatten()
}

async fn eventually_none_runs(ids: &BTreeSet<u32>) {
    let left = || -> Vec<u32> {
        let runs = |id: &u32| parent_of(*id).is_some();
        ids.iter().copied().filter(runs).collect()
    };
    for _ in 0..400 {
        if left().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("these still run: {:?}", left());
}

/// A service that is away, or has just come back, answers 503 meanwhile.
async fn eventually_makes_a_cover(person: &Person, key: &str) {
    let body = json!({
        "title": "Many and yet one",
        "sizes": [{"preset": "thumbnail"}],
        "formats": ["jpeg"],
    });
    let mut task = None;
    for _ in 0..600 {
        let (status, made) = person.generate(key, &body).await.unwrap();
        if status == 202 {
            task = made["taskId"].as_str().map(str::to_owned);
            break;
        }
        assert_eq!(status, 503, "{made}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ended = person.ended(&task.expect("it is taken in time")).await;
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
}

#[tokio::test]
async fn one_command_runs_every_service_apart_and_leaves_nothing_behind() {
    let (collector, address) = Collector::start().await;
    let folder = folder();
    let told = [
        ("COVERGEN__TELEMETRY__OTLP_ENDPOINT", &*address),
        ("COVERGEN__SERVICES__TASK__LEASE_MS", "60000"),
    ];
    let apart = Apart::start_with(&folder, &told).await;
    let person = register_at(apart.web(), "many").await;
    crate::trace::followed(&collector, apart.web(), &person).await;
    assert_eq!(person.quota().await["used"], 1);

    let names = apart.ready["processes"].as_array().unwrap().iter();
    let names: BTreeSet<_> = names.map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 12, "{names:?}");
    let cover = apart.at("cover", "admin");
    let seen = crate::api::client()
        .get(format!("{cover}/mesh"))
        .send()
        .await;
    let seen = read(seen.unwrap()).await;
    let id = "spiffe://covergen.local/ns/dev/sa/cover";
    assert_eq!(seen["identity"]["spiffeId"], id, "{seen}");

    let engines = apart.ready["engines"].as_array().unwrap().len();
    let all = running_below(apart.id());
    assert!(all.len() >= names.len() + engines, "{all:?}");

    let second = command(&folder).output().await.unwrap();
    let told = String::from_utf8_lossy(&second.stderr);
    assert!(
        !second.status.success() && told.contains("another"),
        "{told}"
    );

    apart.stop().await;
    eventually_none_runs(&all).await;

    // What was kept is there at the next start.
    let again = Apart::start(&folder).await;
    let person = person.at_address(again.web());
    let covers = read(person.get("/covers").await).await;
    assert_eq!(
        covers["covers"].as_array().map(Vec::len),
        Some(1),
        "{covers}"
    );
    again.stop().await;
}

#[tokio::test]
async fn a_killed_process_comes_back_and_a_killed_supervisor_takes_all_along() {
    let folder = folder();
    let apart = Apart::start(&folder).await;
    let person = register_at(apart.web(), "phoenix").await;
    for name in ["cover", "task"] {
        signal("KILL", apart.process(name)).await;
        apart
            .eventually_says(&format!("covergen | {name} is back"))
            .await;
    }
    eventually_makes_a_cover(&person, "after").await;

    let all = running_below(apart.id());
    assert!(all.len() >= 15, "{all:?}");
    signal("KILL", apart.id()).await;
    eventually_none_runs(&all).await;
}

#[tokio::test]
async fn an_engine_that_is_missing_is_told_with_the_way_to_get_it() {
    let folder = folder();
    let output = command(&folder)
        .env("COVERGEN_NATS_SERVER", "/nowhere/nats-server")
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(told.contains("COVERGEN_NATS_SERVER"), "{told}");

    let output = command(&folder)
        .args(["--postgres", "postgres://somebody:secret@localhost/one"])
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        told.contains("{service}") && !told.contains("secret"),
        "{told}"
    );
}
