//! What is said of each service's health: it follows its database.
//!
//! A service whose database does not answer stays where it is, since another
//! replica would do no better; who has stopped calling it learns from this when
//! it is of use again, and need not try.

use covergen_mesh::Registry;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

/// One service, and where its health is told.
pub(crate) struct Health {
    pub(crate) service: &'static str,
    /// Its gRPC services.
    pub(crate) names: Vec<&'static str>,
    /// To callers elsewhere.
    pub(crate) reporter: HealthReporter,
    /// To callers in this process.
    pub(crate) registry: Registry,
}

impl Health {
    /// Tells it now, and whenever it changes, until shutdown.
    pub(crate) async fn follow(
        self,
        mut answers: watch::Receiver<bool>,
        shutdown: CancellationToken,
    ) {
        loop {
            let serves = *answers.borrow_and_update();
            self.tell(serves).await;
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = answers.changed() => {
                    // A database in this process has nobody who looks at it.
                    if changed.is_err() {
                        return;
                    }
                }
            }
        }
    }

    pub(crate) async fn tell(&self, serves: bool) {
        let status = if serves {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        for name in &self.names {
            self.reporter.set_service_status(name, status).await;
        }
        self.registry.set_serving(self.service, serves);
    }
}
