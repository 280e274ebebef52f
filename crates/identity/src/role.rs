use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a member may do in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the platform.
    Admin,
    /// Judges content.
    Moderator,
    /// Makes covers.
    Creator,
    /// Looks at covers.
    Consumer,
    /// Calls by REST for others.
    Partner,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role; use admin, moderator, creator, consumer or partner")]
pub struct UnknownRole;

/// What everybody with an account may do with what is theirs.
const MEMBER: &[&str] = &[
    "account.write",
    "notifications.read",
    "notifications.write",
    "profile.read",
    "profile.write",
    "quota.read",
    "safety.appeal",
    "sessions.read",
    "sessions.write",
    "tasks.read",
];

/// What those who make covers may do besides.
const MAKER: &[&str] = &[
    "apikeys.write",
    "brandkits.read",
    "brandkits.write",
    "covers.read",
    "covers.write",
    "exports.read",
    "exports.write",
    "media.read",
    "media.write",
    "quota.consume",
    "safety.check",
    "templates.write",
    "webhooks.read",
    "webhooks.write",
];

/// What those who judge content may do besides.
const MODERATOR: &[&str] = &["safety.moderate"];

impl Role {
    /// Whether the role grants a permission. Permissions are declared on each
    /// RPC; what no role grants, nobody has.
    #[must_use]
    pub fn grants(self, permission: &str) -> bool {
        let maker = || MAKER.contains(&permission);
        match self {
            Self::Admin => {
                MEMBER.contains(&permission)
                    || maker()
                    || MODERATOR.contains(&permission)
                    || matches!(permission, "mesh.read" | "tasks.admin" | "users.admin")
            }
            Self::Moderator => {
                MEMBER.contains(&permission) || maker() || MODERATOR.contains(&permission)
            }
            Self::Creator | Self::Partner => MEMBER.contains(&permission) || maker(),
            Self::Consumer => {
                MEMBER.contains(&permission)
                    || matches!(permission, "covers.read" | "media.read" | "exports.read")
            }
        }
    }

    /// The name in tokens and configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Moderator => "moderator",
            Self::Creator => "creator",
            Self::Consumer => "consumer",
            Self::Partner => "partner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Self::Admin,
            Self::Moderator,
            Self::Creator,
            Self::Consumer,
            Self::Partner,
        ]
        .into_iter()
        .find(|role| role.as_str() == text)
        .ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn only_an_admin_administers() {
        for permission in ["tasks.admin", "users.admin"] {
            assert!(Role::Admin.grants(permission));
            for role in [
                Role::Moderator,
                Role::Creator,
                Role::Consumer,
                Role::Partner,
            ] {
                assert!(!role.grants(permission), "{role} {permission}");
            }
        }
    }

    #[test]
    fn a_permission_that_no_role_names_is_granted_to_nobody() {
        assert!(!Role::Admin.grants("covers.erase_everything"));
        assert!(!Role::Admin.grants(""));
    }

    #[test]
    fn a_consumer_reads_and_does_not_make() {
        assert!(Role::Consumer.grants("covers.read"));
        assert!(!Role::Consumer.grants("covers.write"));
    }
}
