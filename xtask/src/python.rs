//! The Python client's own steps: style, types.

use anyhow::Result;

use crate::install;
use crate::process::Program;
use crate::repo::Repo;

/// Style and types, by the tools that its list of packages pins.
pub(crate) fn check(repo: &Repo) -> Result<()> {
    let cache = repo.target().join("python/cache");
    let tool = |name: &str| -> Result<Program> {
        let python = install::ensure_python(repo)?;
        let program = Program::new(python).args(["-B", "-m", name]);
        Ok(program.within(repo.python()))
    };
    let ruff = || Ok::<_, anyhow::Error>(tool("ruff")?.env("RUFF_CACHE_DIR", cache.join("ruff")));
    ruff()?.args(["check", "--quiet", "."]).run()?;
    ruff()?
        .args(["format", "--quiet", "--check", "--diff", "."])
        .run()?;
    let mypy = tool("mypy")?.arg("--no-error-summary");
    mypy.arg("--cache-dir").arg(cache.join("mypy")).run()
}
