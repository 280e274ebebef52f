use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

use tokio::sync::Mutex;

use super::Embedded;
use crate::{Config, Error, Result};

/// Logs open in this process. The writer keeps leases in memory, so two
/// writers on one file would hand out the same message twice.
static OPEN: LazyLock<Mutex<HashMap<PathBuf, Weak<Embedded>>>> = LazyLock::new(Mutex::default);

const LOCK_ATTEMPTS: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Opens a file's log, or answers the one that is open already.
pub(super) async fn open(path: &Path, config: &Config) -> Result<Arc<Embedded>> {
    let path = canonical(path)?;
    let mut open = OPEN.lock().await;
    open.retain(|_, log| log.strong_count() > 0);
    if let Some(log) = open.get(&path).and_then(Weak::upgrade)
        && !log.is_closed()
    {
        return Ok(log);
    }
    let lock = lock(&path).await?;
    let log = Embedded::start(&path, config, lock).await?;
    open.insert(path, Arc::downgrade(&log));
    Ok(log)
}

fn canonical(path: &Path) -> Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| Error::Config("embedded:// needs the path of a file".to_owned()))?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder).map_err(|e| unavailable(folder, &e))?;
    let folder = folder.canonicalize().map_err(|e| unavailable(folder, &e))?;
    Ok(folder.join(name))
}

/// Keeps other processes away. The system lets go of the lock when this
/// process ends, however it ends. A writer of this process that is just
/// finishing, or a process that is just ending, is waited for.
async fn lock(path: &Path) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| unavailable(&path, &e))?;
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
            Err(TryLockError::Error(e)) => return Err(unavailable(&path, &e)),
        }
    }
    Err(Error::Unavailable(format!(
        "{} is in use by another process",
        path.display()
    )))
}

fn unavailable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("{}: {error}", path.display()))
}
