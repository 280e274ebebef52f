use covergen_ids::{UserId, WorkspaceId};
use covergen_mail::Mail;
use covergen_store::{CommandDraft, DispatchFailure, OutboxCommand, Tx};

use super::App;
use crate::domain::{self, language::Language};
use crate::error::Error;
use crate::mail::{Order, SEND_MAIL, Topic};
use crate::secrets;
use crate::store::{self, entity::account, entity::one_time_token};

const HOUR_MS: i64 = 60 * 60_000;

impl App {
    /// Orders a mail in the caller's transaction: nothing is sent before it
    /// commits. `wanted` is the language asked for, or empty.
    pub(super) async fn order_mail(
        &self,
        tx: &Tx,
        account: &account::Model,
        topic: Topic,
        wanted: &str,
    ) -> Result<(), Error> {
        let language = Language::choose(wanted, &account.language);
        self.order(tx, Some(account.id), account.workspace_id, topic, language)
            .await
    }

    pub(super) async fn order(
        &self,
        tx: &Tx,
        user_id: Option<UserId>,
        workspace: WorkspaceId,
        topic: Topic,
        language: Language,
    ) -> Result<(), Error> {
        let order = Order {
            user_id,
            topic,
            language,
        };
        let payload = serde_json::to_vec(&order).map_err(|_| Error::Hashing)?;
        let command = CommandDraft::new(SEND_MAIL, "", payload);
        tx.command(command.workspace(workspace)).await?;
        Ok(())
    }

    /// Writes and sends a mail that was ordered. Comes again until it has
    /// worked; the token is the same each time.
    pub(crate) async fn send_mail(&self, command: OutboxCommand) -> Result<(), DispatchFailure> {
        let order: Order = serde_json::from_slice(&command.payload)
            .map_err(|error| DispatchFailure::Refused(error.to_string()))?;
        let mail = self
            .write_mail(&command, &order)
            .await
            .map_err(|error| DispatchFailure::Retry(error.to_string()))?;
        if let Some(mail) = mail {
            self.mailer.send(&mail).await.map_err(|error| {
                if error.is_transient() {
                    DispatchFailure::Retry(error.to_string())
                } else {
                    DispatchFailure::Refused(error.to_string())
                }
            })?;
            if !self.mailer.keeps_mails() {
                return Ok(());
            }
        }
        self.forget_late_mail(&order)
            .await
            .map_err(|error| DispatchFailure::Retry(error.to_string()))
    }

    /// Whoever left while a mail was on its way has been forgotten before it
    /// came to lie where mails lie. Asked also where there is nobody to write to:
    /// an attempt before may have written to them.
    async fn forget_late_mail(&self, order: &Order) -> Result<(), Error> {
        match order.user_id {
            Some(user) if self.store.is_departed(user).await? => self.forget_mails(user).await,
            _ => Ok(()),
        }
    }

    /// Forgets the mails to a person that lie here.
    pub(super) async fn forget_mails(&self, user: UserId) -> Result<(), Error> {
        let forgotten = self.mailer.forget(&format!("{user}-")).await;
        forgotten.map(drop).map_err(|_| Error::Mail)
    }

    /// The mail; none where there is nobody to write to, or nothing to say
    /// any more.
    async fn write_mail(
        &self,
        command: &OutboxCommand,
        order: &Order,
    ) -> Result<Option<Mail>, Error> {
        let Some(user) = order.user_id else {
            return Ok(None);
        };
        let Some(account) = store::account::find(self.store.read(), user).await? else {
            return Ok(None);
        };
        let topic = order.topic;
        let proved = account.email_verified_at_ms.is_some();
        if domain::check_status(&account).is_err() || (topic == Topic::Verify && proved) {
            return Ok(None);
        }
        let token = match topic.purpose() {
            None => String::new(),
            Some(purpose) => match self.mail_token(command, &account, purpose).await? {
                Some(token) => token,
                None => return Ok(None),
            },
        };
        let words = topic.write(
            order.language,
            &account.display_name,
            &self.config.public_url,
            &token,
        );
        Ok(Some(Mail {
            // The user stands first, so that a folder of mails can be rid of
            // theirs.
            id: format!("{user}-{}", command.id),
            to: account.email,
            subject: words.subject,
            text: words.text,
        }))
    }

    /// The token of a mail, stored by its hash; none when the person got
    /// enough mails of this kind, or the token has served.
    async fn mail_token(
        &self,
        command: &OutboxCommand,
        account: &account::Model,
        purpose: &str,
    ) -> Result<Option<String>, Error> {
        let token = self.derived.mail_token(purpose, command.id);
        let hash = secrets::hash(&token);
        let tx = self.store.begin_for(account.id).await?;
        let now = tx.now_ms();
        if let Some(known) = store::token::find(&tx, &hash, purpose).await? {
            let works = known.used_at_ms.is_none() && known.expires_at_ms > now;
            return Ok(works.then_some(token));
        }
        let recent = store::token::count_since(&tx, account.id, purpose, now - HOUR_MS).await?;
        if recent >= self.config.mails_per_hour {
            return Ok(None);
        }
        let ttl = match purpose {
            "reset" => self.config.reset_ttl_ms,
            _ => self.config.verify_ttl_ms,
        };
        let row = one_time_token::Model {
            hash,
            purpose: purpose.to_owned(),
            user_id: account.id,
            workspace_id: account.workspace_id,
            created_at_ms: now,
            expires_at_ms: now + ttl,
            used_at_ms: None,
            attempts: 0,
            method: String::new(),
        };
        store::token::insert(&tx, row).await?;
        tx.commit().await?;
        Ok(Some(token))
    }
}
