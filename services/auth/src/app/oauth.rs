use covergen_chassis::{ClientInfo, ServiceError as _};
use covergen_identity::{Principal, Role};
use covergen_ids::UserId;
use covergen_proto::auth::v1::{
    AuthTokens, FinishOAuthRequest, LinkProviderRequest, StartOAuthRequest,
};
use covergen_store::Tx;

use super::App;
use super::register::NewAccount;
use crate::domain::{self, canonical_email, language::Language};
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::oauth::{Answer, Asked, Profile, Provider};
use crate::secrets;
use crate::store::{self, entity::account, entity::oauth_flow, entity::provider_link};

/// A browser on its way to a provider.
pub(crate) struct Started {
    pub(crate) authorization_url: String,
    pub(crate) browser_key: String,
}

/// A browser that came back.
pub(crate) struct Finished {
    pub(crate) location: String,
    pub(crate) tokens: AuthTokens,
}

/// Where a person reads why a sign-in failed.
const SIGN_IN: &str = "/sign-in";
const ACCOUNT: &str = "/account";

impl App {
    /// Sends a browser to a provider to sign in. Where the provider does not
    /// answer, the browser goes back to the sign-in page and reads so.
    pub(crate) async fn start_oauth(&self, request: &StartOAuthRequest) -> Result<Started, Error> {
        let started = self.start(&request.provider, &request.return_to, None);
        match started.await {
            Err(error @ Error::Provider(_)) => Ok(Started {
                authorization_url: failure(SIGN_IN, &error),
                browser_key: String::new(),
            }),
            other => other,
        }
    }

    /// Sends the caller's browser to a provider to link it.
    pub(crate) async fn link_provider(
        &self,
        caller: &Principal,
        request: &LinkProviderRequest,
    ) -> Result<Started, Error> {
        self.require_recent(caller).await?;
        self.start(&request.provider, &request.return_to, Some(caller))
            .await
    }

    async fn start(
        &self,
        provider: &str,
        return_to: &str,
        linking: Option<&Principal>,
    ) -> Result<Started, Error> {
        let provider = self.provider(provider)?;
        let (state, browser_key) = (secrets::random(), secrets::random());
        let asked = Asked {
            state: &state,
            nonce: &self.derived.nonce(&state),
            verifier: &self.derived.pkce_verifier(&state),
        };
        let authorization_url = provider.authorization_url(&asked).await?;
        let otherwise = if linking.is_some() { ACCOUNT } else { "/" };
        let tx = self.store.begin().await?;
        let link_user_id = match linking {
            Some(caller) => Some(self.locked(&tx, caller).await?.id),
            None => None,
        };
        let now = tx.now_ms();
        let flow = oauth_flow::Model {
            state_hash: secrets::hash(&state),
            provider: provider.id.clone(),
            browser_hash: secrets::hash(&browser_key),
            return_to: domain::return_path(return_to, otherwise).to_owned(),
            language: String::new(),
            link_user_id,
            created_at_ms: now,
            expires_at_ms: now + self.config.oauth_ttl_ms,
        };
        store::oauth::insert_flow(&tx, flow).await?;
        tx.commit().await?;
        Ok(Started {
            authorization_url,
            browser_key,
        })
    }

    fn provider(&self, id: &str) -> Result<&Provider, Error> {
        self.providers.find(id).ok_or(Error::ProviderNotFound)
    }

    /// Takes a provider's answer. A person sits before the browser, so whatever
    /// goes wrong sends it to a page that says so.
    pub(crate) async fn finish_oauth(
        &self,
        request: &FinishOAuthRequest,
        client: ClientInfo,
    ) -> Finished {
        let mut page = SIGN_IN;
        let finished = self.finish(request, client, &mut page).await;
        finished.unwrap_or_else(|error| {
            tracing::warn!(reason = error.reason(), %error, "a sign-in by a provider failed");
            Finished {
                location: failure(page, &error),
                tokens: AuthTokens::default(),
            }
        })
    }

    async fn finish(
        &self,
        request: &FinishOAuthRequest,
        client: ClientInfo,
        page: &mut &'static str,
    ) -> Result<Finished, Error> {
        let provider = self.provider(&request.provider)?;
        let tx = self.store.begin().await?;
        let state = secrets::hash(&request.state);
        let browser = secrets::hash(&request.browser_key);
        let flow = store::oauth::flow(&tx, &state, &browser, tx.now_ms())
            .await?
            .ok_or(Error::OAuthState)?;
        let is_denied = request.code.is_empty() || !request.error.is_empty();
        // An answer of one provider at the address of another is a mix-up.
        let is_mixed_up = flow.provider != provider.id;
        // A link takes its flow where it is made: whoever takes the account over
        // while the provider is asked takes the flow as well.
        let is_taken_later = flow.link_user_id.is_some() && !is_denied && !is_mixed_up;
        if !is_taken_later && !store::oauth::take_flow(&tx, &state).await? {
            return Err(Error::OAuthState);
        }
        tx.commit().await?;
        if flow.link_user_id.is_some() {
            *page = ACCOUNT;
        }
        if is_mixed_up {
            return Err(Error::OAuthState);
        }
        if is_denied {
            return Err(Error::OAuthDenied);
        }
        let answer = Answer {
            code: &request.code,
            iss: &request.iss,
            nonce: &self.derived.nonce(&request.state),
            verifier: &self.derived.pkce_verifier(&request.state),
        };
        let profile = provider.profile(&answer).await?;
        let tokens = match flow.link_user_id {
            Some(user) => {
                self.link(provider, &profile, user, &state).await?;
                AuthTokens::default()
            }
            None => self.sign_in_with(provider, &profile, client).await?,
        };
        let location = if tokens.mfa_required {
            // The fragment reaches no server and no log.
            format!(
                "{SIGN_IN}#mfaToken={}&mfaMethods={}",
                tokens.mfa_token,
                tokens.mfa_methods.join(",")
            )
        } else {
            flow.return_to
        };
        Ok(Finished { location, tokens })
    }

