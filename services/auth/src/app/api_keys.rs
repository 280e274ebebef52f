use std::collections::BTreeSet;

use covergen_identity::{ApiKeySecret, Principal, RequestKey};
use covergen_ids::{ApiKeyId, WorkspaceId};
use covergen_proto::auth::v1::{
    ApiKey, CreateApiKeyRequest, ListApiKeysRequest, NewApiKey, RotateApiKeyRequest, api_key::Mode,
};
use covergen_store::{ClaimScope, Cursor, Page, Tx, page_size};

use super::App;
use crate::api::encode;
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::store::{self, entity::account, entity::api_key};

const CREATE: &str = "covergen.auth.v1.ApiKeyService/CreateApiKey";
const ROTATE: &str = "covergen.auth.v1.ApiKeyService/RotateApiKey";
const LIST: &str = "auth.api_keys";
/// Working keys of one account.
const MOST: u64 = 50;

impl App {
    /// Makes a key. Only this answer holds its secret.
    pub(crate) async fn create_api_key(
        &self,
        caller: &Principal,
        request: CreateApiKeyRequest,
    ) -> Result<NewApiKey, Error> {
        self.require_recent(caller).await?;
        let scopes = check_scopes(&request.scopes)?;
        let expires_at_ms = request
            .expire_time
            .as_ref()
            .map(|at| at.seconds.saturating_mul(1000));
        if expires_at_ms.is_some_and(|at| at <= self.clock.now_ms()) {
            return Err(invalid("expireTime", "must lie in the future"));
        }
        let signing_key = check_signing_key(&request.signing_key)?;
        let name = request.name.trim().to_owned();
        if name.is_empty() {
            return Err(invalid("name", "must hold more than spaces"));
        }
        let who = caller.user_id.to_string();
        let scope = ClaimScope::new(who, CREATE, &request.request_id).sealed();
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let account = self.locked(&tx, caller).await?;
                let test = request.mode() != Mode::Live;
                let workspace_id = match test {
                    true => self.sandbox(&tx, &account).await?,
                    false => account.workspace_id,
                };
                let row = api_key::Model {
                    id: ApiKeyId::new(&self.clock),
                    user_id: account.id,
                    workspace_id,
                    name,
                    hint: String::new(),
                    secret_hash: Vec::new(),
                    test,
                    scopes,
                    created_at_ms: tx.now_ms(),
                    expires_at_ms,
                    last_used_ms: None,
                    revoked_at_ms: None,
                    replaced_by: None,
                    signing_key,
                };
                let made = self.insert_key(&tx, &account, row).await?;
                Ok(tx.commit_with(claim, made).await?)
            })
            .await
    }

    /// The workspace of an account's test keys: one of its own, so that live
    /// data and test data never meet.
    async fn sandbox(&self, tx: &Tx, account: &account::Model) -> Result<WorkspaceId, Error> {
        if let Some(known) = account.sandbox_workspace_id {
            return Ok(known);
        }
        let new = WorkspaceId::new(&self.clock);
        store::account::set_sandbox(tx, account.id, new).await?;
        Ok(new)
    }

    /// Gives a key its secret and keeps it.
    async fn insert_key(
        &self,
        tx: &Tx,
        account: &account::Model,
        mut row: api_key::Model,
    ) -> Result<NewApiKey, Error> {
        if store::api_key::count_working(tx, account.id, tx.now_ms()).await? >= MOST {
            return Err(Error::TooMany {
                what: "working API keys",
                most: MOST,
            });
        }
        let secret = ApiKeySecret::generate(row.test);
        secret.hint().clone_into(&mut row.hint);
        row.secret_hash = secret.hash().to_vec();
        let (id, workspace) = (row.id.to_string(), account.workspace_id);
        store::api_key::insert(tx, row.clone()).await?;
        events::credentials_changed(tx, account.id, workspace, "api_key", "added", &id).await?;
        self.order_mail(tx, account, Topic::ApiKeyMade, "").await?;
        Ok(NewApiKey {
            api_key: Some(encode::api_key(row)),
            secret: secret.reveal().to_owned(),
        })
    }

    /// The caller's keys, newest first.
    pub(crate) async fn list_api_keys(
        &self,
        caller: &Principal,
        request: &ListApiKeysRequest,
    ) -> Result<(Vec<ApiKey>, String), Error> {
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(i64, ApiKeyId)>(LIST, &request.page_token)?;
        let rows = store::api_key::list(self.store.read(), caller.user_id, after, size + 1).await?;
        let page = Page::cut(rows, size, LIST, |row: &api_key::Model| {
            (row.created_at_ms, row.id)
        });
        let keys = page.items.into_iter().map(encode::api_key).collect();
        Ok((keys, page.next_page_token))
    }

    /// One of the caller's keys.
    pub(crate) async fn get_api_key(
        &self,
        caller: &Principal,
        id: ApiKeyId,
    ) -> Result<ApiKey, Error> {
        store::api_key::find(self.store.read(), caller.user_id, id)
            .await?
            .map(encode::api_key)
            .ok_or(Error::ApiKeyNotFound)
    }

    /// Ends one of the caller's keys at once: here, and elsewhere by event.
    /// Ending it twice is no error.
    pub(crate) async fn revoke_api_key(
        &self,
        caller: &Principal,
        id: ApiKeyId,
    ) -> Result<ApiKey, Error> {
        let tx = self.store.begin().await?;
        let account = self.locked(&tx, caller).await?;
        let (user, workspace) = (account.id, account.workspace_id);
        if store::api_key::revoke(&tx, user, id, tx.now_ms()).await? {
            let text = id.to_string();
            events::credentials_changed(&tx, user, workspace, "api_key", "removed", &text).await?;
        }
        let row = store::api_key::find(&tx, user, id)
            .await?
            .ok_or(Error::ApiKeyNotFound)?;
        tx.commit().await?;
        self.identity.revocations.forget_api_keys(user);
        Ok(encode::api_key(row))
    }

    /// Makes a key that takes another's place; the old one works on for the
    /// overlap.
    pub(crate) async fn rotate_api_key(
        &self,
        caller: &Principal,
        id: ApiKeyId,
        request: RotateApiKeyRequest,
    ) -> Result<NewApiKey, Error> {
        self.require_recent(caller).await?;
        let who = caller.user_id.to_string();
        let scope = ClaimScope::new(who, ROTATE, &request.request_id).sealed();
        let done = self
            .store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let account = self.locked(&tx, caller).await?;
                let (user, now) = (account.id, tx.now_ms());
                let old = store::api_key::find(&tx, user, id)
                    .await?
                    .ok_or(Error::ApiKeyNotFound)?;
                let successor = ApiKeyId::new(&self.clock);
                let overlap = now + i64::from(request.overlap_seconds) * 1000;
                // A key never lives longer for being replaced.
                let ends = old.expires_at_ms.map_or(overlap, |end| end.min(overlap));
                if !store::api_key::replace(&tx, user, id, successor, ends, now).await? {
                    return Err(Error::ApiKeyEnded);
                }
                let row = api_key::Model {
                    id: successor,
                    created_at_ms: now,
                    last_used_ms: None,
                    replaced_by: None,
                    ..old
                };
                let made = self.insert_key(&tx, &account, row).await?;
                let (workspace, text) = (account.workspace_id, id.to_string());
                events::credentials_changed(&tx, user, workspace, "api_key", "changed", &text)
                    .await?;
                Ok::<_, Error>(tx.commit_with(claim, made).await?)
            })
            .await?;
        self.identity.revocations.forget_api_keys(caller.user_id);
        Ok(done)
    }
}

/// Scopes that some RPC takes; others would promise what nothing keeps.
fn check_scopes(wanted: &[String]) -> Result<String, Error> {
    let known: BTreeSet<&str> = covergen_proto::METHODS
        .iter()
        .flat_map(|method| method.scopes.iter().copied())
        .collect();
    match wanted.iter().find(|scope| !known.contains(scope.as_str())) {
        None => Ok(wanted.join(" ")),
        Some(_) => {
            let known: Vec<&str> = known.into_iter().collect();
            let problem = format!("may hold {}", known.join(", "));
            Err(Error::Invalid {
                field: "scopes",
                problem,
            })
        }
    }
}

/// The public key that requests are to be signed with, if one is given.
fn check_signing_key(given: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    if given.is_empty() {
        return Ok(None);
    }
    let key =
        RequestKey::parse(given).map_err(|problem| invalid("signingKey", &problem.to_string()))?;
    Ok(Some(key.as_bytes().to_vec()))
}

fn invalid(field: &'static str, problem: &str) -> Error {
    Error::Invalid {
        field,
        problem: problem.to_owned(),
    }
}
