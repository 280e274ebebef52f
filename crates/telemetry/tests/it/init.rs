//! The whole process: what is installed is for good, so the test runs itself
//! again in a process of its own.

use std::process::Command;

use covergen_telemetry::{Telemetry, TelemetryConfig, TelemetryError};
use serde_json::Value;

const TEST: &str = "init::a_process_writes_json_lines_only_even_when_it_panics";

/// Set in the process that installs.
const INSIDE: &str = "COVERGEN_TELEMETRY_TEST_INSIDE";

fn install_and_panic() {
    let telemetry = Telemetry::init(&TelemetryConfig::default()).unwrap();
    let again = Telemetry::init(&TelemetryConfig::default());
    assert!(matches!(again, Err(TelemetryError::Twice(_))));
    tracing::info!("hello");
    metrics::counter!("greetings_total").increment(1);
    let rendered = telemetry.render();
    assert!(rendered.contains("greetings_total 1"), "{rendered}");
    let thread = std::thread::Builder::new().name("careless".to_owned());
    let thread = thread.spawn(|| panic!("no room for ada@example.com"));
    thread.unwrap().join().unwrap_err();
}

#[test]
fn a_process_writes_json_lines_only_even_when_it_panics() {
    if std::env::var_os(INSIDE).is_some() {
        return install_and_panic();
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args([TEST, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    let told = String::from_utf8(child.stderr).unwrap();
    assert!(child.status.success(), "{told}");
    let lines: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect();
    let [hello, panic] = &lines[..] else {
        panic!("{told}");
    };
    assert_eq!(hello["message"], "hello");
    assert_eq!(panic["level"], "ERROR");
    assert_eq!(panic["message"], "a thread panicked");
    assert_eq!(panic["data"]["reason"], "no room for ***");
    assert_eq!(panic["data"]["thread"], "careless");
    let location = panic["data"]["location"].as_str().unwrap();
    assert!(location.contains("init.rs:"), "{location}");
}
