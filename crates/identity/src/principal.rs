use covergen_ids::{SessionId, UserId, WorkspaceId};

use crate::Role;

/// A user acting in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Who.
    pub user_id: UserId,
    /// Where: every row the call reads or writes belongs to it.
    pub workspace_id: WorkspaceId,
    /// What they may do there.
    pub roles: Vec<Role>,
    /// The signed-in device, where there is one.
    pub session_id: Option<SessionId>,
    /// What an API key was narrowed to; a person's token has none and is
    /// bound by roles alone.
    pub scopes: Option<Vec<String>>,
}

impl Principal {
    /// Whether any of the roles grants the permission.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.roles.iter().any(|role| role.grants(permission))
    }

    /// Whether the principal runs the platform.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }

    /// Turns the `me` of a path into the caller's own id. Another's id comes
    /// back as `None`, which services answer with NOT_FOUND.
    #[must_use]
    pub fn own_user_id(&self, given: &str) -> Option<UserId> {
        if given == "me" {
            return Some(self.user_id);
        }
        given
            .parse()
            .ok()
            .filter(|id: &UserId| *id == self.user_id || self.is_admin())
    }
}

/// Whoever makes a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    /// Nobody known.
    Anonymous,
    /// A user with an access token of their own.
    User(Principal),
    /// A service, on somebody's behalf or on its own.
    Service {
        /// Name of the service, such as `cover`.
        name: String,
        /// Whom it works for.
        on_behalf_of: Option<Principal>,
    },
}

impl Caller {
    /// The user behind the call, whoever carries it.
    #[must_use]
    pub const fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Anonymous => None,
            Self::User(principal) => Some(principal),
            Self::Service { on_behalf_of, .. } => on_behalf_of.as_ref(),
        }
    }
}
