use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, io, process};

use super::StartError;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Makes a new empty folder below `parent`.
pub(super) fn create(parent: &Path, kind: &str) -> io::Result<PathBuf> {
    loop {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("covergen-{kind}-{}-{n}", process::id()));
        match fs::create_dir(&path) {
            Ok(()) => return path.canonicalize(),
            // Left over from a process of the same id.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
}

/// Where engines of a test process keep their data.
pub(super) fn parent() -> PathBuf {
    env::temp_dir()
}

/// The user that a server has to run as, when it refuses to run as root.
#[derive(Debug, Clone)]
pub(super) struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// `None` when this process is not root and can run everything itself.
    pub(super) fn instead_of_root() -> Result<Option<Self>, StartError> {
        if id(&["-u"])? != 0 {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let (Ok(uid), Ok(gid)) = (id(&["-u", name]), id(&["-g", name])) {
                return Ok(Some(Self { uid, gid }));
            }
        }
        Err(StartError::Missing(
            "PostgreSQL does not run as root, and there is neither a user postgres nor nobody"
                .to_owned(),
        ))
    }

    /// Hands a folder over to this user.
    pub(super) fn own(&self, path: &Path) -> io::Result<()> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
    }

    /// What to put in front of a command so that it runs as this user, under
    /// the process id it was given.
    pub(super) fn prefix(&self) -> Vec<String> {
        vec![
            "setpriv".to_owned(),
            format!("--reuid={}", self.uid),
            format!("--regid={}", self.gid),
            "--clear-groups".to_owned(),
            "--".to_owned(),
        ]
    }
}

fn id(args: &[&str]) -> Result<u32, StartError> {
    let output = Command::new("id").args(args).output()?;
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .map_err(|_| StartError::Failed(format!("`id {}` gave no number", args.join(" "))))
}
