//! One function per RPC, of the same name; it owns the transaction.

mod create_user;
mod login;
mod logout;
mod read;
mod refresh;
mod register;
mod revoke_session;
mod sign_in;

use covergen_chassis::Identity;
use covergen_ids::Clock;
use covergen_store::Store;

use crate::config::Config;
use crate::password::Passwords;
use crate::refresh_token::RefreshTokens;

pub(crate) use read::SessionView;
pub(crate) use sign_in::SignedIn;

/// What every RPC of auth works with.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) passwords: Passwords,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) identity: Identity,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
}
