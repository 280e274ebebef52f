use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use covergen_bff::Problem;
use covergen_chassis::Identity;
use covergen_identity::{ApiKeySecret, Asked, Principal, RequestKey, Role};
use covergen_mesh::Channel;
use covergen_proto::auth::v1::api_key_service_client::ApiKeyServiceClient;
use covergen_proto::auth::v1::{ClaimSignatureNoncesRequest, ResolveApiKeyRequest, ResolvedApiKey};
use http::HeaderValue;
use tonic::metadata::MetadataValue;
use tonic::{Code, Request, Status};

use crate::signatures::Refusal;

/// Keys kept at hand. When it is full it starts over, which costs one call per
/// key.
const CACHE_ENTRIES: usize = 4096;

/// Learns from auth whom an API key speaks for, and remembers it for a short
/// while. What changes about a key reaches [`covergen_identity::Revocations`]
/// by event, and the answer is forgotten at once.
pub struct ApiKeys {
    client: ApiKeyServiceClient<Channel>,
    known: Mutex<HashMap<[u8; 32], Known>>,
}

/// A key and whom it speaks for.
#[derive(Clone)]
pub(crate) struct Known {
    /// Id of the key.
    pub(crate) id: String,
    pub(crate) principal: Principal,
    /// What its requests are signed with, if they have to be.
    pub(crate) signing_key: Option<RequestKey>,
    expires_ms: Option<i64>,
    asked: Asked,
}

impl Known {
    /// Whether what was learnt about the key still holds for one who goes on
    /// with what it opened.
    ///
    /// # Errors
    /// The key is over, or has to be asked about again.
    pub(crate) fn stands(&self, identity: &Identity) -> Result<(), Problem> {
        let revocations = &identity.revocations;
        let now = revocations.now_ms();
        if self.expires_ms.is_some_and(|expires| expires <= now) {
            return Err(invalid());
        }
        if revocations.api_keys_changed(self.principal.user_id, self.asked) {
            return Err(Problem::new(
                Code::Unavailable,
                "API_KEY_NOT_CHECKED",
                "something about this account's API keys has changed; ask again",
            ));
        }
        Ok(())
    }
}

impl ApiKeys {
    /// Asks auth over the edge's own way into the mesh.
    #[must_use]
    pub fn new(auth: Channel) -> Self {
        Self {
            client: covergen_proto::auth::v1::api_key_service_client(auth),
            known: Mutex::default(),
        }
    }

    /// The key that a credential is the secret of.
    pub(crate) async fn find(
        &self,
        credential: &str,
        identity: &Identity,
        edge: &'static str,
    ) -> Result<Known, Problem> {
        let hash = ApiKeySecret::parse(credential).ok_or_else(invalid)?.hash();
        let asked = identity.revocations.asking();
        let remembered = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(&hash).cloned()
        };
        let counts = |known: &Known| {
            identity
                .revocations
                .api_key_counts(known.principal.user_id, known.asked)
        };
        let known = match remembered.filter(counts) {
            Some(known) => known,
            None => self.ask(hash, asked, identity, edge).await?,
        };
        let now = identity.revocations.now_ms();
        if known.expires_ms.is_some_and(|expires| expires <= now) {
            return Err(invalid());
        }
        Ok(known)
    }

    async fn ask(
        &self,
        hash: [u8; 32],
        asked: Asked,
        identity: &Identity,
        edge: &'static str,
    ) -> Result<Known, Problem> {
        let mut request = Request::new(ResolveApiKeyRequest {
            secret_hash: hash.to_vec().into(),
        });
        request
            .metadata_mut()
            .insert("authorization", bearer(identity, edge)?);
        let resolved = match self.client.clone().resolve_api_key(request).await {
            Ok(resolved) => resolved.into_inner(),
            Err(status) if status.code() == Code::NotFound => {
                self.table().remove(&hash);
                return Err(invalid());
            }
            Err(status) => return Err(unavailable(&status)),
        };
        let known = Known {
            expires_ms: resolved
                .expire_time
                .as_ref()
                .map(|at| at.seconds * 1000 + i64::from(at.nanos) / 1_000_000),
            id: resolved.api_key_id.clone(),
            signing_key: signing_key(&resolved)?,
            principal: principal(resolved).ok_or_else(invalid)?,
            asked,
        };
        let mut table = self.table();
        if table.len() >= CACHE_ENTRIES {
            table.clear();
        }
        table.insert(hash, known.clone());
        Ok(known)
    }

    /// Uses up the nonces of a signed request, by their hashes. A claim that
    /// is made again under its id is the same claim.
    pub(crate) async fn claim_nonces(
        &self,
        hashes: &[[u8; 32]],
        claim_id: &str,
        keep_seconds: i32,
        identity: &Identity,
        edge: &'static str,
    ) -> Result<(), Refusal> {
        let mut request = Request::new(ClaimSignatureNoncesRequest {
            nonce_hashes: hashes.iter().map(|hash| hash.to_vec().into()).collect(),
            keep_seconds,
            claim_id: claim_id.to_owned(),
        });
        let bearer = bearer(identity, edge).map_err(|_| Refusal::NotChecked)?;
        request.metadata_mut().insert("authorization", bearer);
        match self.client.clone().claim_signature_nonces(request).await {
            Ok(_) => Ok(()),
            Err(status) if status.code() == Code::AlreadyExists => Err(Refusal::Replayed),
            Err(status) => {
                let (code, message) = (status.code(), status.message());
                tracing::warn!(?code, message, "a nonce could not be used up");
                Err(Refusal::NotChecked)
            }
        }
    }

    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bearer(
    identity: &Identity,
    edge: &'static str,
) -> Result<MetadataValue<tonic::metadata::Ascii>, Problem> {
    let token = identity
        .internal
        .issue(edge, None)
        .map_err(|error| crate::gate::internal(&error))?;
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|error| crate::gate::internal(&error))?;
    value.set_sensitive(true);
    MetadataValue::try_from(value.as_bytes()).map_err(|error| crate::gate::internal(&error))
}

/// What auth has taken for a key and this edge does not is no reason to go
/// without: the API key is refused.
fn signing_key(resolved: &ResolvedApiKey) -> Result<Option<RequestKey>, Problem> {
    if resolved.signing_key.is_empty() {
        return Ok(None);
    }
    let key = RequestKey::parse(&resolved.signing_key);
    key.map(Some).map_err(|_| invalid())
}

fn principal(resolved: ResolvedApiKey) -> Option<Principal> {
    let roles = resolved.roles.iter();
    Some(Principal {
        user_id: resolved.user_id.parse().ok()?,
        workspace_id: resolved.workspace_id.parse().ok()?,
        // A role that this version does not know grants nothing.
        roles: roles.filter_map(|role| role.parse::<Role>().ok()).collect(),
        session_id: None,
        // A key is always narrowed: without a scope it may do nothing.
        scopes: Some(resolved.scopes),
    })
}

fn invalid() -> Problem {
    Problem::unauthenticated(
        "API_KEY_INVALID",
        "this API key is not one that works; make a new one on the account page",
    )
}

fn unavailable(status: &Status) -> Problem {
    tracing::warn!(code = ?status.code(), message = status.message(), "an API key could not be looked up");
    Problem::new(
        Code::Unavailable,
        "API_KEY_NOT_CHECKED",
        "the API key could not be checked now; try again",
    )
}
