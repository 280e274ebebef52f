use covergen_identity::Principal;
use covergen_ids::PasskeyId;
use covergen_proto::auth::v1::{
    DeletePasskeyRequest, DeletePasskeyResponse, FinishPasskeyRegistrationRequest,
    ListPasskeysRequest, Passkey, RenamePasskeyRequest,
};
use covergen_proto::wkt::Struct;
use covergen_store::{ClaimScope, Cursor, Page, page_size};

use super::App;
use crate::api::encode;
use crate::domain::webauthn::{Person, Refused, Registration};
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::store::{self, entity::passkey, entity::passkey_challenge};

const FINISH: &str = "covergen.auth.v1.PasskeyService/FinishPasskeyRegistration";
const DELETE: &str = "covergen.auth.v1.PasskeyService/DeletePasskey";
const LIST: &str = "auth.passkeys";
/// Passkeys of one account.
const MOST: u64 = 25;
/// A little longer than browsers wait.
pub(super) const CHALLENGE_TTL_MS: i64 = 330_000;

/// JSON as the contract's Struct carries it.
pub(super) fn to_struct(json: serde_json::Value) -> Result<Struct, Error> {
    serde_json::from_value(json).map_err(|_| Error::Hashing)
}

/// A Struct of the contract as JSON.
pub(super) fn to_json(given: Option<&Struct>) -> Result<serde_json::Value, Refused> {
    serde_json::to_value(given.ok_or(Refused::Shape)?).map_err(|_| Refused::Shape)
}

impl App {
    /// Options for a new passkey, with a challenge that works once.
    pub(crate) async fn start_passkey_registration(
        &self,
        caller: &Principal,
    ) -> Result<Struct, Error> {
        self.require_recent(caller).await?;
        let account = store::account::find(self.store.read(), caller.user_id)
            .await?
            .ok_or(Error::AccountNotFound)?;
        let known = store::passkey::list(self.store.read(), account.id, None, MOST).await?;
        check_room(u64::try_from(known.len()).unwrap_or(u64::MAX))?;
        let existing: Vec<(Vec<u8>, Vec<String>)> = known
            .into_iter()
            .map(|row| (row.credential_id, encode::words(&row.transports, ',')))
            .collect();
        let challenge = self.new_challenge(Some(account.id)).await?;
        let handle = account.id.uuid();
        let person = Person {
            handle: handle.as_bytes(),
            email: &account.email,
            display_name: &account.display_name,
        };
        to_struct(self.party.creation_options(&person, &challenge, &existing))
    }

    /// Keeps a challenge by its hash and hands it out.
    pub(super) async fn new_challenge(
        &self,
        user: Option<covergen_ids::UserId>,
    ) -> Result<Vec<u8>, Error> {
        let challenge: [u8; 32] = rand::random();
        let tx = match user {
            Some(user) => self.store.begin_for(user).await?,
            None => self.store.begin().await?,
        };
        let now = tx.now_ms();
        let row = passkey_challenge::Model {
            hash: challenge_hash(&challenge),
            user_id: user,
            created_at_ms: now,
            expires_at_ms: now + CHALLENGE_TTL_MS,
        };
        store::passkey::insert_challenge(&tx, row).await?;
        tx.commit().await?;
        Ok(challenge.to_vec())
    }

