//! What is left after a run was interrupted: nothing.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// Runs `xtask engines -- sh -c …`, interrupts it, and sees how it ends.
fn interrupt_with(signal: Signal) {
    // Prints where Redis listens, then waits in a process of its own.
    let script = "echo \"${COVERGEN_TEST_REDIS_URL##*/}\"; sleep 600 & wait";
    let mut task = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["engines", "--", "sh", "-c", script])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the task starts");
    let mut output = BufReader::new(task.stdout.take().expect("is piped"));
    let mut redis = String::new();
    output.read_line(&mut redis).expect("the command prints");
    let redis = redis.trim().to_owned();
    TcpStream::connect(&redis).expect("Redis serves while the command runs");

    let id = i32::try_from(task.id()).ok().and_then(Pid::from_raw);
    kill_process(id.expect("is an id"), signal).expect("can be signalled");
    let status = task.wait().expect("ends");
    assert_eq!(status.code(), Some(130));
    // The end of the pipe says that no descendant of the command lives on.
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("ends");
    assert_eq!(rest, "");
    assert!(
        TcpStream::connect(&redis).is_err(),
        "Redis outlived the run"
    );
}

#[test]
fn control_c_ends_the_command_and_the_engines() {
    interrupt_with(Signal::INT);
}

#[test]
fn a_termination_ends_the_command_and_the_engines() {
    interrupt_with(Signal::TERM);
}
