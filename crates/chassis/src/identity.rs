use covergen_identity::{
    AccessTokens, Caller, InternalTokens, KeyError, KeySet, Principal, Revocations,
};
use covergen_ids::Clock;
use covergen_mesh::CallContext;

use crate::IdentityConfig;

/// Tokens and revocations of one process.
#[derive(Clone)]
pub struct Identity {
    /// What people hold.
    pub access: AccessTokens,
    /// What services hand each other.
    pub internal: InternalTokens,
    /// Sessions that ended early.
    pub revocations: Revocations,
}

impl Identity {
    /// Loads the keys that configuration names.
    ///
    /// # Errors
    /// A folder holds no key, or something else.
    pub fn open(config: &IdentityConfig, clock: &Clock) -> Result<Self, KeyError> {
        let load = if config.create_missing_keys {
            KeySet::load_or_create
        } else {
            KeySet::load
        };
        Ok(Self::new(
            load(&config.access_keys_dir)?,
            load(&config.internal_keys_dir)?,
            clock,
        ))
    }

    /// Uses the given keys.
    #[must_use]
    pub fn new(access: KeySet, internal: KeySet, clock: &Clock) -> Self {
        Self {
            access: AccessTokens::new(access, clock.clone()),
            internal: InternalTokens::new(internal, clock.clone()),
            revocations: Revocations::new(clock.clone()),
        }
    }

    /// The context under which a worker acts for somebody long after their
    /// call has ended: the service's own identity, on that user's behalf.
    #[must_use]
    pub fn on_behalf_of(&self, service: &str, principal: Option<Principal>) -> CallContext {
        CallContext::background().with_caller(covergen_mesh::Caller::new(Caller::Service {
            name: service.to_owned(),
            on_behalf_of: principal,
        }))
    }
}
