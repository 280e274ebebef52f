//! Secrets as they are kept: sealed, each bound to the row it stands in.

use covergen_ids::{PushSubscriptionId, WebhookId};
use covergen_store::{Sealer, Store};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::App;
use crate::domain::secret;
use crate::domain::vapid::{self, Vapid};
use crate::error::Error;
use crate::store::entity::webhook;
use crate::store::keys;

const VAPID: &str = "vapid";

/// The platform's key for Web Push: made once, the same for every process.
/// Whoever subscribed did so with its public half, so it must not change.
pub(crate) async fn vapid(store: &Store, sealer: &Sealer, contact: &str) -> Result<Vapid, Error> {
    let sealed = match keys::find(store, VAPID).await? {
        Some(sealed) => sealed,
        None => {
            let made = vapid::generate().map_err(Error::Crypto)?;
            let sealed = sealer.seal(VAPID.as_bytes(), &made)?;
            keys::keep(store, VAPID, sealed).await?
        }
    };
    let pkcs8 = sealer.open(VAPID.as_bytes(), &sealed)?;
    Vapid::new(&pkcs8, contact).map_err(Error::Crypto)
}

fn of_webhook(id: WebhookId) -> Vec<u8> {
    format!("webhook:{id}").into_bytes()
}

fn of_device(id: PushSubscriptionId, part: &str) -> Vec<u8> {
    format!("push:{id}:{part}").into_bytes()
}

impl App {
    /// A new secret for a webhook: as its owner gets it, and sealed.
    pub(super) fn make_secret(&self, id: WebhookId) -> Result<(String, Vec<u8>), Error> {
        let mut bytes = [0; secret::BYTES];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| Error::Crypto("the system has no randomness to give"))?;
        let sealed = self.sealer.seal(&of_webhook(id), &bytes)?;
        Ok((secret::reveal(&bytes), sealed))
    }

    /// The secrets that sign for a webhook now, the newest first.
    pub(super) fn secrets_of(
        &self,
        row: &webhook::Model,
        now_ms: i64,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let aad = of_webhook(row.id);
        let mut secrets = vec![self.sealer.open(&aad, &row.secret)?];
        if let Some(previous) = &row.previous_secret
            && row.previous_until_ms.is_some_and(|until| until > now_ms)
        {
            secrets.push(self.sealer.open(&aad, previous)?);
        }
        Ok(secrets)
    }

    /// Seals a part of a device's row.
    pub(super) fn seal_of_device(
        &self,
        id: PushSubscriptionId,
        part: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, Error> {
        Ok(self.sealer.seal(&of_device(id, part), plain)?)
    }

    /// Opens a part of a device's row.
    pub(super) fn open_of_device(
        &self,
        id: PushSubscriptionId,
        part: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Error> {
        Ok(self.sealer.open(&of_device(id, part), sealed)?)
    }
}
