use covergen_identity::Principal;
use covergen_proto::auth::v1::{ProviderLink, UnlinkProviderRequest, UnlinkProviderResponse};
use covergen_store::{ClaimScope, Tx};

use super::App;
use crate::api::encode;
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::store::{self, entity::account};

const UNLINK: &str = "covergen.auth.v1.OAuthService/UnlinkProvider";

impl App {
    /// The providers that the caller's account is linked with.
    pub(crate) async fn list_links(&self, caller: &Principal) -> Result<Vec<ProviderLink>, Error> {
        let links = store::oauth::links(self.store.read(), caller.user_id).await?;
        let name = |id: &str| {
            let provider = self.providers.find(id);
            provider.map_or_else(|| id.to_owned(), |provider| provider.name.clone())
        };
        Ok(links
            .into_iter()
            .map(|link| encode::link(name(&link.provider), link))
            .collect())
    }

    /// Unlinks a provider, unless it is the only way in.
    pub(crate) async fn unlink_provider(
        &self,
        caller: &Principal,
        request: UnlinkProviderRequest,
    ) -> Result<UnlinkProviderResponse, Error> {
        self.require_recent(caller).await?;
        let scope = ClaimScope::new(caller.user_id.to_string(), UNLINK, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let account = self.locked(&tx, caller).await?;
                let (user, workspace) = (account.id, account.workspace_id);
                if !store::oauth::unlink(&tx, user, &request.provider).await? {
                    return Err(Error::LinkNotFound);
                }
                self.require_way_in(&tx, &account).await?;
                let id = request.provider.as_str();
                events::credentials_changed(&tx, user, workspace, "provider", "removed", id)
                    .await?;
                self.order_mail(&tx, &account, Topic::ProviderUnlinked, "")
                    .await?;
                Ok(tx.commit_with(claim, UnlinkProviderResponse {}).await?)
            })
            .await
    }

    /// Refuses a change that leaves an account without any way in.
    pub(super) async fn require_way_in(
        &self,
        tx: &Tx,
        account: &account::Model,
    ) -> Result<(), Error> {
        let ways = !account.password_hash.is_empty()
            || store::passkey::count(tx, account.id).await? > 0
            || !store::oauth::links(tx, account.id).await?.is_empty();
        if ways { Ok(()) } else { Err(Error::LastWayIn) }
    }
}
