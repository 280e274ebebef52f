//! Devices that are told.

use covergen_identity::Principal;
use covergen_ids::PushSubscriptionId;
use covergen_proto::notification::v1::{CreatePushSubscriptionRequest, PushSubscription};
use covergen_store::ClaimScope;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::App;
use crate::api::encode;
use crate::domain::language::Language;
use crate::domain::target;
use crate::domain::web_push::DeviceKeys;
use crate::error::Error;
use crate::store;
use crate::store::entity::push_subscription;

const CREATE: &str = "covergen.notification.v1.PushService/CreatePushSubscription";

impl App {
    /// Registers the caller's device, or changes what is known of it.
    pub(crate) async fn create_push_subscription(
        &self,
        who: &Principal,
        request: CreatePushSubscriptionRequest,
    ) -> Result<PushSubscription, Error> {
        let (endpoint, keys) = self.check(&request)?;
        let wanted = match request.language.as_str() {
            "" => request.accept_language.as_str(),
            language => language,
        };
        let language = Language::of(wanted).tag();
        let digest = Sha256::digest(endpoint.as_str());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let scope = ClaimScope::new(who.user_id.to_string(), CREATE, &request.request_id);
        let limit = self.config.max_push_subscriptions;
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                // What is left of a device that somebody else used before, or
                // that is registered anew, is no longer true.
                if let Some(known) = store::push_subscriptions::with_endpoint(&tx, &digest).await? {
                    store::push_subscriptions::delete(&tx, known.user_id, known.id).await?;
                }
                let theirs = store::push_subscriptions::of(&tx, who.user_id).await?;
                if theirs.len() >= limit as usize {
                    return Err(Error::TooMany {
                        what: "push subscriptions",
                        limit,
                        remedy: "delete one of a device that you no longer use",
                    });
                }
                let id = PushSubscriptionId::new(self.store.clock());
                let row = push_subscription::Model {
                    id,
                    workspace_id: who.workspace_id,
                    user_id: who.user_id,
                    endpoint: self.seal_of_device(id, "endpoint", endpoint.as_str().as_bytes())?,
                    endpoint_sha256: digest,
                    push_service: endpoint.host_str().unwrap_or_default().to_owned(),
                    auth: self.seal_of_device(id, "auth", &keys.auth)?,
                    p256dh: keys.p256dh,
                    language: language.to_owned(),
                    device_name: request.device_name.trim().to_owned(),
                    expires_at_ms: request.expiration_time,
                    created_at_ms: tx.now_ms(),
                    last_success_at_ms: None,
                };
                store::push_subscriptions::insert(&tx, row.clone()).await?;
                let made = encode::push_subscription(row);
                Ok(tx.commit_with(claim, made).await?)
            })
            .await
    }

    /// Everything that is wrong, at once.
    fn check(&self, request: &CreatePushSubscriptionRequest) -> Result<(Url, DeviceKeys), Error> {
        let endpoint = target::parse(&request.endpoint, self.config.allow_loopback);
        let keys = request.keys.as_ref();
        let keys = keys.map_or(("", ""), |keys| (&keys.p256dh, &keys.auth));
        let keys = DeviceKeys::parse(keys.0, keys.1);
        let is_over = request
            .expiration_time
            .is_some_and(|end| end <= self.store.clock().now_ms());
        match (endpoint, keys, is_over) {
            (Ok(endpoint), Ok(keys), false) => Ok((endpoint, keys)),
            (endpoint, keys, is_over) => {
                let mut faults = Vec::new();
                if let Err(problem) = endpoint {
                    faults.push(("endpoint".to_owned(), problem));
                }
                if let Err((field, problem)) = keys {
                    faults.push((field.to_owned(), problem.to_owned()));
                }
                if is_over {
                    let problem = "must lie in the future".to_owned();
                    faults.push(("expirationTime".to_owned(), problem));
                }
                Err(Error::Invalid(faults))
            }
        }
    }

    /// The caller's devices.
    pub(crate) async fn list_push_subscriptions(
        &self,
        who: &Principal,
    ) -> Result<Vec<push_subscription::Model>, Error> {
        Ok(store::push_subscriptions::of(self.store.read(), who.user_id).await?)
    }

    /// Forgets one of the caller's devices.
    pub(crate) async fn delete_push_subscription(
        &self,
        who: &Principal,
        id: &str,
    ) -> Result<(), Error> {
        let id: PushSubscriptionId = id.parse().map_err(|_| Error::PushSubscriptionNotFound)?;
        let tx = self.store.begin().await?;
        if !store::push_subscriptions::delete(&tx, who.user_id, id).await? {
            return Err(Error::PushSubscriptionNotFound);
        }
        tx.commit().await?;
        Ok(())
    }
}
