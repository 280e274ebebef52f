//! The one command that checks everything: cheap steps first, tests last.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::engines::Engines;
use crate::process::{Program, find};
use crate::repo::Repo;
use crate::steps::Steps;
use crate::{buf, deny, fonts, generate, install, k8s, python, tidy, web};

/// Tests failed, and their runner has said which.
#[derive(Debug)]
pub(crate) struct Told;

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("tests failed")
    }
}

impl std::error::Error for Told {}

/// Runs every check, then every test. The test runner prints last, so that its
/// summary closes the output.
pub(crate) fn run(repo: &Repo, args: &[String]) -> Result<()> {
    let mut steps = Steps::default();
    checks(repo, &mut steps)?;
    steps.step("build the tests", || build(repo))?;
    steps.step("committed artefacts are fresh: OpenAPI", || {
        generate::check_documents(repo)
    })?;
    let with_nextest = has_nextest(repo);
    if with_nextest && args.is_empty() {
        // nextest leaves them out.
        steps.step("examples in the docs", || doc_examples(repo))?;
    }
    let mut engines = None;
    steps.step("PostgreSQL, NATS, Redis and S3 start", || {
        engines = Some(Engines::start()?);
        Ok(())
    })?;
    let engines = engines.context("the engines have started")?;
    eprintln!("\n{}\n── tests", steps.summary());
    let runner: &[&str] = if with_nextest {
        &["nextest", "run", "--workspace", "--no-fail-fast"]
    } else {
        &["test", "--workspace", "--no-fail-fast"]
    };
    let tests = Program::cargo(repo).args(runner).args(args);
    let tests = tests.envs(&engines.variables()).envs(&tools(repo));
    let tests = tests.envs(&[("NEXTEST_TEST_THREADS".to_owned(), at_once().to_string())]);
    if !tests.start()?.wait()?.success() {
        return Err(Told.into());
    }
    Ok(())
}

/// Tests at a time: a third of them wait for an engine or for another process.
fn at_once() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores + cores / 2
}

/// Everything but the tests.
pub(crate) fn check(repo: &Repo) -> Result<()> {
    let mut steps = Steps::default();
    checks(repo, &mut steps)?;
    steps.step("committed artefacts are fresh: OpenAPI", || {
        generate::check_documents(repo)
    })?;
    eprintln!("\n{}", steps.summary());
    Ok(())
}

fn checks(repo: &Repo, steps: &mut Steps) -> Result<()> {
    let cargo = || Program::cargo(repo);
    steps.step("format", || cargo().args(["fmt", "--all", "--check"]).run())?;
    steps.step("tidy", || tidy::run(repo.root()))?;
    deny::step(repo, steps)?;
    steps.step("engines are installed", || install::ensure_engines(repo))?;
    steps.step("browser is installed", install::ensure_browser)?;
    steps.step("packages of the browser app are installed", || {
        web::install(repo)
    })?;
    steps.step("peers of the tests are installed", || {
        install::ensure_peers(repo)
    })?;
    steps.step("packages of the Python client are installed", || {
        install::ensure_python(repo).map(drop)
    })?;
    steps.step("contracts: style", || buf::lint(repo))?;
    steps.step("contracts: nothing breaks", || buf::breaking(repo))?;
    steps.step("committed artefacts are fresh: TypeScript", || {
        generate::check_types(repo)
    })?;
    steps.step("committed artefacts are fresh: manifests", || {
        generate::check_manifests(repo)
    })?;
    steps.step("manifests", || k8s::check::run(repo))?;
    steps.step("browser app: types", || web::script(repo, "typecheck"))?;
    steps.step("browser app: build", || web::script(repo, "build"))?;
    steps.step("committed artefacts are fresh: Python", || {
        generate::check_python(repo)
    })?;
    steps.step("Python client: style and types", || python::check(repo))?;
    steps.step("fonts", || fonts::fetch(repo))?;
    steps.step("clippy", || {
        let clippy = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        cargo().args(clippy).run()
    })
}

fn build(repo: &Repo) -> Result<()> {
    Program::cargo(repo)
        .args(["test", "--workspace", "--no-run", "--quiet"])
        .run()
}

/// Runs the examples in doc comments, for the crates that have any: rustdoc
/// takes its time for each crate, with or without.
fn doc_examples(repo: &Repo) -> Result<()> {
    let packages = tidy::packages_with_examples(repo.root())?;
    let selected = packages.iter().flat_map(|package| ["--package", package]);
    if packages.is_empty() {
        return Ok(());
    }
    Program::cargo(repo)
        .args(["test", "--quiet", "--doc"])
        .args(selected)
        .run()
}

fn has_nextest(repo: &Repo) -> bool {
    Program::cargo(repo)
        .args(["nextest", "--version"])
        .succeeds()
}

/// Where the tests find the programs they drive, as far as they are there.
pub(crate) fn tools(repo: &Repo) -> Vec<(String, String)> {
    let named = [
        (
            "COVERGEN_TEST_BINARY",
            Some(repo.target().join("debug/covergen")),
        ),
        ("COVERGEN_TEST_BUF", web::tool(repo, "buf").ok()),
        ("COVERGEN_TEST_CHROMIUM", install::chromium()),
        ("COVERGEN_TEST_ENVOY", install::envoy(repo)),
        ("COVERGEN_TEST_NODE", find("node").map(PathBuf::from)),
        ("COVERGEN_TEST_PYTHON", install::python(repo)),
        (
            "COVERGEN_TEST_SCHEMA_CHECKERS",
            install::schema_checkers(repo),
        ),
    ];
    let present = named
        .into_iter()
        .filter_map(|(name, path)| Some((name, path?)));
    let text = present.map(|(name, path)| (name.to_owned(), path.to_string_lossy().into_owned()));
    text.collect()
}
