use covergen_chassis::ClientInfo;
use covergen_identity::Role;
use covergen_ids::{UserId, WorkspaceId};
use covergen_proto::auth::v1::{AuthTokens, RegisterRequest};
use covergen_store::{ClaimScope, Tx};

use super::App;
use crate::domain::language::Language;
use crate::domain::{self, canonical_email};
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::secrets;
use crate::store::{self, entity::account};

const METHOD: &str = "covergen.auth.v1.AuthService/Register";

/// What an account is opened with.
pub(crate) struct NewAccount {
    pub(crate) email: String,
    pub(crate) password_hash: String,
    pub(crate) display_name: String,
    pub(crate) role: Role,
    pub(crate) source: &'static str,
    /// Somebody who is believed has proved the address.
    pub(crate) email_verified: bool,
    pub(crate) language: Language,
}

impl App {
    /// Opens an account and signs its owner in.
    pub(crate) async fn register(
        &self,
        request: RegisterRequest,
        client: ClientInfo,
    ) -> Result<AuthTokens, Error> {
        // Nobody is signed in yet, so the key is scoped to the address; as a
        // hash, because claims are no place for addresses.
        let who = secrets::hash_text(&canonical_email(&request.email));
        let scope = ClaimScope::new(who, METHOD, &request.request_id).sealed();
        self.store
            .idempotent(&scope, &request, |claim| async {
                let account = NewAccount {
                    email: request.email.trim().to_owned(),
                    password_hash: self.passwords.hash(request.password.clone()).await?,
                    display_name: request.display_name.trim().to_owned(),
                    role: Role::Creator,
                    source: "password",
                    email_verified: false,
                    language: Language::choose(&request.language, ""),
                };
                let tx = self.store.begin().await?;
                let account = self.open_account(&tx, account).await?;
                self.order_mail(&tx, &account, Topic::Verify, "").await?;
                let signed_in = self
                    .open_session(&tx, account, vec![Role::Creator], &client, "password")
                    .await?;
                Ok(tx.commit_with(claim, signed_in.tokens()).await?)
            })
            .await
    }

    /// Inserts an account with its personal workspace and role.
    pub(crate) async fn open_account(
        &self,
        tx: &Tx,
        new: NewAccount,
    ) -> Result<account::Model, Error> {
        if new.display_name.is_empty() {
            return Err(Error::Invalid {
                field: "displayName",
                problem: "must hold more than spaces".to_owned(),
            });
        }
        let account = account::Model {
            id: UserId::new(&self.clock),
            workspace_id: WorkspaceId::new(&self.clock),
            email_canonical: canonical_email(&new.email),
            email: new.email,
            display_name: new.display_name,
            password_hash: new.password_hash,
            created_at_ms: tx.now_ms(),
            email_verified_at_ms: new.email_verified.then(|| tx.now_ms()),
            status: domain::ACTIVE.to_owned(),
            language: new.language.as_str().to_owned(),
            last_sign_in_ms: None,
            sandbox_workspace_id: None,
        };
        store::account::insert(tx, account.clone(), new.role)
            .await
            .map_err(|error| {
                if error.is_unique("accounts", "email_canonical") {
                    Error::EmailTaken
                } else {
                    error.into()
                }
            })?;
        events::registered(tx, account.id, account.workspace_id, new.source).await?;
        Ok(account)
    }
}
