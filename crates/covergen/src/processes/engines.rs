//! PostgreSQL, NATS and Redis: those that somebody named, and private ones in
//! the data folder for the rest.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Signal, geteuid};
use tokio::process::Command;

use super::child::{Ready, Spec};
use super::find;
use super::ports::Ports;

/// Connections that a private PostgreSQL takes; every replica has a few.
const MAX_CONNECTIONS: usize = 400;

/// Addresses of the engines; empty where nobody named one.
#[derive(Debug, Clone, Default)]
pub(super) struct Addresses {
    /// With `{service}` where the service's name goes.
    pub(super) postgres: String,
    pub(super) nats: String,
    pub(super) redis: String,
}

impl Addresses {
    /// Refuses what processes cannot share.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        for (engine, url, schemes) in [
            ("PostgreSQL", &self.postgres, ["postgres:", "postgresql:"]),
            ("NATS", &self.nats, ["nats:", "tls:"]),
            ("Redis", &self.redis, ["redis:", "rediss:"]),
        ] {
            // The address may bear a password, so only what is wanted is told.
            ensure!(
                url.is_empty() || schemes.iter().any(|scheme| url.starts_with(scheme)),
                "processes share {engine}: its address begins with {}//",
                schemes[0]
            );
        }
        ensure!(
            self.postgres.is_empty() || self.postgres.contains("{service}"),
            "each service has a database of its own: write {{service}} where its name goes, \
             as in postgres://user@host/covergen_{{service}}"
        );
        Ok(())
    }
}

/// Prepares a private engine for each that nobody named, and fills in its
/// address.
pub(super) async fn prepare(
    addresses: &mut Addresses,
    data: &Path,
    ports: &mut Ports,
) -> anyhow::Result<Vec<Spec>> {
    let folder = data.join("engines");
    let mut specs = Vec::new();
    // All programs are looked for before anything is made, so that a machine
    // without them is left as it was.
    let postgres = addresses.postgres.is_empty().then(find::postgres);
    let nats = addresses.nats.is_empty().then(find::nats);
    let redis = addresses.redis.is_empty().then(find::redis);
    let (postgres, nats, redis) = (postgres.transpose()?, nats.transpose()?, redis.transpose()?);
    if let Some(programs) = postgres {
        let port = ports.free()?;
        specs.push(private_postgres(&programs, &folder.join("postgres"), port).await?);
        addresses.postgres = format!("postgres://postgres@127.0.0.1:{port}/covergen_{{service}}");
    }
    if let Some(program) = nats {
        let port = ports.free()?;
        specs.push(private_nats(&program, &folder.join("nats"), port)?);
        addresses.nats = format!("nats://127.0.0.1:{port}");
    }
    if let Some(program) = redis {
        let port = ports.free()?;
        specs.push(private_redis(&program, &folder.join("redis"), port)?);
        addresses.redis = format!("redis://127.0.0.1:{port}");
    }
    Ok(specs)
}

/// A cluster that trusts this machine's users, made once.
async fn private_postgres(programs: &Path, folder: &Path, port: u16) -> anyhow::Result<Spec> {
    make(folder)?;
    let user = User::instead_of_root().await?;
    let cluster = folder.join("data");
    if !cluster.join("PG_VERSION").is_file() {
        initdb(programs, folder, user.as_ref()).await?;
    }
    let mut command = tied(Signal::INT, user.as_ref())?;
    command.push(programs.join("postgres").into());
    command.extend(["-D".into(), cluster.into()]);
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        format!("max_connections={MAX_CONNECTIONS}"),
        "logging_collector=off".to_owned(),
    ] {
        command.extend(["-c".into(), setting.into()]);
    }
    Ok(Spec {
        name: "postgres".to_owned(),
        command,
        // The words it is ready by are looked for in English.
        variables: vec![("LC_ALL".to_owned(), "C".to_owned())],
        folder: Some(folder.to_path_buf()),
        // A fast shutdown: sessions end, everything committed is on disk.
        signal: Signal::INT,
        ready: Ready::Logged("database system is ready to accept connections"),
    })
}

