use tokio::signal::unix::{SignalKind, signal};

/// Waits until somebody asks the process to stop: SIGTERM or Ctrl-C.
pub async fn stop() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            // Without a handler the default action ends the process anyway.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
