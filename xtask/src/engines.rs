//! Private engines for a run of the tests: PostgreSQL, NATS, Redis and S3.

use anyhow::Result;
use covergen_testkit::engines;

use crate::process::{self, Program};
use crate::repo::Repo;
use crate::scratch::Scratch;
use crate::{install, test};

/// Running engines; dropping them ends them and removes their data.
#[derive(Debug)]
pub(crate) struct Engines {
    running: engines::Engines,
    /// Where they write, and programs beside them; goes after them.
    scratch: Scratch,
}

impl Engines {
    /// Starts all four and waits until they answer. An engine that is missing
    /// or does not start is an error: nothing is tested without it.
    pub(crate) fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let scratch = Scratch::new();
        let folder = scratch.path();
        let running = runtime.block_on(engines::start_all(&folder))?;
        Ok(Self { running, scratch })
    }

    /// The environment of the tests: the addresses, and where to write.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let folder = self.scratch.path().display().to_string();
        let mut variables = self.addresses();
        variables.push(("TMPDIR".to_owned(), folder));
        variables
    }

    /// The addresses, as the tests look for them in the environment.
    fn addresses(&self) -> Vec<(String, String)> {
        let named = self.running.variables();
        named.map(|(name, url)| (name.to_owned(), url)).into()
    }
}

/// Starts the engines and runs `command` with their addresses; without a
/// command prints them and runs until interrupted.
pub(crate) fn run(repo: &Repo, command: &[String]) -> Result<()> {
    install::ensure_engines(repo)?;
    let engines = Engines::start()?;
    let Some((program, args)) = command.split_first() else {
        for (name, value) in engines.addresses() {
            println!("export {name}={value}");
        }
        eprintln!("running; Ctrl-C stops them");
        process::wait_for_interrupt();
        return Ok(());
    };
    let program = Program::new(program).args(args).within(repo.root());
    program
        .envs(&engines.variables())
        .envs(&test::tools(repo))
        .run()
}
