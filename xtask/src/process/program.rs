//! A program about to be started.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};

use super::Running;
use crate::repo::{self, Repo};

/// A program about to be started, with nothing to read from.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
    name: String,
}

impl Program {
    /// `program` by path or by name.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let name = Path::new(program).file_name().unwrap_or(program);
        let name = name.to_string_lossy().into_owned();
        let mut command = Command::new(program);
        scrub(&mut command);
        Self { command, name }
    }

    /// The cargo that runs this task, in the source tree.
    pub(crate) fn cargo(repo: &Repo) -> Self {
        Self::new(repo::cargo()).within(repo.root())
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<I, S>(mut self, args: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    pub(crate) fn envs<'a>(
        mut self,
        pairs: impl IntoIterator<Item = &'a (String, String)>,
    ) -> Self {
        self.command
            .envs(pairs.into_iter().map(|(key, value)| (key, value)));
        self
    }

    pub(crate) fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Starts it; it prints where this process prints.
    pub(crate) fn start(self) -> Result<Running> {
        Running::start(guarded(&self.command), self.name)
    }

    /// Starts it with its output to be read.
    pub(super) fn start_piped(self) -> Result<Running> {
        let mut command = guarded(&self.command);
        command.stdout(Stdio::piped());
        Running::start(command, self.name)
    }

    /// Runs it to its end; anything but success is an error.
    pub(crate) fn run(self) -> Result<()> {
        let name = self.name.clone();
        let status = self.start()?.wait()?;
        if !status.success() {
            bail!("{name} failed ({status})");
        }
        Ok(())
    }

    /// Runs it to its end and hands back what it printed to its output.
    pub(crate) fn read(self) -> Result<String> {
        let name = self.name.clone();
        let mut running = self.start_piped()?;
        let mut text = String::new();
        if let Some(mut pipe) = running.take_output() {
            let read = pipe.read_to_string(&mut text);
            read.with_context(|| format!("what {name} prints cannot be read"))?;
        }
        let status = running.wait()?;
        if !status.success() {
            bail!("{name} failed ({status})");
        }
        Ok(text)
    }

    /// Runs it silently; what it printed is told only when it fails.
    pub(crate) fn run_quietly(self) -> Result<()> {
        let name = self.name.clone();
        let (mut log, sink) = io::pipe().context("no pipe")?;
        let mut command = guarded(&self.command);
        command.stdout(sink.try_clone()?).stderr(sink);
        let running = Running::start(command, self.name)?;
        let reader = thread::spawn(move || {
            let mut bytes = Vec::new();
            log.read_to_end(&mut bytes).map(|_| bytes)
        });
        let status = running.wait()?;
        let bytes = reader.join().unwrap_or_else(|_| Ok(Vec::new()))?;
        if !status.success() {
            bail!(
                "{name} failed ({status})\n{}",
                String::from_utf8_lossy(&bytes)
            );
        }
        Ok(())
    }

    /// Whether it can be started and succeeds; prints nothing.
    pub(crate) fn succeeds(self) -> bool {
        let mut command = guarded(&self.command);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Running::start(command, self.name)
            .and_then(Running::wait)
            .is_ok_and(|status| status.success())
    }

    /// Becomes the program; returns only when that fails.
    pub(crate) fn replace(mut self) -> anyhow::Error {
        let error = self.command.exec();
        anyhow::Error::new(error).context(format!("{} cannot be started", self.name))
    }
}

/// The same command, leading a process group of its own, and ended by the
/// kernel should this process die without a chance to.
fn guarded(command: &Command) -> Command {
    let mut guarded = match find("setpriv") {
        Some(setpriv) => {
            let mut guard = Command::new(setpriv);
            guard.args(["--pdeathsig", "TERM", "--"]);
            guard.arg(command.get_program());
            guard
        }
        None => Command::new(command.get_program()),
    };
    guarded.args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => guarded.env(key, value),
            None => guarded.env_remove(key),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        guarded.current_dir(folder);
    }
    guarded.stdin(Stdio::null()).process_group(0);
    guarded
}

/// Takes away what `cargo run` sets for this process. Build scripts that watch
/// these variables would otherwise run again whenever builds are started from
/// here and from a shell in turn.
fn scrub(command: &mut Command) {
    const SET_BY_CARGO: [&str; 4] = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ];
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if SET_BY_CARGO.iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(&key);
        }
    }
}

/// The program of that name on the search path.
pub(crate) fn find(name: &str) -> Option<OsString> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
        .map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_an_error_that_tells_what_it_printed() {
        let script = "echo out; echo err >&2; exit 3";
        let error = Program::new("sh")
            .args(["-c", script])
            .run_quietly()
            .expect_err("fails");
        let told = format!("{error}");
        assert!(told.contains("exit status: 3") && told.contains("out") && told.contains("err"));
    }

    #[test]
    fn a_program_is_started_without_the_variables_cargo_set_for_us() {
        let seen = Program::new("env").read().expect("runs");
        assert!(
            !seen.lines().any(|line| line.starts_with("CARGO_PKG_")),
            "{seen}"
        );
    }

    #[test]
    fn arguments_environment_and_folder_survive_the_guard() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = "echo \"$0 $GREETING\"; pwd -P";
        let program = Program::new("sh")
            .args(["-c", script, "a b"])
            .env("GREETING", "hello");
        let seen = program.within(folder.path()).read().expect("runs");
        let real = folder.path().canonicalize().expect("exists");
        assert_eq!(seen, format!("a b hello\n{}\n", real.display()));
    }
}