    /// Verifies and keeps a new passkey.
    pub(crate) async fn finish_passkey_registration(
        &self,
        caller: &Principal,
        request: FinishPasskeyRegistrationRequest,
    ) -> Result<Passkey, Error> {
        self.require_recent(caller).await?;
        let scope = ClaimScope::new(caller.user_id.to_string(), FINISH, &request.request_id);
        let registration = to_json(request.credential.as_ref())
            .and_then(|json| Registration::check(json, &self.party))
            .map_err(Error::PasskeyInvalid)?;
        let (hash, new) = (
            challenge_hash(&registration.challenge),
            registration.credential,
        );
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let (user, now) = (caller.user_id, tx.now_ms());
                if !store::passkey::consume_challenge(&tx, &hash, Some(user), now).await? {
                    return Err(Error::PasskeyInvalid(Refused::Challenge));
                }
                let account = self.locked(&tx, caller).await?;
                check_room(store::passkey::count(&tx, user).await?)?;
                let name = match request.name.trim() {
                    "" => "Passkey",
                    name => name,
                };
                let row = passkey::Model {
                    id: PasskeyId::new(&self.clock),
                    user_id: user,
                    workspace_id: account.workspace_id,
                    credential_id: new.id,
                    public_key: new.public_key,
                    sign_count: i64::from(new.sign_count),
                    name: name.to_owned(),
                    transports: new.transports.join(","),
                    backup_eligible: new.backup_eligible,
                    backed_up: new.backed_up,
                    created_at_ms: now,
                    last_used_ms: None,
                };
                let (id, workspace) = (row.id.to_string(), row.workspace_id);
                let made = encode::passkey(row.clone());
                store::passkey::insert(&tx, row).await.map_err(|error| {
                    if error.is_unique("passkeys", "credential_id") {
                        Error::PasskeyExists
                    } else {
                        error.into()
                    }
                })?;
                events::credentials_changed(&tx, user, workspace, "passkey", "added", &id).await?;
                self.order_mail(&tx, &account, Topic::PasskeyAdded, "")
                    .await?;
                Ok(tx.commit_with(claim, made).await?)
            })
            .await
    }

    /// The caller's passkeys, newest first.
    pub(crate) async fn list_passkeys(
        &self,
        caller: &Principal,
        request: &ListPasskeysRequest,
    ) -> Result<(Vec<Passkey>, String), Error> {
        let size = page_size(request.page_size);
        let after = Cursor::decode::<(i64, PasskeyId)>(LIST, &request.page_token)?;
        let rows = store::passkey::list(self.store.read(), caller.user_id, after, size + 1).await?;
        let page = Page::cut(rows, size, LIST, |row: &passkey::Model| {
            (row.created_at_ms, row.id)
        });
        let passkeys = page.items.into_iter().map(encode::passkey).collect();
        Ok((passkeys, page.next_page_token))
    }

    /// Names one of the caller's passkeys anew.
    pub(crate) async fn rename_passkey(
        &self,
        caller: &Principal,
        id: PasskeyId,
        request: &RenamePasskeyRequest,
    ) -> Result<Passkey, Error> {
        let name = request.name.trim();
        if name.is_empty() {
            return Err(Error::Invalid {
                field: "name",
                problem: "must hold more than spaces".to_owned(),
            });
        }
        let tx = self.store.begin().await?;
        store::passkey::rename(&tx, caller.user_id, id, name).await?;
        let row = store::passkey::find(&tx, caller.user_id, id)
            .await?
            .ok_or(Error::PasskeyNotFound)?;
        tx.commit().await?;
        Ok(encode::passkey(row))
    }

    /// Takes one of the caller's passkeys away, unless it is the only way in.
    pub(crate) async fn delete_passkey(
        &self,
        caller: &Principal,
        id: PasskeyId,
        request: DeletePasskeyRequest,
    ) -> Result<DeletePasskeyResponse, Error> {
        self.require_recent(caller).await?;
        let scope = ClaimScope::new(caller.user_id.to_string(), DELETE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let account = self.locked(&tx, caller).await?;
                let (user, workspace) = (account.id, account.workspace_id);
                if !store::passkey::delete(&tx, user, id).await? {
                    return Err(Error::PasskeyNotFound);
                }
                self.require_way_in(&tx, &account).await?;
                let text = id.to_string();
                events::credentials_changed(&tx, user, workspace, "passkey", "removed", &text)
                    .await?;
                self.order_mail(&tx, &account, Topic::PasskeyRemoved, "")
                    .await?;
                Ok(tx.commit_with(claim, DeletePasskeyResponse {}).await?)
            })
            .await
    }
}

fn check_room(count: u64) -> Result<(), Error> {
    if count >= MOST {
        return Err(Error::TooMany {
            what: "passkeys",
            most: MOST,
        });
    }
    Ok(())
}

pub(super) fn challenge_hash(challenge: &[u8]) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(challenge).to_vec()
}