    /// Links a provider with an account whose owner asked for it.
    async fn link(
        &self,
        provider: &Provider,
        profile: &Profile,
        user: UserId,
        state: &[u8],
    ) -> Result<(), Error> {
        let tx = self.store.begin().await?;
        let account = store::account::lock(&tx, user)
            .await?
            .ok_or(Error::AccountNotFound)?;
        if !store::oauth::take_flow(&tx, state).await? {
            return Err(Error::OAuthState);
        }
        domain::check_status(&account)?;
        match store::oauth::link(&tx, &provider.id, &profile.subject).await? {
            Some(link) if link.user_id != user => return Err(Error::LinkTaken),
            Some(_) => {}
            None => self.insert_link(&tx, &account, provider, profile).await?,
        }
        tx.commit().await?;
        Ok(())
    }

    async fn insert_link(
        &self,
        tx: &Tx,
        account: &account::Model,
        provider: &Provider,
        profile: &Profile,
    ) -> Result<(), Error> {
        let row = provider_link::Model {
            provider: provider.id.clone(),
            subject: profile.subject.clone(),
            user_id: account.id,
            workspace_id: account.workspace_id,
            email: profile.email.clone(),
            created_at_ms: tx.now_ms(),
            last_used_ms: None,
        };
        store::oauth::insert_link(tx, row).await.map_err(|error| {
            // Another identity at the same provider, or a race for this one.
            if matches!(error, covergen_store::Error::Unique(_)) {
                Error::LinkTaken
            } else {
                error.into()
            }
        })?;
        let (user, workspace) = (account.id, account.workspace_id);
        events::credentials_changed(tx, user, workspace, "provider", "added", &provider.id).await?;
        self.order_mail(tx, account, Topic::ProviderLinked, "")
            .await
    }

    async fn sign_in_with(
        &self,
        provider: &Provider,
        profile: &Profile,
        client: ClientInfo,
    ) -> Result<AuthTokens, Error> {
        let tx = self.store.begin().await?;
        let link = store::oauth::link(&tx, &provider.id, &profile.subject).await?;
        let mut ended = Vec::new();
        let account = match link {
            Some(link) => store::account::lock(&tx, link.user_id)
                .await?
                .ok_or(Error::AccountNotFound)?,
            None => {
                let (account, sessions) = self.account_for(&tx, provider, profile).await?;
                ended = sessions;
                account
            }
        };
        let (subject, email, now) = (&profile.subject, &profile.email, tx.now_ms());
        // It may have been taken away while the account was waited for.
        if !store::oauth::used(&tx, &provider.id, subject, email, now).await? {
            return Err(Error::OAuthState);
        }
        let tokens = self.enter(&tx, account.clone(), "oauth", &client).await?;
        tx.commit().await?;
        if !ended.is_empty() {
            self.forget_sessions(ended);
            self.identity.revocations.forget_api_keys(account.id);
        }
        Ok(tokens)
    }

    /// The account of an identity that is seen for the first time. It is
    /// found by its address only where the provider has proved that address;
    /// where we have not, whoever opened the account loses every way in.
    async fn account_for(
        &self,
        tx: &Tx,
        provider: &Provider,
        profile: &Profile,
    ) -> Result<(account::Model, Vec<covergen_ids::SessionId>), Error> {
        let email = profile.email.trim();
        let plausible = email.len() <= 254
            && email
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && !email.chars().any(|c| c.is_control() || c.is_whitespace());
        if !profile.email_verified || !plausible {
            return Err(Error::OAuthEmailUnverified);
        }
        let known = store::account::by_email(tx, &canonical_email(email)).await?;
        let Some(known) = known else {
            let account = self.open_for(tx, email, profile).await?;
            self.insert_link(tx, &account, provider, profile).await?;
            return Ok((account, Vec::new()));
        };
        let mut account = store::account::lock(tx, known.id)
            .await?
            .ok_or(Error::AccountNotFound)?;
        domain::check_status(&account)?;
        let mut ended = Vec::new();
        if account.email_verified_at_ms.is_none() {
            ended = self.take_over(tx, &account, "taken_over").await?;
            account.email_verified_at_ms = Some(tx.now_ms());
            account.password_hash.clear();
        }
        self.insert_link(tx, &account, provider, profile).await?;
        Ok((account, ended))
    }

    async fn open_for(
        &self,
        tx: &Tx,
        email: &str,
        profile: &Profile,
    ) -> Result<account::Model, Error> {
        let name: String = profile
            .name
            .chars()
            .filter(|c| !c.is_control())
            .take(80)
            .collect();
        let name = match name.trim() {
            "" => email
                .split('@')
                .next()
                .unwrap_or(email)
                .chars()
                .take(80)
                .collect(),
            name => name.to_owned(),
        };
        let new = NewAccount {
            email: email.to_owned(),
            password_hash: String::new(),
            display_name: name,
            role: Role::Creator,
            source: "oauth",
            email_verified: true,
            language: Language::default(),
        };
        self.open_account(tx, new).await
    }
}

fn failure(page: &str, error: &Error) -> String {
    format!("{page}?oauthError={}", error.reason())
}
