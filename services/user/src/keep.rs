//! Workers: lapsed reservations are given back, balances are proved.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;

/// Gives back what was reserved and never confirmed, until shutdown.
pub(crate) async fn sweep(app: Arc<App>, shutdown: CancellationToken) {
    let interval = Duration::from_millis(app.config.sweep_interval_ms);
    while !pause(interval, &shutdown).await {
        match app.sweep_reservations().await {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, "lapsed reservations were given back"),
            Err(error) => tracing::warn!(%error, "lapsed reservations were not given back"),
        }
    }
}

/// Compares balances with their ledgers, until shutdown.
pub(crate) async fn audit(app: Arc<App>, shutdown: CancellationToken) {
    let interval = Duration::from_millis(app.config.audit_interval_ms);
    while !pause(interval, &shutdown).await {
        match app.audit_ledger().await {
            Ok(wrong) => {
                #[allow(clippy::cast_precision_loss)] // A gauge is a float.
                metrics::gauge!("quota_ledger_mismatches").set(wrong.len() as f64);
                for mismatch in wrong {
                    tracing::error!(?mismatch, "a quota balance differs from its ledger");
                }
            }
            Err(error) => tracing::warn!(%error, "the quota ledger was not checked"),
        }
    }
}

/// Waits; `true` means shutdown.
async fn pause(interval: Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        () = shutdown.cancelled() => true,
        () = tokio::time::sleep(interval) => false,
    }
}
