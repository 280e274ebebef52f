use std::env;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use covergen_testkit::{Moto, Postgres, Redis, nats, postgres_database, redis, s3};

#[tokio::test]
async fn every_test_has_a_database_of_its_own() {
    let (a, b) = (postgres_database().await, postgres_database().await);
    assert_ne!(a.url(), b.url());
    assert!(a.url().starts_with("postgres://postgres@127.0.0.1:"));
}

#[tokio::test]
async fn every_test_has_a_namespace_a_prefix_and_a_bucket_of_its_own() {
    let (a, b) = (nats().await, nats().await);
    assert_eq!(a.url(), b.url());
    assert_ne!(a.namespace(), b.namespace());
    let (a, b) = (redis().await, redis().await);
    assert_eq!(a.url(), b.url());
    assert_ne!(a.prefix(), b.prefix());
    let (a, b) = (s3().await, s3().await);
    assert_ne!(a.url(), b.url());
}

#[tokio::test]
async fn redis_and_nats_speak_their_protocols() {
    let mut line = [0; 5];
    let redis = redis().await;
    let mut stream = TcpStream::connect(redis.url().trim_start_matches("redis://")).unwrap();
    stream.write_all(b"PING\r\n").unwrap();
    stream.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"+PONG");
    let nats = nats().await;
    let mut stream = TcpStream::connect(nats.url().trim_start_matches("nats://")).unwrap();
    stream.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"INFO ");
}

/// Not a test of its own: what the next test runs in another process.
#[tokio::test]
async fn teller_of_addresses() {
    if env::var_os("COVERGEN_TEST_TELL").is_some() {
        println!("\nredis={}", redis().await.url());
        println!("s3={}", s3().await.url());
        println!("postgres={}", postgres_database().await.url());
    }
}

#[tokio::test]
async fn a_process_uses_the_engines_it_is_told_of() {
    let (redis, moto) = (Redis::start().await, Moto::start().await);
    let postgres = Postgres::start().await;
    let told = Command::new(env::current_exe().unwrap())
        .args(["--exact", "scopes::teller_of_addresses", "--nocapture"])
        .env("COVERGEN_TEST_TELL", "1")
        .env("COVERGEN_TEST_REDIS_URL", redis.url())
        .env("COVERGEN_TEST_S3_URL", moto.url())
        .env("COVERGEN_TEST_POSTGRES_URL", postgres.url())
        .output()
        .unwrap();
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(text.contains(&format!("redis={}\n", redis.url())), "{text}");
    assert!(
        text.contains(&format!("?endpoint={}&", moto.url())),
        "{text}"
    );
    let own = format!("127.0.0.1:{}/covergen_", postgres.port());
    assert!(text.contains(&own), "{text}");
}
