//! What export emits, and the one event it reacts to.

use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_proto::export::v1::ExportReady;
use covergen_proto::user::v1::UserDeleted;
use covergen_store::{Error, EventDraft, Tx};

use crate::app::App;
use crate::store::entity::export::{self, Kind, Status};

/// Name of the subscription to user's events; must not change.
const CONSUMER: &str = "export";

/// Who leaves is erased.
pub(crate) fn subscription(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("user", CONSUMER).on(move |event: Event<UserDeleted>| {
        let app = Arc::clone(&app);
        async move {
            let poison = |error: covergen_ids::ParseIdError| HandlerError::Poison(Box::new(error));
            let message = &event.message;
            let user = message.user_id.parse().map_err(poison)?;
            let workspace = match message.workspace_id.as_str() {
                "" => None,
                id => Some(id.parse().map_err(poison)?),
            };
            app.erase_user(CONSUMER, &event, user, workspace)
                .await
                .map_err(HandlerError::retry)
        }
    })
}

/// An export ended. One that was cancelled has no file, so it has failed for
/// whoever waits for it.
pub(crate) async fn ready(tx: &Tx, export: &export::Model) -> Result<(), Error> {
    let status = match export.status {
        Status::Succeeded => Status::Succeeded,
        _ => Status::Failed,
    };
    let event = ExportReady {
        export_id: export.id.to_string(),
        user_id: export.user_id.to_string(),
        cover_id: match export.kind {
            Kind::File => export.cover_id.to_string(),
            Kind::Archive => String::new(),
        },
        status: status.as_str().to_owned(),
    };
    tx.emit(EventDraft::new(&export.id, export.workspace_id, &event))
        .await?;
    Ok(())
}
