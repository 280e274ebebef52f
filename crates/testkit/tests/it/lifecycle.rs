use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use covergen_testkit::{Redis, engines};

fn serves(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
    let mut answer = [0; 5];
    stream.write_all(b"PING\r\n").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && &answer == b"+PONG"
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn a_server_can_be_frozen_thawed_killed_and_restarted_on_its_port() {
    let server = Redis::start().await;
    let port = server.port();
    assert!(serves(port));
    server.freeze();
    assert!(!serves(port), "a frozen server takes connections, no more");
    server.thaw();
    assert!(serves(port));
    server.kill();
    assert!(!serves(port));
    let server = server.restart().await;
    assert_eq!(server.port(), port);
    assert!(serves(port));
    drop(server);
    assert!(!serves(port));
}

#[tokio::test]
async fn a_whole_set_of_engines_starts_and_goes_without_a_trace() {
    let dir = env::temp_dir().join(format!("covergen-all-{}", std::process::id()));
    let started = engines::start_all(&dir).await.unwrap();
    let variables = started.variables();
    let ports: Vec<u16> = variables
        .iter()
        .map(|(_, url)| {
            let authority = url.split("://").nth(1).unwrap();
            let address = authority.rsplit('@').next().unwrap();
            let port = address.split('/').next().unwrap().rsplit(':').next();
            port.unwrap().parse().unwrap()
        })
        .collect();
    for port in &ports {
        assert!(TcpStream::connect(("127.0.0.1", *port)).is_ok());
    }
    drop(started);
    for port in &ports {
        assert!(TcpStream::connect(("127.0.0.1", *port)).is_err());
    }
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
    std::fs::remove_dir(&dir).unwrap();
}

/// Not a test of its own: what the next test runs in a process that it kills.
#[tokio::test]
async fn owner_of_a_server() {
    if env::var_os("COVERGEN_TEST_OWNER").is_none() {
        return;
    }
    let server = Redis::start().await;
    println!("\nport={}", server.port());
    std::future::pending::<()>().await;
}

#[test]
fn a_killed_owner_leaves_no_server_behind() {
    let mut owner = Command::new(env::current_exe().unwrap())
        .args(["--exact", "lifecycle::owner_of_a_server", "--nocapture"])
        .env("COVERGEN_TEST_OWNER", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let port: u16 = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("port=")?.parse().ok())
        .unwrap();
    assert!(serves(port));
    let folder = format!("covergen-redis-{}-", owner.id());
    let remains = || {
        std::fs::read_dir(env::temp_dir())
            .unwrap()
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with(&folder))
    };
    assert!(remains());
    owner.kill().unwrap();
    owner.wait().unwrap();
    eventually("the server outlived its owner", || !serves(port));
    eventually("the folder outlived its owner", || !remains());
}
