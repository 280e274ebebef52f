//! Where the tests and their engines write.
//!
//! In memory where there is plenty of it: three databases that sync what they
//! acknowledge share one disk otherwise, and the tests wait for it. What a
//! killed process had written is there either way; a machine that loses its
//! power is not among the tests.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;
use tempfile::TempDir;

/// A folder in memory, as Linux has it.
const MEMORY: &str = "/dev/shm";
/// Room that must be there, on that folder and in the machine.
const ROOM: u64 = 12 << 30;
/// Followed by the id of the process whose folder it is.
const NAME: &str = "covergen-tests-";

/// A folder that goes when this is dropped, or the usual one for temporary
/// files: also where the environment names one, which is somebody's wish.
#[derive(Debug)]
pub(crate) struct Scratch(Option<TempDir>);

impl Scratch {
    pub(crate) fn new() -> Self {
        let memory = Path::new(MEMORY);
        if std::env::var_os("TMPDIR").is_some() || !has_room(memory) {
            return Self(None);
        }
        sweep(memory);
        Self(open(memory).ok())
    }

    pub(crate) fn path(&self) -> PathBuf {
        match &self.0 {
            Some(folder) => folder.path().to_path_buf(),
            None => std::env::temp_dir(),
        }
    }
}

/// For everybody, as such folders are: PostgreSQL does not run as root.
fn open(memory: &Path) -> std::io::Result<TempDir> {
    let name = format!("{NAME}{}-", std::process::id());
    let folder = tempfile::Builder::new().prefix(&name).tempdir_in(memory)?;
    fs::set_permissions(folder.path(), Permissions::from_mode(0o1777))?;
    Ok(folder)
}

fn has_room(memory: &Path) -> bool {
    let Ok(folder) = statvfs(memory) else {
        return false;
    };
    let machine = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    folder.f_bavail * folder.f_frsize >= ROOM && available(&machine) >= ROOM
}

/// Bytes that programs can have, by `/proc/meminfo`.
fn available(machine: &str) -> u64 {
    let line = machine
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

/// Removes what was left by runs that were killed.
fn sweep(memory: &Path) {
    let folders = fs::read_dir(memory).into_iter().flatten().flatten();
    for folder in folders {
        let name = folder.file_name();
        let owner = name.to_str().and_then(owner_of);
        if owner.is_some_and(|id| !Path::new(&format!("/proc/{id}")).exists()) {
            // Somebody else's stays.
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

/// The process whose folder bears this name.
fn owner_of(name: &str) -> Option<u32> {
    name.strip_prefix(NAME)?.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_is_removed_and_nothing_else() {
        let memory = tempfile::tempdir().expect("a folder");
        let mine = open(memory.path()).expect("is made");
        // No process has an id as large.
        let left = memory.path().join(format!("{NAME}4194305-x"));
        let other = memory.path().join("covergen-4194305");
        for folder in [&left, &other] {
            fs::create_dir(folder).expect("is made");
        }
        sweep(memory.path());
        assert!(!left.exists());
        assert!(other.exists() && mine.path().exists());
    }

    #[test]
    fn room_is_what_programs_can_have() {
        let machine = "MemTotal:  24684084 kB\nMemFree: 1 kB\nMemAvailable:   20971520 kB\n";
        assert_eq!(available(machine), 20 << 30);
        assert_eq!(available(""), 0);
    }
}
