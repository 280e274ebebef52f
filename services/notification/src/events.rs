//! What notification emits and hears.

mod auth;
mod safety;
mod user;

use std::sync::Arc;

use covergen_chassis::{Applied, Applying, Event, HandlerError, Subscription};
use covergen_proto::cover::v1::{
    CoverBulkFinished, CoverDeleted, CoverGenerated, CoverGenerationFailed,
};
use covergen_proto::export::v1::ExportReady;
use covergen_proto::notification::v1::{
    CoverBulkFinishedData, CoverDeletedData, CoverGeneratedData, CoverGenerationFailedData,
    ExportData, NotificationDelivered, WebhookDisabled,
};
use covergen_store::{Error, EventDraft, Tx};
use serde::Serialize;

use crate::app::App;
use crate::domain::kind::Kind;
use crate::domain::told::{Facts, Told};
use crate::store::entity::{delivery, webhook};

pub(crate) use auth::accounts;
pub(crate) use safety::verdicts;
pub(crate) use user::users;

/// Name of every subscription; must not change.
const CONSUMER: &str = "notification";
/// The reason of what its own requester stopped.
const CANCELLED: &str = "CANCELLED";

/// What a kind of event says, apart from whom it concerns.
struct News {
    kind: Kind,
    resource: String,
    facts: Facts,
    is_news: bool,
}

/// Reads an event; what cannot be read never will be.
fn told<T>(
    event: &Event<T>,
    user_id: &str,
    news: News,
    data: &impl Serialize,
) -> Result<Told, HandlerError> {
    let poison = |error: covergen_ids::ParseIdError| HandlerError::Poison(error.into());
    Ok(Told {
        event: event.id.parse().map_err(poison)?,
        kind: news.kind,
        workspace: event.workspace_id,
        user: user_id.parse().map_err(poison)?,
        resource: news.resource,
        sequence: event.aggregate_version,
        at_ms: event.occurred_at_ms,
        data: serde_json::to_value(data).map_err(|error| HandlerError::Poison(error.into()))?,
        facts: news.facts,
        is_news: news.is_news,
    })
}

/// A handler that turns an event into what is told, and records it.
fn recording<T: 'static>(
    app: &Arc<App>,
    read: fn(&Event<T>) -> Result<Told, HandlerError>,
) -> impl for<'t> Fn(&'t Tx, Event<T>) -> Applying<'t> + Send + Sync + 'static {
    let app = Arc::clone(app);
    move |tx, event| {
        let app = Arc::clone(&app);
        let told = read(&event);
        Box::pin(async move {
            let recorded = app.record(tx, &told?).await;
            let is_due = recorded.map_err(HandlerError::retry)?;
            Ok(if is_due {
                Applied::then(async move { app.deliveries_are_due() })
            } else {
                Applied::wholly()
            })
        })
    }
}

/// What became of covers.
pub(crate) fn covers(app: &Arc<App>) -> Subscription {
    Subscription::new("cover", CONSUMER)
        .once(&app.store, recording::<CoverGenerated>(app, generated))
        .once(&app.store, recording::<CoverGenerationFailed>(app, failed))
        .once(&app.store, recording::<CoverDeleted>(app, deleted))
        .once(
            &app.store,
            recording::<CoverBulkFinished>(app, bulk_finished),
        )
}

/// What became of exports.
pub(crate) fn exports(app: &Arc<App>) -> Subscription {
    Subscription::new("export", CONSUMER).once(&app.store, recording::<ExportReady>(app, exported))
}

fn generated(event: &Event<CoverGenerated>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let news = News {
        kind: Kind::CoverGenerated,
        resource: message.task_id.clone(),
        facts: Facts::of_covers(&message.cover_ids),
        is_news: true,
    };
    let data = CoverGeneratedData {
        task_id: message.task_id.clone(),
        status: "SUCCEEDED".to_owned(),
        user_id: message.user_id.clone(),
        cover_ids: message.cover_ids.clone(),
        template_id: message.template_id.clone(),
        template_version: message.template_version,
    };
    told(event, &message.user_id, news, &data)
}

fn failed(event: &Event<CoverGenerationFailed>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let is_cancelled = message.reason == CANCELLED;
    let news = News {
        kind: Kind::CoverGenerationFailed,
        resource: message.task_id.clone(),
        facts: Facts::of_reason(&message.reason),
        // Whoever cancelled it knows.
        is_news: !is_cancelled,
    };
    let data = CoverGenerationFailedData {
        task_id: message.task_id.clone(),
        status: if is_cancelled { CANCELLED } else { "FAILED" }.to_owned(),
        user_id: message.user_id.clone(),
        reason: message.reason.clone(),
    };
    told(event, &message.user_id, news, &data)
}

fn deleted(event: &Event<CoverDeleted>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let news = News {
        kind: Kind::CoverDeleted,
        resource: message.cover_id.clone(),
        facts: Facts::default(),
        is_news: false,
    };
    let data = CoverDeletedData {
        cover_id: message.cover_id.clone(),
        task_id: message.task_id.clone(),
        user_id: message.user_id.clone(),
    };
    told(event, &message.user_id, news, &data)
}

fn bulk_finished(event: &Event<CoverBulkFinished>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let news = News {
        kind: Kind::CoverBulkFinished,
        resource: message.bulk_id.clone(),
        facts: Facts {
            covers: message.succeeded_rows,
            total: message.total_rows,
            ..Facts::default()
        },
        is_news: true,
    };
    let data = CoverBulkFinishedData {
        bulk_id: message.bulk_id.clone(),
        user_id: message.user_id.clone(),
        total_rows: message.total_rows,
        succeeded_rows: message.succeeded_rows,
        failed_rows: message.failed_rows,
        cancelled_rows: message.cancelled_rows,
    };
    told(event, &message.user_id, news, &data)
}

fn exported(event: &Event<ExportReady>) -> Result<Told, HandlerError> {
    let message = &event.message;
    let is_ready = message.status == "SUCCEEDED";
    let news = News {
        kind: if is_ready {
            Kind::ExportReady
        } else {
            Kind::ExportFailed
        },
        resource: message.export_id.clone(),
        facts: Facts::default(),
        is_news: true,
    };
    let data = ExportData {
        export_id: message.export_id.clone(),
        status: message.status.clone(),
        user_id: message.user_id.clone(),
        cover_id: message.cover_id.clone(),
    };
    told(event, &message.user_id, news, &data)
}

/// A message arrived, or was given up.
pub(crate) async fn delivered(tx: &Tx, row: &delivery::Model) -> Result<(), Error> {
    let event = NotificationDelivered {
        delivery_id: row.id.to_string(),
        user_id: row.user_id.to_string(),
        channel: row.channel.name().to_owned(),
        r#type: row.event_type.clone(),
        status: row.status.name().to_owned(),
        attempts: row.attempts,
    };
    tx.emit(EventDraft::new(&row.id, row.workspace_id, &event))
        .await?;
    Ok(())
}

/// A webhook is no longer sent to.
pub(crate) async fn webhook_disabled(
    tx: &Tx,
    row: &webhook::Model,
    reason: &str,
) -> Result<(), Error> {
    let event = WebhookDisabled {
        webhook_id: row.id.to_string(),
        reason: reason.to_owned(),
    };
    tx.emit(EventDraft::new(&row.id, row.workspace_id, &event))
        .await?;
    Ok(())
}
