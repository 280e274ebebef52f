//! How an attempt ended, written down with everything that follows from it.

use covergen_ids::{NotificationId, PushSubscriptionId, WebhookId};
use covergen_store::Tx;

use super::App;
use super::deliver::Outcome;
use crate::domain::kind::Kind;
use crate::domain::retry;
use crate::domain::told;
use crate::error::Error;
use crate::events;
use crate::store;
use crate::store::entity::delivery::{self, Channel, Status};
use crate::store::entity::notification::{self, Facts};
use crate::store::entity::webhook;

const FAILING: &str = "FAILING";
const GONE: &str = "GONE";

impl App {
    /// Writes down how an attempt ended, unless somebody else holds the
    /// message by now.
    pub(crate) async fn settle(
        &self,
        mut row: delivery::Model,
        outcome: &Outcome,
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        let now_ms = tx.now_ms();
        if *outcome != Outcome::NobodyThere {
            row.attempts = row.attempts.saturating_add(1);
            row.last_attempt_at_ms = Some(now_ms);
        }
        self.judge(&mut row, outcome, now_ms);
        if !store::deliveries::settle(&tx, &row).await? {
            return Ok(());
        }
        match row.channel {
            Channel::Webhook => self.note_webhook(&tx, &row, outcome).await?,
            Channel::Push => note_device(&tx, &row, outcome).await?,
        }
        if matches!(row.status, Status::Succeeded | Status::Failed) {
            events::delivered(&tx, &row).await?;
        }
        tx.commit().await?;
        let told = match outcome {
            Outcome::Arrived { .. } => "arrived",
            Outcome::Failed { .. } => "failed",
            Outcome::Refused { .. } => "refused",
            Outcome::Gone { .. } => "gone",
            Outcome::NobodyThere => "nobody_there",
        };
        metrics::counter!("notification_attempts_total",
            "channel" => row.channel.name(), "outcome" => told)
        .increment(1);
        Ok(())
    }

    /// What becomes of a message.
    fn judge(&self, row: &mut delivery::Model, outcome: &Outcome, now_ms: i64) {
        let (status, error) = match outcome {
            Outcome::Arrived { status } => {
                row.status = Status::Succeeded;
                (*status, String::new())
            }
            Outcome::Refused { status, error } => {
                row.status = Status::Failed;
                (*status, error.clone())
            }
            Outcome::Gone { status } => {
                row.status = Status::Failed;
                (
                    *status,
                    format!("the receiver answered {status}: it is gone"),
                )
            }
            Outcome::NobodyThere => {
                row.status = Status::Skipped;
                return;
            }
            Outcome::Failed {
                status,
                error,
                retry_after_ms,
            } => {
                let (first, max) = (self.config.first_retry_ms, self.config.max_retry_ms);
                let pause = retry::pause_ms(row.attempts, first, max, rand::random());
                row.available_at_ms = now_ms + pause.max(retry_after_ms.unwrap_or(0));
                if row.available_at_ms > row.expires_at_ms {
                    row.status = Status::Failed;
                }
                (*status, error.clone())
            }
        };
        row.last_response_status = i32::from(status);
        row.last_error = error;
    }

    async fn note_webhook(
        &self,
        tx: &Tx,
        row: &delivery::Model,
        outcome: &Outcome,
    ) -> Result<(), Error> {
        let Ok(id) = row.target_id.parse::<WebhookId>() else {
            return Ok(());
        };
        let workspace = row.workspace_id;
        match outcome {
            Outcome::NobodyThere => return Ok(()),
            Outcome::Arrived { .. } => {
                store::webhooks::note_success(tx, workspace, id).await?;
                return Ok(());
            }
            Outcome::Failed { .. } | Outcome::Refused { .. } | Outcome::Gone { .. } => {}
        }
        let Some(webhook) = store::webhooks::note_failure(tx, workspace, id).await? else {
            return Ok(());
        };
        if matches!(outcome, Outcome::Gone { .. }) {
            let message = "The receiver answered 410: it is gone.";
            return self.disable(tx, &webhook, GONE, message).await;
        }
        let since = webhook.failing_since_ms.unwrap_or(tx.now_ms());
        if webhook.failed_attempts >= self.config.disable_after_attempts
            && tx.now_ms() - since >= self.config.disable_after_ms
        {
            let message = format!(
                "{} attempts in a row failed; the last one: {}.",
                webhook.failed_attempts, row.last_error
            );
            return self.disable(tx, &webhook, FAILING, &message).await;
        }
        Ok(())
    }

    /// Disables a webhook and tells its owner.
    async fn disable(
        &self,
        tx: &Tx,
        webhook: &webhook::Model,
        problem: &'static str,
        message: &str,
    ) -> Result<(), Error> {
        if !store::webhooks::disable(tx, webhook, problem, message).await? {
            return Ok(());
        }
        let target = webhook.id.to_string();
        store::deliveries::skip_pending(tx, webhook.workspace_id, &target).await?;
        let notice = notification::Model {
            id: NotificationId::new(self.store.clock()),
            workspace_id: webhook.workspace_id,
            user_id: webhook.owner_id,
            kind: Kind::WebhookDisabled.name().to_owned(),
            resource_id: target,
            facts: Facts(told::Facts::of_reason(problem)),
            read_at_ms: None,
            created_at_ms: tx.now_ms(),
        };
        store::notifications::insert(tx, notice).await?;
        events::webhook_disabled(tx, webhook, problem).await?;
        tracing::info!(webhook = %webhook.id, problem, "a webhook was disabled");
        Ok(())
    }
}

async fn note_device(tx: &Tx, row: &delivery::Model, outcome: &Outcome) -> Result<(), Error> {
    let Ok(id) = row.target_id.parse::<PushSubscriptionId>() else {
        return Ok(());
    };
    match outcome {
        Outcome::Arrived { .. } => {
            store::push_subscriptions::note_success(tx, row.user_id, id).await?;
        }
        Outcome::Gone { .. } => {
            store::push_subscriptions::delete(tx, row.user_id, id).await?;
        }
        Outcome::Failed { .. } | Outcome::Refused { .. } | Outcome::NobodyThere => {}
    }
    Ok(())
}
