//! Programs from Debian: engines and the browser.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rustix::process::geteuid;

use crate::process::{Program, find};

/// A Debian package and how to see that it is there.
pub(super) struct Package {
    name: &'static str,
    is_present: fn() -> bool,
}

/// What the engines of the tests come from.
pub(super) const ENGINES: [Package; 3] = [
    Package {
        name: "postgresql",
        is_present: has_postgres,
    },
    Package {
        name: "redis-server",
        is_present: || find("redis-server").is_some(),
    },
    Package {
        name: "python3-venv",
        is_present: python_can_make_environments,
    },
];

/// What sets the clock of single processes.
pub(super) const CLOCKS: [Package; 1] = [Package {
    name: "libfaketime",
    is_present: has_faketime,
}];

/// What Python packages of the tests are installed with.
pub(super) const PYTHON: [Package; 1] = [Package {
    name: "python3-venv",
    is_present: python_can_make_environments,
}];

/// What the rules are tested with, and a real Prometheus for them.
pub(super) const MONITORING: [Package; 1] = [Package {
    name: "prometheus",
    is_present: || find("prometheus").is_some() && find("promtool").is_some(),
}];

/// What builds the image where no engine runs.
pub(super) const IMAGES: [Package; 1] = [Package {
    name: "buildah",
    is_present: || find("buildah").is_some(),
}];

/// What drives the browser app.
pub(super) const BROWSER: [Package; 1] = [Package {
    name: "chromium",
    is_present: || chromium().is_some(),
}];

/// Installs those of the packages that are missing, or says how to.
pub(super) fn ensure(packages: &[Package]) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .filter(|package| !(package.is_present)())
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if find("apt-get").is_none() || !geteuid().is_root() {
        bail!("missing: {list}\ninstall them, on Debian by: sudo apt-get install {list}");
    }
    eprintln!("installing {list}");
    let _quiet = DaemonsHeldBack::new()?;
    let apt = || Program::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
    apt().arg("update").run_quietly()?;
    let options = ["install", "--yes", "--no-install-recommends"];
    apt().args(options).args(&missing).run_quietly()?;
    let absent = packages.iter().find(|package| !(package.is_present)());
    match absent {
        Some(package) => bail!("{} is installed but cannot be found", package.name),
        None => Ok(()),
    }
}

/// Debian keeps PostgreSQL's programs off the search path, by version.
fn has_postgres() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut folders = versions.map(|entry| entry.path().join("bin"));
    let by_debian = folders.any(|folder| folder.join("postgres").is_file());
    let named = std::env::var_os("COVERGEN_POSTGRES_BIN").is_some();
    named || by_debian || find("postgres").is_some()
}

/// A library to be loaded, below the folder of the machine's kind.
fn has_faketime() -> bool {
    let mut folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders.any(|folder| {
        let library = folder.path().join("faketime/libfaketimeMT.so.1");
        library.is_file()
    })
}

/// The browser for the tests.
pub(crate) fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("COVERGEN_TEST_CHROMIUM").map(PathBuf::from);
    let on_path = || {
        find("chromium")
            .or_else(|| find("google-chrome"))
            .map(PathBuf::from)
    };
    named.or_else(on_path)
}

fn python_can_make_environments() -> bool {
    Program::new("python3")
        .args(["-c", "import venv, ensurepip"])
        .succeeds()
}

/// Keeps freshly installed packages from starting their daemons: the tests
/// start private ones, and a machine should not keep what a test left running.
struct DaemonsHeldBack {
    policy: Option<PathBuf>,
}

impl DaemonsHeldBack {
    fn new() -> Result<Self> {
        let policy = Path::new("/usr/sbin/policy-rc.d");
        if policy.exists() {
            return Ok(Self { policy: None });
        }
        fs::write(policy, "#!/bin/sh\nexit 101\n").context("the daemon policy")?;
        let this = Self {
            policy: Some(policy.to_path_buf()),
        };
        fs::set_permissions(policy, fs::Permissions::from_mode(0o755))?;
        Ok(this)
    }
}

impl Drop for DaemonsHeldBack {
    fn drop(&mut self) {
        if let Some(policy) = &self.policy {
            let _ = fs::remove_file(policy);
        }
    }
}
