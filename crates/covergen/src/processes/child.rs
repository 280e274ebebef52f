//! One process under supervision: started, listened to, started again when it
//! dies, and ended.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How long the first start may take.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a process may take to end; a service drains for ten seconds.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// The pause before a process that died is started again; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Who ran this long before dying is started again after the first pause.
const STEADY: Duration = Duration::from_secs(30);

/// What to run, and how.
pub(super) struct Spec {
    /// What its lines begin with.
    pub(super) name: String,
    pub(super) command: Vec<OsString>,
    pub(super) variables: Vec<(String, String)>,
    /// Where it runs; by default where this process does.
    pub(super) folder: Option<PathBuf>,
    /// What asks it to end.
    pub(super) signal: Signal,
    pub(super) ready: Ready,
}

/// How it says that it is ready.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ready {
    /// By a line of JSON on stdout.
    Told,
    /// By a line of its log with these words.
    Logged(&'static str),
}

/// Where it stands.
enum State {
    Starting,
    /// It runs, under this id.
    Runs(u32),
    /// It died and will be started again.
    Away,
    /// It never was ready.
    Failed(String),
}

/// A supervised process. Dropping this does not end it: [`Child::stop`] does.
pub(super) struct Child {
    name: String,
    state: watch::Receiver<State>,
    stop: CancellationToken,
    supervisor: JoinHandle<()>,
}

impl Child {
    pub(super) fn start(spec: Spec) -> Self {
        let (tell, state) = watch::channel(State::Starting);
        let stop = CancellationToken::new();
        Self {
            name: spec.name.clone(),
            state,
            stop: stop.clone(),
            supervisor: tokio::spawn(supervise(spec, tell, stop)),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its id, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        match *self.state.borrow() {
            State::Runs(id) => Some(id),
            _ => None,
        }
    }

    /// Waits until it has said that it is ready. Whoever cannot be started even
    /// once is configured wrongly, and trying again would not help.
    pub(super) async fn ready(&mut self) -> anyhow::Result<()> {
        let seen = self.state.wait_for(|now| !matches!(now, State::Starting));
        let seen = timeout(START_LIMIT, seen).await;
        let seen = seen.with_context(|| format!("{} was not ready in a minute", self.name))?;
        match &*seen? {
            State::Failed(why) => bail!("{} ended before it was ready: {why}", self.name),
            _ => Ok(()),
        }
    }

    /// Asks it to end, and waits until it has.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        if self.supervisor.await.is_err() {
            say(&format!("{} is not supervised any more", self.name));
        }
    }
}

/// A line of the supervisor's own, among those of its children.
pub(super) fn say(line: &str) {
    tell(format_args!("covergen | {line}"));
}

/// Writes a line for whoever listens. Where nobody does any more, supervision
/// goes on, which a print that panics would end.
fn tell(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

async fn supervise(spec: Spec, tell: watch::Sender<State>, stop: CancellationToken) {
    let mut pause = FIRST_PAUSE;
    loop {
        let began = Instant::now();
        let ended = run(&spec, &tell, &stop).await;
        if stop.is_cancelled() {
            return;
        }
        let why = match ended {
            Ok(status) => status.to_string(),
            Err(error) => format!("{error:#}"),
        };
        if matches!(*tell.borrow(), State::Starting) {
            tell.send_replace(State::Failed(why));
            return;
        }
        tell.send_replace(State::Away);
        if began.elapsed() > STEADY {
            pause = FIRST_PAUSE;
        }
        let name = &spec.name;
        let wait = pause.as_millis();
        say(&format!(
            "{name} ended ({why}); it is started again in {wait} ms"
        ));
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.cancelled() => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Runs it once, to its end or until told to stop.
async fn run(
    spec: &Spec,
    tell: &watch::Sender<State>,
    stop: &CancellationToken,
) -> anyhow::Result<ExitStatus> {
    let (program, arguments) = spec.command.split_first().context("there is no command")?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs(spec.variables.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own: Ctrl-C at the terminal reaches the supervisor
        // alone, which ends its children in their order.
        .process_group(0)
        .kill_on_drop(true);
    if let Some(folder) = &spec.folder {
        command.current_dir(folder);
    }
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let id = child.id().context("it has no process id")?;
    let (heard, mut ready) = mpsc::channel(1);
    if let Some(stdout) = child.stdout.take() {
        tokio::spawn(listen(stdout, spec.name.clone(), spec.ready, heard.clone()));
    }
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(listen(stderr, spec.name.clone(), spec.ready, heard));
    }
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            Some(()) = ready.recv() => {
                let earlier = tell.send_replace(State::Runs(id));
                if matches!(earlier, State::Away) {
                    say(&format!("{} is back", spec.name));
                }
            }
            () = stop.cancelled() => return end(child, spec).await,
        }
    }
}

async fn end(mut child: tokio::process::Child, spec: &Spec) -> anyhow::Result<ExitStatus> {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(pid) = id.and_then(Pid::from_raw) {
        // It may have ended in this moment, which is what was wanted.
        let _ = kill_process(pid, spec.signal);
    }
    if let Ok(status) = timeout(STOP_LIMIT, child.wait()).await {
        return Ok(status?);
    }
    say(&format!(
        "{} did not end in {} seconds and is killed",
        spec.name,
        STOP_LIMIT.as_secs()
    ));
    child.kill().await?;
    Ok(child.wait().await?)
}

/// Passes its lines on under its name, and hears when it is ready.
async fn listen(
    output: impl AsyncRead + Unpin,
    name: String,
    ready: Ready,
    heard: mpsc::Sender<()>,
) {
    let mut lines = BufReader::new(output).split(b'\n');
    // An output that cannot be read any more belongs to a process that ended.
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = String::from_utf8_lossy(&line);
        if is_ready(ready, &line) {
            // Told already, if there is no room.
            let _ = heard.try_send(());
            if matches!(ready, Ready::Told) {
                continue;
            }
        }
        tell(format_args!("{name} | {line}"));
    }
}

fn is_ready(ready: Ready, line: &str) -> bool {
    match ready {
        Ready::Logged(words) => line.contains(words),
        Ready::Told => {
            let told = serde_json::from_str::<Value>(line).ok();
            told.is_some_and(|told| told["ready"] == true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ready, is_ready};

    #[test]
    fn a_process_is_ready_when_it_says_so() {
        assert!(is_ready(Ready::Told, r#"{"ready":true,"grpc":"x"}"#));
        assert!(!is_ready(Ready::Told, r#"{"ready":false}"#));
        assert!(!is_ready(Ready::Told, "ready: true"));
        let log = Ready::Logged("Server is ready");
        assert!(is_ready(log, "[1] [INF] Server is ready"));
        assert!(!is_ready(log, "[1] [INF] Starting"));
    }
}
