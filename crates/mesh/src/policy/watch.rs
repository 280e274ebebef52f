//! Follows a policy file.

use std::{path::PathBuf, time::Duration};

use tokio::time::sleep;

use super::PolicyError;

/// A policy larger than this is a mistake.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Reads the file every `interval` and hands over what it says whenever that
/// is not what it said before.
///
/// The text is compared and not the time of change: a ConfigMap is replaced
/// by moving a link to files that were written before.
pub(crate) async fn follow(
    path: PathBuf,
    interval: Duration,
    known: String,
    apply: impl Fn(Result<String, PolicyError>) + Send,
) {
    let mut last = Ok(known);
    loop {
        sleep(interval).await;
        let read = read(&path).await;
        if read != last {
            last.clone_from(&read);
            let fail = |problem| PolicyError::of(format!("{}: {problem}", path.display()));
            apply(read.map_err(fail));
        }
    }
}

async fn read(path: &std::path::Path) -> Result<String, String> {
    let about = tokio::fs::metadata(path)
        .await
        .map_err(|error| error.to_string())?;
    if about.len() > MAX_BYTES {
        return Err(format!("a policy is at most {MAX_BYTES} bytes"));
    }
    tokio::fs::read_to_string(path)
        .await
        .map_err(|error| error.to_string())
}
