//! One function per RPC, of the same name; it owns the transaction.

mod account_status;
mod accounts;
mod api_keys;
mod change_password;
mod claim_signature_nonces;
mod create_user;
mod forgot_password;
mod links;
mod login;
mod logout;
mod mail;
mod mfa;
mod oauth;
mod passkey_login;
mod passkeys;
mod privacy;
mod read;
mod reauthenticate;
mod refresh;
mod register;
mod reset_password;
mod resolve_api_key;
mod revoke_session;
mod sign_in;
mod sweep;
mod verify_email;
mod verify_mfa;

use covergen_chassis::Identity;
use covergen_ids::Clock;
use covergen_mail::Mailer;
use covergen_store::{Sealer, Store};

use crate::config::Config;
use crate::domain::webauthn::RelyingParty;
use crate::oauth::Providers;
use crate::password::Passwords;
use crate::refresh_token::RefreshTokens;
use crate::secrets::Derived;

pub(crate) use accounts::AccountView;
pub(crate) use oauth::Started;
pub(crate) use read::SessionView;
pub(crate) use sign_in::SignedIn;

/// What every RPC of auth works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) passwords: Passwords,
    pub(crate) refresh_tokens: RefreshTokens,
    /// Seals the secrets of authenticator apps.
    pub(crate) sealer: Sealer,
    pub(crate) derived: Derived,
    pub(crate) mailer: Mailer,
    pub(crate) providers: Providers,
    pub(crate) party: RelyingParty,
    pub(crate) identity: Identity,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
}
