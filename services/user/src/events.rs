//! What user emits and hears.

use std::sync::Arc;

use covergen_chassis::{Applied, Applying, Event, HandlerError, ReadModel, Subscription};
use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::auth::v1::{CredentialsChanged, UserRegistered};
use covergen_proto::cover::v1::{CoverGenerated, CoverGenerationFailed};
use covergen_proto::export::v1::ExportReady;
use covergen_proto::safety::v1::{AppealResolved, ContentBlocked};
use covergen_proto::user::v1::{QuotaExhausted, UserDeleted, UserUpdated};
use covergen_store::{Error, EventDraft, Tx};

use crate::app::{App, Told};
use crate::store;
use crate::store::entity::history::Kind;

/// History: what became of somebody's work, as events tell it and from them
/// alone.
pub(crate) fn history(app: &Arc<App>) -> ReadModel {
    ReadModel::new("user-history", |tx| Box::pin(store::history::clear(tx)))
        .reads(covers(app))
        .reads(exports(app))
        .reads(verdicts(app))
}

/// The profile is made when somebody registers, so that it is there before
/// they look, and follows their address. Both are idempotent: no inbox row is
/// needed.
pub(crate) fn people(app: &Arc<App>) -> Subscription {
    let (registered, changed) = (Arc::clone(app), Arc::clone(app));
    Subscription::new("auth", "user")
        .on(move |event: Event<UserRegistered>| {
            let app = Arc::clone(&registered);
            async move {
                let user = person(&event.message.user_id)?;
                match app.profile(user).await {
                    // They have left since.
                    Ok(_) | Err(crate::error::Error::UserNotFound) => Ok(()),
                    Err(error) => Err(HandlerError::retry(error)),
                }
            }
        })
        .on(move |event: Event<CredentialsChanged>| {
            let app = Arc::clone(&changed);
            async move {
                if event.message.credential != "email" {
                    return Ok(());
                }
                let user = person(&event.message.user_id)?;
                app.refresh_email(user).await.map_err(HandlerError::retry)
            }
        })
}

/// A handler that reads an event and notes what it told.
fn noting<T: Send + 'static>(
    app: &Arc<App>,
    read: fn(Event<T>) -> Result<Told, HandlerError>,
) -> impl for<'t> Fn(&'t Tx, Event<T>) -> Applying<'t> + Send + Sync + 'static {
    let app = Arc::clone(app);
    move |tx, event| {
        let app = Arc::clone(&app);
        Box::pin(async move {
            let noted = app.note(tx, read(event)?).await;
            Ok(match noted.map_err(HandlerError::retry)? {
                Some(user) => Applied::then(async move { app.noted(user).await }),
                None => Applied::wholly(),
            })
        })
    }
}

/// History: what became of covers.
fn covers(app: &Arc<App>) -> Subscription {
    Subscription::new("cover", "user")
        .within(&app.store, noting::<CoverGenerated>(app, made))
        .within(&app.store, noting::<CoverGenerationFailed>(app, failed))
}

fn made(event: Event<CoverGenerated>) -> Result<Told, HandlerError> {
    let told = told(&event, Kind::CoversMade, &event.message.user_id)?;
    let message = event.message;
    Ok(Told {
        subject_id: message.task_id,
        cover_ids: message.cover_ids,
        template_id: message.template_id,
        ..told
    })
}

fn failed(event: Event<CoverGenerationFailed>) -> Result<Told, HandlerError> {
    let told = told(&event, Kind::GenerationFailed, &event.message.user_id)?;
    Ok(Told {
        subject_id: event.message.task_id,
        outcome: event.message.reason,
        ..told
    })
}

/// History: files that can be downloaded.
fn exports(app: &Arc<App>) -> Subscription {
    Subscription::new("export", "user").within(&app.store, noting::<ExportReady>(app, exported))
}

fn exported(event: Event<ExportReady>) -> Result<Told, HandlerError> {
    let told = told(&event, Kind::ExportReady, &event.message.user_id)?;
    let message = event.message;
    Ok(Told {
        subject_id: message.export_id,
        cover_ids: Some(message.cover_id)
            .filter(|id| !id.is_empty())
            .into_iter()
            .collect(),
        outcome: message.status,
        ..told
    })
}

/// History: what was stopped, and what became of appeals.
fn verdicts(app: &Arc<App>) -> Subscription {
    Subscription::new("safety", "user")
        .within(&app.store, noting::<ContentBlocked>(app, blocked))
        .within(&app.store, noting::<AppealResolved>(app, resolved))
}

fn blocked(event: Event<ContentBlocked>) -> Result<Told, HandlerError> {
    let told = told(&event, Kind::ContentBlocked, &event.message.user_id)?;
    Ok(Told {
        subject_id: event.message.violation_id,
        outcome: event.message.rule_id,
        ..told
    })
}

fn resolved(event: Event<AppealResolved>) -> Result<Told, HandlerError> {
    let told = told(&event, Kind::AppealResolved, &event.message.user_id)?;
    Ok(Told {
        subject_id: event.message.appeal_id,
        outcome: event.message.outcome,
        ..told
    })
}

fn person(user_id: &str) -> Result<UserId, HandlerError> {
    user_id
        .parse()
        .map_err(|error| HandlerError::Poison(Box::new(error)))
}

/// An entry that says who, what and when.
fn told<T>(event: &Event<T>, kind: Kind, user_id: &str) -> Result<Told, HandlerError> {
    Ok(Told {
        id: event.id.clone(),
        user: person(user_id)?,
        workspace: event.workspace_id,
        kind,
        subject_id: String::new(),
        cover_ids: Vec::new(),
        template_id: String::new(),
        outcome: String::new(),
        at_ms: event.occurred_at_ms,
    })
}

/// Somebody left.
pub(crate) async fn deleted(tx: &Tx, user: UserId, workspace: WorkspaceId) -> Result<(), Error> {
    let event = UserDeleted {
        user_id: user.to_string(),
        workspace_id: workspace.to_string(),
    };
    tx.emit(EventDraft::new(&user, workspace, &event)).await?;
    Ok(())
}

/// A profile or its tier changed.
pub(crate) async fn updated(
    tx: &Tx,
    user: UserId,
    workspace: WorkspaceId,
    fields: Vec<String>,
) -> Result<(), Error> {
    let event = UserUpdated {
        user_id: user.to_string(),
        fields,
    };
    tx.emit(EventDraft::new(&user, workspace, &event)).await?;
    Ok(())
}

/// A request was refused for want of quota.
pub(crate) async fn exhausted(
    tx: &Tx,
    user: UserId,
    workspace: WorkspaceId,
    resets_at_ms: i64,
) -> Result<(), Error> {
    let event = QuotaExhausted {
        user_id: user.to_string(),
        bucket: "covers".to_owned(),
        resets_at: Some(covergen_chassis::timestamp(resets_at_ms)),
    };
    tx.emit(EventDraft::new(&user, workspace, &event)).await?;
    Ok(())
}
