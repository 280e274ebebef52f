//! What template emits and hears.

use std::sync::Arc;

use covergen_chassis::{Applied, Applying, Event, HandlerError, ReadModel, Subscription};
use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::cover::v1::CoverGenerated;
use covergen_proto::template::v1::{TemplateDeleted, TemplatePublished, TemplateUsed};
use covergen_proto::user::v1::UserDeleted;
use covergen_store::{Error, EventDraft, Tx};

use crate::app::App;
use crate::domain::Design;
use crate::store;
use crate::store::entity::template;

/// Counts uses, by this name as a consumer and in the inbox.
///
/// One subscription counted and told at once when it had this name to itself.
/// The counting keeps it, and so stands where that one stood: nothing is counted
/// twice or left out, not even while both versions run beside each other.
pub(crate) const COUNTER: &str = "template";

/// Tells of uses. A consumer that is new begins with the oldest event there is;
/// migration 3 lets the inbox know by this name what was told by the other one.
/// What a process of the version before still handles after that is told once
/// more.
const TELLER: &str = "template-uses";

/// Popularity: how much templates are used, counted from covers that were made
/// and from nothing else.
pub(crate) fn popularity(app: &Arc<App>) -> ReadModel {
    ReadModel::new("template-popularity", |tx| {
        Box::pin(store::usage::clear(tx))
    })
    .inbox(COUNTER)
    .reads(uses(app))
}

/// Each use changes a row that it shares with others, so it has a transaction
/// to itself.
fn uses(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("cover", COUNTER).on(move |event: Event<CoverGenerated>| {
        let app = Arc::clone(&app);
        async move {
            app.count_use(
                &event.id,
                event.workspace_id,
                event.occurred_at_ms,
                &event.message.template_id,
            )
            .await
            .map_err(HandlerError::retry)
        }
    })
}

/// Covers that were made: owners of templates are told of their use, once, and
/// not again when uses are counted anew.
pub(crate) fn covers(app: &Arc<App>) -> Subscription {
    let telling = Arc::clone(app);
    Subscription::new("cover", TELLER).once(
        &app.store,
        move |tx, event: Event<CoverGenerated>| -> Applying<'_> {
            let app = Arc::clone(&telling);
            Box::pin(async move {
                app.tell_use(tx, event.workspace_id, &event.message)
                    .await
                    .map_err(HandlerError::retry)?;
                Ok(Applied::wholly())
            })
        },
    )
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
