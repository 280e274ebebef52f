use covergen_chassis::principal;
use covergen_proto::auth::v1::api_key_service_server::ApiKeyService;
use covergen_proto::auth::v1::{
    ApiKey, ClaimSignatureNoncesRequest, ClaimSignatureNoncesResponse, CreateApiKeyRequest,
    GetApiKeyRequest, ListApiKeysRequest, ListApiKeysResponse, NewApiKey, ResolveApiKeyRequest,
    ResolvedApiKey, RevokeApiKeyRequest, RotateApiKeyRequest,
};
use tonic::Request;

use super::{Answer, Api, answer, id};

const KEY: &str = "apiKeyId";

#[tonic::async_trait]
impl ApiKeyService for Api {
    async fn create_api_key(&self, request: Request<CreateApiKeyRequest>) -> Answer<NewApiKey> {
        let caller = principal()?;
        answer(self.0.create_api_key(&caller, request.into_inner()).await)
    }

    async fn list_api_keys(
        &self,
        request: Request<ListApiKeysRequest>,
    ) -> Answer<ListApiKeysResponse> {
        let caller = principal()?;
        let listed = self.0.list_api_keys(&caller, request.get_ref()).await;
        answer(
            listed.map(|(api_keys, next_page_token)| ListApiKeysResponse {
                api_keys,
                next_page_token,
            }),
        )
    }

    async fn get_api_key(&self, request: Request<GetApiKeyRequest>) -> Answer<ApiKey> {
        let caller = principal()?;
        let key = id(KEY, &request.get_ref().api_key_id)?;
        answer(self.0.get_api_key(&caller, key).await)
    }

    async fn revoke_api_key(&self, request: Request<RevokeApiKeyRequest>) -> Answer<ApiKey> {
        let caller = principal()?;
        let key = id(KEY, &request.get_ref().api_key_id)?;
        answer(self.0.revoke_api_key(&caller, key).await)
    }

    async fn rotate_api_key(&self, request: Request<RotateApiKeyRequest>) -> Answer<NewApiKey> {
        let caller = principal()?;
        let key = id(KEY, &request.get_ref().api_key_id)?;
        let rotated = self.0.rotate_api_key(&caller, key, request.into_inner());
        answer(rotated.await)
    }

    async fn resolve_api_key(
        &self,
        request: Request<ResolveApiKeyRequest>,
    ) -> Answer<ResolvedApiKey> {
        answer(self.0.resolve_api_key(request.get_ref()).await)
    }

    async fn claim_signature_nonces(
        &self,
        request: Request<ClaimSignatureNoncesRequest>,
    ) -> Answer<ClaimSignatureNoncesResponse> {
        let claimed = self.0.claim_signature_nonces(request.get_ref()).await;
        answer(claimed.map(|()| ClaimSignatureNoncesResponse {}))
    }
}
