use std::sync::Arc;

use async_trait::async_trait;
use covergen_bff::{Admission, Caller, Credential, Gate, Problem};
use covergen_chassis::Identity;
use covergen_identity::{
    ApiKeySecret, Caller as Who, Denied, Principal, Requirement, TokenError, authorize,
};
use http::{HeaderValue, header};
use tonic::Code;

use crate::ApiKeys;
use crate::signatures::signature_required;

/// Turns what people present into the internal token that services believe.
pub struct EdgeGate {
    identity: Identity,
    /// Name of this BFF among the services, such as `bff-web`.
    edge: &'static str,
    api_keys: Option<Arc<ApiKeys>>,
}

impl EdgeGate {
    /// Lets people in under the name of one edge.
    #[must_use]
    pub const fn new(identity: Identity, edge: &'static str) -> Self {
        Self {
            identity,
            edge,
            api_keys: None,
        }
    }

    /// Lets API keys in as well.
    #[must_use]
    pub fn with_api_keys(mut self, api_keys: impl Into<Arc<ApiKeys>>) -> Self {
        self.api_keys = Some(api_keys.into());
        self
    }

    /// Who presents a credential, and the key that their requests are counted
    /// under: the user, or each API key for itself.
    async fn principal(
        &self,
        credential: Credential<'_>,
        signed_by: Option<&str>,
    ) -> Result<(Principal, String), Problem> {
        match &self.api_keys {
            Some(keys) if ApiKeySecret::is_meant_by(credential.token) => {
                let known = keys
                    .find(credential.token, &self.identity, self.edge)
                    .await?;
                // A stolen secret alone opens nothing.
                if known.signing_key.is_some() && signed_by != Some(&known.id) {
                    return Err(signature_required());
                }
                Ok((known.principal, known.id))
            }
            _ => self.person(credential).map(|principal| {
                let key = principal.user_id.to_string();
                (principal, key)
            }),
        }
    }

    fn person(&self, credential: Credential<'_>) -> Result<Principal, Problem> {
        let principal = self
            .identity
            .access
            .verify(credential.token)
            .map_err(|error| {
                let reason = match error {
                    TokenError::Expired => "TOKEN_EXPIRED",
                    _ => "TOKEN_INVALID",
                };
                Problem::unauthenticated(reason, error.to_string())
            })?;
        let ended = principal
            .session_id
            .is_some_and(|session| self.identity.revocations.is_revoked(session));
        if ended {
            return Err(Problem::unauthenticated(
                "SESSION_ENDED",
                "this session has ended; sign in again",
            ));
        }
        Ok(principal)
    }
}

#[async_trait]
impl Gate for EdgeGate {
    async fn admit(&self, request: &Admission<'_>) -> Result<Caller, Problem> {
        let route = request.route;
        let found = match request.credential {
            None => None,
            Some(credential) => match self.principal(credential, request.signed_by).await {
                Ok(found) => Some(found),
                // A stale token does not shut anybody out of what is public.
                Err(_) if route.public => None,
                Err(problem) => return Err(problem),
            },
        };
        let (principal, key) = found.unzip();
        let who = principal.clone().map_or(Who::Anonymous, Who::User);
        let requirement = Requirement {
            public: route.public,
            permission: route.permission,
            scopes: route.scopes,
            admin: route.admin,
            exposed: true,
            callers: &[],
        };
        authorize(&requirement, &who).map_err(|denied| match denied {
            Denied::Unauthenticated => {
                Problem::unauthenticated("UNAUTHENTICATED", denied.to_string())
            }
            Denied::Forbidden => {
                Problem::permission_denied("PERMISSION_DENIED", denied.to_string())
            }
        })?;
        check_workspace(request.workspace, principal.as_ref())?;
        let token = self
            .identity
            .internal
            .issue(self.edge, principal.as_ref())
            .map_err(|error| internal(&error))?;
        let mut value =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|error| internal(&error))?;
        value.set_sensitive(true);
        Ok(Caller {
            key: key.unwrap_or_else(|| Caller::anonymous(request.peer).key),
            user_id: principal.map(|principal| principal.user_id.to_string()),
            metadata: vec![(header::AUTHORIZATION, value)],
        })
    }
}

/// A member acts in one workspace per call; the personal one unless the
/// request names another. One they do not belong to does not exist for them.
fn check_workspace(named: Option<&str>, principal: Option<&Principal>) -> Result<(), Problem> {
    match (named, principal) {
        (Some(named), Some(principal)) if named != principal.workspace_id.to_string() => {
            Err(Problem::new(
                Code::NotFound,
                "WORKSPACE_NOT_FOUND",
                "there is no such workspace among yours",
            ))
        }
        _ => Ok(()),
    }
}

pub(crate) fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "the edge cannot sign an internal token");
    Problem::new(
        Code::Internal,
        "INTERNAL",
        "something went wrong on our side; try again, and name the request id if it stays",
    )
}
