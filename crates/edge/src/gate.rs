use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use covergen_bff::{Admission, Caller, Credential, Gate, Problem, Sight};
use covergen_chassis::{CallerKey, Identity};
use covergen_identity::{
    ApiKeySecret, Caller as Who, Denied, Principal, Requirement, TokenError, authorize,
};
use covergen_mesh::principal_key;
use http::{HeaderValue, header};
use tonic::Code;

use crate::ApiKeys;
use crate::api_keys::Known;
use crate::backend::CALLER_KEY;
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

    /// Who presents a credential.
    async fn bearer(
        &self,
        credential: Credential<'_>,
        signed_by: Option<&str>,
    ) -> Result<Bearer, Problem> {
        match &self.api_keys {
            Some(keys) if ApiKeySecret::is_meant_by(credential.token) => {
                let known = keys
                    .find(credential.token, &self.identity, self.edge)
                    .await?;
                // A stolen secret alone opens nothing.
                if known.signing_key.is_some() && signed_by != Some(&known.id) {
                    return Err(signature_required());
                }
                Ok(Bearer {
                    principal: known.principal.clone(),
                    api_key: Some(known),
                })
            }
            _ => self.person(credential).map(|principal| Bearer {
                principal,
                api_key: None,
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
        not_ended(&self.identity, &principal)?;
        Ok(principal)
    }

    /// Services decide by the principal and nothing else, and by its session
    /// only whether it has ended, which is asked about here.
    fn sight(&self, bearer: &Bearer) -> Sight {
        let Principal {
            user_id,
            workspace_id,
            roles,
            scopes,
            session_id: _,
        } = &bearer.principal;
        let (mut roles, mut scopes) = (roles.clone(), scopes.clone());
        roles.sort_unstable();
        scopes.iter_mut().for_each(|scopes| scopes.sort_unstable());
        let (identity, bearer) = (self.identity.clone(), bearer.clone());
        Sight {
            scope: format!("{workspace_id} {user_id} {roles:?} {scopes:?}").into(),
            standing: Arc::new(move || match &bearer.api_key {
                Some(known) => known.stands(&identity),
                None => not_ended(&identity, &bearer.principal),
            }),
        }
    }
}

/// Whom a credential speaks for.
#[derive(Clone)]
struct Bearer {
    principal: Principal,
    /// The API key that it is the secret of.
    api_key: Option<Known>,
}

impl Bearer {
    /// What requests are counted under: the user, or each API key for itself.
    fn rate_key(&self) -> String {
        match &self.api_key {
            Some(known) => known.id.clone(),
            None => self.principal.user_id.to_string(),
        }
    }
}

fn not_ended(identity: &Identity, principal: &Principal) -> Result<(), Problem> {
    let session = principal.session_id;
    if session.is_some_and(|session| identity.revocations.is_revoked(session)) {
        return Err(Problem::unauthenticated(
            "SESSION_ENDED",
            "this session has ended; sign in again",
        ));
    }
    Ok(())
}

#[async_trait]
impl Gate for EdgeGate {
    async fn admit(&self, request: &Admission<'_>) -> Result<Caller, Problem> {
        let route = request.route;
        let bearer = match request.credential {
            None => None,
            Some(credential) => match self.bearer(credential, request.signed_by).await {
                Ok(bearer) => Some(bearer),
                // A stale token does not shut anybody out of what is public.
                Err(_) if route.public => None,
                Err(problem) => return Err(problem),
            },
        };
        let principal = bearer.as_ref().map(|bearer| &bearer.principal);
        let who = principal.cloned().map_or(Who::Anonymous, Who::User);
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
        check_workspace(request.workspace, principal)?;
        let token = self
            .identity
            .internal
            .issue(self.edge, principal)
            .map_err(|error| internal(&error))?;
        let mut value =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|error| internal(&error))?;
        value.set_sensitive(true);
        let mut metadata = vec![(header::AUTHORIZATION, value)];
        if let Some(key) = caller_key(principal, request.peer) {
            metadata.push((CALLER_KEY, key.into()));
        }
        let watches = bearer.as_ref().filter(|_| route.shared);
        Ok(Caller {
            user_id: principal.map(|principal| principal.user_id.to_string()),
            sight: watches.map(|bearer| self.sight(bearer)),
            key: match &bearer {
                Some(bearer) => bearer.rate_key(),
                None => Caller::anonymous(request.peer).key,
            },
            metadata,
        })
    }
}

/// What splits that are sticky keep to one way: the person, or for want of one
/// the address.
fn caller_key(principal: Option<&Principal>, peer: Option<IpAddr>) -> Option<u64> {
    match principal {
        Some(principal) => Some(CallerKey::of(principal.user_id).0),
        None => peer.map(|peer| principal_key(&peer.to_string())),
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
