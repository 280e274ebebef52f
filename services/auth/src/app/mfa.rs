use covergen_identity::Principal;
use covergen_ids::UserId;
use covergen_proto::auth::v1::{
    ConfirmTotpRequest, RecoveryCodes, RemoveTotpRequest, RemoveTotpResponse,
    RenewRecoveryCodesRequest, TotpEnrollment,
};
use covergen_store::{ClaimScope, Tx};

use super::App;
use crate::domain::{self, mfa_subject, recovery, totp};
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::store::{self, entity::account, entity::totp::Model};

const CONFIRM: &str = "covergen.auth.v1.MfaService/ConfirmTotp";
const REMOVE: &str = "covergen.auth.v1.MfaService/RemoveTotp";
const RENEW: &str = "covergen.auth.v1.MfaService/RenewRecoveryCodes";

impl App {
    /// Makes the secret of an authenticator app, which waits for its first
    /// code.
    pub(crate) async fn enroll_totp(&self, caller: &Principal) -> Result<TotpEnrollment, Error> {
        self.require_recent(caller).await?;
        let secret = totp::new_secret();
        let tx = self.store.begin().await?;
        let account = self.locked(&tx, caller).await?;
        let known = store::mfa::totp(&tx, account.id).await?;
        if known.is_some_and(|known| known.confirmed_at_ms.is_some()) {
            return Err(Error::TotpEnabled);
        }
        let row = Model {
            user_id: account.id,
            workspace_id: account.workspace_id,
            secret: self.sealer.seal(&aad(account.id), &secret)?,
            created_at_ms: tx.now_ms(),
            confirmed_at_ms: None,
            last_step: 0,
        };
        store::mfa::enrol(&tx, row).await?;
        tx.commit().await?;
        Ok(TotpEnrollment {
            secret: totp::base32(&secret),
            otpauth_uri: totp::uri(&secret, &account.email),
            digits: totp::DIGITS,
            period_seconds: i32::try_from(totp::PERIOD_SECONDS).unwrap_or(i32::MAX),
        })
    }

