//! What survives a crash.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

/// Longest time a commit takes before it is certain, and again until whoever
/// asked hears of it: long enough that crashes fall between.
const COMMIT_MS: u64 = 8;

/// A database: clones are the same one, also across crashes.
#[derive(Debug, Default)]
pub(crate) struct Disk<T>(Arc<Mutex<T>>);

impl<T> Clone for Disk<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Disk<T> {
    /// Makes a change, whole or not at all. Whoever dies meanwhile does not
    /// learn which.
    pub(crate) async fn commit<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        pause().await;
        let result = change(&mut self.read());
        pause().await;
        result
    }

    /// What is there now.
    pub(crate) fn read(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn pause() {
    sleep(Duration::from_millis(rand::random_range(0..=COMMIT_MS))).await;
}