/// Makes the cluster aside and moves it into place, so that one half made is
/// never started.
async fn initdb(programs: &Path, folder: &Path, user: Option<&User>) -> anyhow::Result<()> {
    let new = folder.join("data.new");
    if new.exists() {
        fs::remove_dir_all(&new)?;
    }
    if let Some(user) = user {
        chown(folder, Some(user.uid), Some(user.gid))?;
    }
    let mut command = tied(Signal::KILL, user)?;
    command.push(programs.join("initdb").into());
    let (program, arguments) = command.split_first().context("there is a program")?;
    let made = Command::new(program)
        .args(arguments)
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
        .args(["--locale=C", "--pgdata"])
        .arg(&new)
        .current_dir(folder)
        .kill_on_drop(true)
        .output()
        .await?;
    if !made.status.success() {
        let told = String::from_utf8_lossy(&made.stderr).trim().to_owned();
        let Some(user) = user else {
            bail!("initdb failed: {told}");
        };
        bail!(
            "initdb failed: {told}\nPostgreSQL does not run as root and runs as {} here, who must \
             be able to enter {}: name a folder that it can reach with `--data`, or a running \
             server with `--postgres`",
            user.name,
            folder.display()
        );
    }
    Ok(fs::rename(&new, folder.join("data"))?)
}

/// JetStream that is on disk before it acknowledges, as everywhere else.
fn private_nats(program: &Path, folder: &Path, port: u16) -> anyhow::Result<Spec> {
    make(folder)?;
    let store = folder.join("jetstream").display().to_string();
    let config = folder.join("nats.conf");
    let told = format!(
        "host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: {store:?}, sync_interval: always }}\n"
    );
    fs::write(&config, told)?;
    let mut command = tied(Signal::TERM, None)?;
    command.extend([program.into(), "-c".into(), config.into()]);
    Ok(Spec {
        name: "nats".to_owned(),
        command,
        variables: Vec::new(),
        folder: Some(folder.to_path_buf()),
        signal: Signal::TERM,
        ready: Ready::Logged("Server is ready"),
    })
}

/// Copies and counters only, so nothing is kept on disk.
fn private_redis(program: &Path, folder: &Path, port: u16) -> anyhow::Result<Spec> {
    make(folder)?;
    let mut command = tied(Signal::TERM, None)?;
    command.push(program.into());
    let port = port.to_string();
    let settings = [
        ["--bind", "127.0.0.1"],
        ["--port", &port],
        ["--save", ""],
        ["--appendonly", "no"],
    ];
    command.extend(settings.into_iter().flatten().map(OsString::from));
    Ok(Spec {
        name: "redis".to_owned(),
        command,
        variables: Vec::new(),
        folder: Some(folder.to_path_buf()),
        signal: Signal::TERM,
        ready: Ready::Logged("Ready to accept connections"),
    })
}

fn make(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// The user that PostgreSQL runs as where this process is root.
struct User {
    name: &'static str,
    uid: u32,
    gid: u32,
}

impl User {
    async fn instead_of_root() -> anyhow::Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let (Some(uid), Some(gid)) = (id("-u", name).await, id("-g", name).await) {
                return Ok(Some(Self { name, uid, gid }));
            }
        }
        bail!("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
    }
}

async fn id(which: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([which, name]).output().await.ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// What stands in front of an engine's command: it is sent `signal` when this
/// process dies, however that happens, and runs as `user`.
fn tied(signal: Signal, user: Option<&User>) -> anyhow::Result<Vec<OsString>> {
    let Some(setpriv) = find::on_path("setpriv") else {
        ensure!(
            user.is_none(),
            "PostgreSQL does not run as root, and `setpriv` (of util-linux), which runs it as \
             somebody else, was not found"
        );
        return Ok(Vec::new());
    };
    let signal = match signal {
        Signal::INT => "INT",
        Signal::TERM => "TERM",
        _ => "KILL",
    };
    let mut command: Vec<OsString> = vec![
        PathBuf::into_os_string(setpriv),
        "--pdeathsig".into(),
        signal.into(),
    ];
    if let Some(user) = user {
        command.push(format!("--reuid={}", user.uid).into());
        command.push(format!("--regid={}", user.gid).into());
        command.push("--clear-groups".into());
    }
    command.push("--".into());
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::Addresses;

    #[test]
    fn an_engine_that_processes_cannot_share_is_refused() {
        let refused = |postgres: &str, nats: &str, redis: &str| {
            let addresses = Addresses {
                postgres: postgres.to_owned(),
                nats: nats.to_owned(),
                redis: redis.to_owned(),
            };
            addresses.check().err().map(|error| error.to_string())
        };
        assert_eq!(refused("", "", ""), None);
        assert_eq!(
            refused(
                "postgres://a:secret@h/c_{service}",
                "nats://h:1",
                "redis://h:2"
            ),
            None
        );
        let told = refused("sqlite:///data/{service}", "", "").unwrap();
        assert!(told.contains("PostgreSQL"), "{told}");
        let told = refused("postgres://a:secret@h/one", "", "").unwrap();
        assert!(
            told.contains("{service}") && !told.contains("secret"),
            "{told}"
        );
        assert!(refused("", "embedded:///x", "").unwrap().contains("NATS"));
        assert!(refused("", "", "memory://").unwrap().contains("Redis"));
    }
}
