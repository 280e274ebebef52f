use covergen_chassis::ClientInfo;
use covergen_ids::UserId;
use covergen_proto::auth::v1::{AuthTokens, VerifyMfaRequest};
use covergen_store::Tx;

use super::App;
use super::sign_in::MFA_ATTEMPTS;
use crate::domain::{self, mfa_subject, recovery};
use crate::error::Error;
use crate::events;
use crate::mail::Topic;
use crate::secrets;
use crate::store;

impl App {
    /// Ends a sign-in with its second factor. Failures are counted apart from
    /// those of passwords, and a lock looks like a wrong code.
    pub(crate) async fn verify_mfa(
        &self,
        request: VerifyMfaRequest,
        client: ClientInfo,
    ) -> Result<AuthTokens, Error> {
        let hash = secrets::hash(&request.mfa_token);
        let tx = self.store.begin().await?;
        let now = tx.now_ms();
        if !store::token::attempt(&tx, &hash, "mfa", MFA_ATTEMPTS, now).await? {
            return Err(Error::MfaTokenInvalid);
        }
        let token = store::token::find(&tx, &hash, "mfa")
            .await?
            .ok_or(Error::MfaTokenInvalid)?;
        let account = store::account::lock(&tx, token.user_id)
            .await?
            .ok_or(Error::MfaTokenInvalid)?;
        let subject = mfa_subject(account.id);
        let locked = store::guess::is_locked(&tx, &subject, now).await?;
        let factor = match locked {
            true => None,
            false => self.second_factor(&tx, account.id, &request.code).await?,
        };
        let Some(factor) = factor else {
            if !locked {
                store::guess::fail(&tx, &subject).await?;
            }
            tx.commit().await?;
            return Err(Error::MfaCodeInvalid);
        };
        if !store::token::consume(&tx, &hash, "mfa", now).await? {
            return Err(Error::MfaTokenInvalid);
        }
        domain::check_status(&account)?;
        store::guess::clear(&tx, &subject).await?;
        if factor == "recovery_code" {
            let (user, workspace) = (account.id, account.workspace_id);
            events::credentials_changed(&tx, user, workspace, "recovery_codes", "used", "").await?;
            self.order_mail(&tx, &account, Topic::RecoveryCodeUsed, "")
                .await?;
        }
        let roles = store::roles(&tx, account.id, account.workspace_id).await?;
        let method = format!("{}+{factor}", token.method);
        let signed_in = self
            .open_session(&tx, account, roles, &client, &method)
            .await?;
        tx.commit().await?;
        Ok(signed_in.tokens())
    }

    /// Uses a code up; names what kind it was, or none when it does not work.
    /// Six digits are a code of the app: no recovery code looks like that.
    async fn second_factor(
        &self,
        tx: &Tx,
        user: UserId,
        code: &str,
    ) -> Result<Option<&'static str>, Error> {
        let digits = code.chars().filter(|c| !c.is_whitespace());
        let of_app = digits.clone().count() == 6 && digits.clone().all(|c| c.is_ascii_digit());
        if of_app {
            return Ok(self.use_totp(tx, user, code).await?.then_some("totp"));
        }
        let hash = recovery::hash(user, code);
        let used = store::mfa::use_code(tx, user, &hash, tx.now_ms()).await?;
        Ok(used.then_some("recovery_code"))
    }
}
