//! The rules in force, ready to match; swapped when they change.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::screen::Screen;

/// A screen and the revision of the rules it was built from.
#[derive(Default)]
pub(crate) struct Rulebook(RwLock<(i64, Arc<Screen>)>);

impl Rulebook {
    /// The screen in force. It stays whole for whoever holds it.
    pub(crate) fn screen(&self) -> Arc<Screen> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&held.1)
    }

    /// The revision of the screen in force; 0 before the first.
    pub(crate) fn revision(&self) -> i64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Puts a screen in force, unless a newer one is.
    pub(crate) fn replace(&self, revision: i64, screen: Screen) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if revision > held.0 {
            *held = (revision, Arc::new(screen));
        }
    }
}

/// Takes over rules that another process brought, until shutdown.
pub(crate) async fn follow(app: Arc<App>, interval_ms: u64, shutdown: CancellationToken) {
    let interval = Duration::from_millis(interval_ms.max(1));
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
        if let Err(error) = app.refresh_rules().await {
            // The rules in force stay in force.
            tracing::warn!(%error, "the rules were not looked at");
        }
    }
}
