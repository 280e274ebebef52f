//! The rules and blocked pictures in force, ready to match; swapped when they
//! change.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use covergen_events::{EventLog, Position};
use covergen_proto::events::v1::Envelope;
use covergen_proto::safety::v1::RulesChanged;
use futures::StreamExt as _;
use prost::{Message as _, Name as _};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::gallery::Gallery;
use crate::domain::screen::Screen;

/// What is in force together.
#[derive(Default)]
pub(crate) struct Book {
    /// The rules.
    pub(crate) screen: Screen,
    /// The blocked pictures.
    pub(crate) gallery: Gallery,
}

/// A book and the revision of the tables it was built from.
#[derive(Default)]
pub(crate) struct Rulebook(RwLock<(i64, Arc<Book>)>);

impl Rulebook {
    /// The book in force. It stays whole for whoever holds it.
    pub(crate) fn book(&self) -> Arc<Book> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&held.1)
    }

    /// The revision of the book in force; 0 before the first.
    pub(crate) fn revision(&self) -> i64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Puts a book in force, unless a newer one is.
    pub(crate) fn replace(&self, revision: i64, book: Book) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if revision > held.0 {
            *held = (revision, Arc::new(book));
        }
    }
}

/// Takes over what another process brought, until shutdown: at once where the
/// event log tells, at the latest when it is looked at again.
pub(crate) async fn follow(
    app: Arc<App>,
    events: Arc<dyn EventLog>,
    interval_ms: u64,
    shutdown: CancellationToken,
) {
    let interval = Duration::from_millis(interval_ms.max(1));
    while !shutdown.is_cancelled() {
        let told = async {
            events.declare_stream("safety").await?;
            events.tail("safety", Position::End).await
        };
        let mut told = match told.await {
            Ok(told) => Some(told),
            Err(error) => {
                tracing::warn!(%error, "changes of the rules are not told");
                None
            }
        };
        let is_told = told.is_some();
        loop {
            // What changed before the tail began is looked at first.
            if let Err(error) = app.refresh_rules().await {
                // The rules in force stay in force.
                tracing::warn!(%error, "the rules were not looked at");
            }
            let change = async {
                while let Some(tail) = &mut told {
                    match tail.next().await {
                        Some(Ok(stored)) if is_change(&stored.record.payload) => return true,
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => return false,
                    }
                }
                std::future::pending().await
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(interval) => if !is_told { break },
                goes_on = change => if !goes_on { break },
            }
        }
        // The tail broke off, or never began.
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
    }
}

fn is_change(payload: &[u8]) -> bool {
    Envelope::decode(payload).is_ok_and(|envelope| envelope.r#type == RulesChanged::full_name())
}
