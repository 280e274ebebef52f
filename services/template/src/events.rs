//! What template emits and hears.

use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::cover::v1::CoverGenerated;
use covergen_proto::template::v1::{TemplateDeleted, TemplatePublished, TemplateUsed};
use covergen_proto::user::v1::UserDeleted;
use covergen_store::{Error, EventDraft, Tx};

use crate::app::App;
use crate::domain::Design;
use crate::store::entity::template;

/// Covers that were made: what popularity is counted from.
pub(crate) fn covers(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("cover", "template").on(move |event: Event<CoverGenerated>| {
        let app = Arc::clone(&app);
        async move {
            app.count_use(
                &event.id,
                event.workspace_id,
                event.occurred_at_ms,
                &event.message,
            )
            .await
            .map_err(HandlerError::retry)
        }
    })
}

/// People who left: what is theirs is erased.
pub(crate) fn users(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("user", "template").on(move |event: Event<UserDeleted>| {
        let app = Arc::clone(&app);
        async move {
            let poison = |error| HandlerError::Poison(Box::new(error));
            let user: UserId = event.message.user_id.parse().map_err(poison)?;
            let home: WorkspaceId = event.message.workspace_id.parse().map_err(poison)?;
            app.user_deleted(&event.id, user, home)
                .await
                .map_err(HandlerError::retry)
        }
    })
}

/// A version of a built-in template can be used.
pub(crate) async fn published(tx: &Tx, design: &Design) -> Result<(), Error> {
    let event = TemplatePublished {
        template_id: design.id.clone(),
        version: design.version,
    };
    tx.emit(EventDraft::new(&design.id, WorkspaceId::SYSTEM, &event))
        .await?;
    Ok(())
}

/// A version of a custom template can be used.
pub(crate) async fn version_published(tx: &Tx, row: &template::Model) -> Result<(), Error> {
    let event = TemplatePublished {
        template_id: row.id.clone(),
        version: row.version,
    };
    tx.emit(EventDraft::new(&row.id, row.workspace_id, &event))
        .await?;
    Ok(())
}

/// Covers were made with a template. The event is its owner's; who made them
/// is not told.
pub(crate) async fn used(
    tx: &Tx,
    owner: WorkspaceId,
    made: &CoverGenerated,
    use_count: i32,
) -> Result<(), Error> {
    let event = TemplateUsed {
        template_id: made.template_id.clone(),
        version: made.template_version,
        cover_count: i32::try_from(made.cover_ids.len()).unwrap_or(i32::MAX),
        use_count,
    };
    tx.emit(EventDraft::new(&made.template_id, owner, &event))
        .await?;
    Ok(())
}

/// A custom template can no longer be chosen.
pub(crate) async fn deleted(tx: &Tx, row: &template::Model) -> Result<(), Error> {
    let event = TemplateDeleted {
        template_id: row.id.clone(),
    };
    tx.emit(EventDraft::new(&row.id, row.workspace_id, &event))
        .await?;
    Ok(())
}