    /// Takes an authenticator app into use by its first code.
    pub(crate) async fn confirm_totp(
        &self,
        caller: &Principal,
        request: ConfirmTotpRequest,
    ) -> Result<RecoveryCodes, Error> {
        self.require_recent(caller).await?;
        let who = caller.user_id.to_string();
        let scope = ClaimScope::new(who, CONFIRM, &request.request_id).sealed();
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let account = self.locked(&tx, caller).await?;
                let row = store::mfa::totp(&tx, account.id)
                    .await?
                    .ok_or(Error::TotpNotEnrolled)?;
                if row.confirmed_at_ms.is_some() {
                    return Err(Error::TotpEnabled);
                }
                let secret = self.sealer.open(&aad(account.id), &row.secret)?;
                let now = tx.now_ms();
                let step = totp::matching_step(&secret, &request.code, now, row.last_step)
                    .ok_or(Error::CodeInvalid)?;
                let sealed = self.sealer.seal(&aad(account.id), &secret)?;
                if !store::mfa::use_step(&tx, account.id, step, sealed, Some(now)).await? {
                    return Err(Error::CodeInvalid);
                }
                let codes = self.new_codes(&tx, &account).await?;
                let (user, workspace) = (account.id, account.workspace_id);
                events::credentials_changed(&tx, user, workspace, "totp", "added", "").await?;
                self.order_mail(&tx, &account, Topic::TotpAdded, "").await?;
                Ok(tx.commit_with(claim, codes).await?)
            })
            .await
    }

    /// Takes the authenticator app away.
    pub(crate) async fn remove_totp(
        &self,
        caller: &Principal,
        request: RemoveTotpRequest,
    ) -> Result<RemoveTotpResponse, Error> {
        self.require_recent(caller).await?;
        let scope = ClaimScope::new(caller.user_id.to_string(), REMOVE, &request.request_id);
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let account = self.locked(&tx, caller).await?;
                if store::mfa::remove(&tx, account.id).await? {
                    store::token::drop_all(&tx, account.id, &["mfa"]).await?;
                    store::guess::clear(&tx, &mfa_subject(account.id)).await?;
                    let (user, workspace) = (account.id, account.workspace_id);
                    events::credentials_changed(&tx, user, workspace, "totp", "removed", "")
                        .await?;
                    self.order_mail(&tx, &account, Topic::TotpRemoved, "")
                        .await?;
                }
                Ok(tx.commit_with(claim, RemoveTotpResponse {}).await?)
            })
            .await
    }

    /// Replaces all recovery codes.
    pub(crate) async fn renew_recovery_codes(
        &self,
        caller: &Principal,
        request: RenewRecoveryCodesRequest,
    ) -> Result<RecoveryCodes, Error> {
        self.require_recent(caller).await?;
        let who = caller.user_id.to_string();
        let scope = ClaimScope::new(who, RENEW, &request.request_id).sealed();
        self.store
            .idempotent(&scope, &request, |claim| async {
                let tx = self.store.begin().await?;
                let account = self.locked(&tx, caller).await?;
                let known = store::mfa::totp(&tx, account.id).await?;
                if known.is_none_or(|known| known.confirmed_at_ms.is_none()) {
                    return Err(Error::TotpNotEnrolled);
                }
                let codes = self.new_codes(&tx, &account).await?;
                let (user, workspace) = (account.id, account.workspace_id);
                events::credentials_changed(&tx, user, workspace, "recovery_codes", "changed", "")
                    .await?;
                self.order_mail(&tx, &account, Topic::RecoveryCodesRenewed, "")
                    .await?;
                Ok(tx.commit_with(claim, codes).await?)
            })
            .await
    }

    async fn new_codes(&self, tx: &Tx, account: &account::Model) -> Result<RecoveryCodes, Error> {
        let codes: Vec<String> = (0..recovery::COUNT).map(|_| recovery::generate()).collect();
        let hashes = codes.iter().map(|code| recovery::hash(account.id, code));
        let (user, workspace) = (account.id, account.workspace_id);
        store::mfa::replace_codes(tx, user, workspace, hashes.collect(), tx.now_ms()).await?;
        Ok(RecoveryCodes { codes })
    }

    /// The caller's account, locked. Their session is looked at once more: where
    /// the account was taken over while they waited, it has ended, and whatever
    /// they were about to add must not outlive it.
    pub(super) async fn locked(
        &self,
        tx: &Tx,
        caller: &Principal,
    ) -> Result<account::Model, Error> {
        let account = store::account::lock(tx, caller.user_id)
            .await?
            .ok_or(Error::AccountNotFound)?;
        if let Some(id) = caller.session_id {
            store::session(tx, caller.user_id, id)
                .await?
                .filter(|session| domain::is_alive(session, tx.now_ms()))
                .ok_or(Error::SessionEnded)?;
        }
        Ok(account)
    }

    /// Uses a time step of an authenticator app up; `false` when the code is
    /// not one that works.
    pub(super) async fn use_totp(&self, tx: &Tx, user: UserId, code: &str) -> Result<bool, Error> {
        let row = store::mfa::totp(tx, user).await?;
        let Some(row) = row.filter(|row| row.confirmed_at_ms.is_some()) else {
            return Ok(false);
        };
        let secret = self.sealer.open(&aad(user), &row.secret)?;
        let Some(step) = totp::matching_step(&secret, code, tx.now_ms(), row.last_step) else {
            return Ok(false);
        };
        let sealed = self.sealer.seal(&aad(user), &secret)?;
        Ok(store::mfa::use_step(tx, user, step, sealed, None).await?)
    }
}

/// What a sealed secret is bound to: it does not open in another's row.
fn aad(user: UserId) -> Vec<u8> {
    format!("totp:{user}").into_bytes()
}
