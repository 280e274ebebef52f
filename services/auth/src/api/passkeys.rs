use covergen_chassis::{client_info, principal};
use covergen_proto::auth::v1::passkey_service_server::PasskeyService;
use covergen_proto::auth::v1::{
    AuthTokens, DeletePasskeyRequest, DeletePasskeyResponse, FinishPasskeyLoginRequest,
    FinishPasskeyRegistrationRequest, ListPasskeysRequest, ListPasskeysResponse, Passkey,
    PasskeyOptions, RenamePasskeyRequest, StartPasskeyLoginRequest,
    StartPasskeyRegistrationRequest,
};
use covergen_proto::wkt::Struct;
use tonic::Request;

use super::{Answer, Api, answer, id};

fn options(options: Struct) -> PasskeyOptions {
    PasskeyOptions {
        options: Some(options),
    }
}

#[tonic::async_trait]
impl PasskeyService for Api {
    async fn start_passkey_registration(
        &self,
        _: Request<StartPasskeyRegistrationRequest>,
    ) -> Answer<PasskeyOptions> {
        let started = self.0.start_passkey_registration(&principal()?).await;
        answer(started.map(options))
    }

    async fn finish_passkey_registration(
        &self,
        request: Request<FinishPasskeyRegistrationRequest>,
    ) -> Answer<Passkey> {
        let caller = principal()?;
        let request = request.into_inner();
        answer(self.0.finish_passkey_registration(&caller, request).await)
    }

    async fn start_passkey_login(
        &self,
        _: Request<StartPasskeyLoginRequest>,
    ) -> Answer<PasskeyOptions> {
        answer(self.0.start_passkey_login().await.map(options))
    }

    async fn finish_passkey_login(
        &self,
        request: Request<FinishPasskeyLoginRequest>,
    ) -> Answer<AuthTokens> {
        let client = client_info(&request);
        let signed_in = self.0.finish_passkey_login(request.into_inner(), client);
        answer(signed_in.await)
    }

    async fn list_passkeys(
        &self,
        request: Request<ListPasskeysRequest>,
    ) -> Answer<ListPasskeysResponse> {
        let caller = principal()?;
        let listed = self.0.list_passkeys(&caller, request.get_ref()).await;
        answer(
            listed.map(|(passkeys, next_page_token)| ListPasskeysResponse {
                passkeys,
                next_page_token,
            }),
        )
    }

    async fn rename_passkey(&self, request: Request<RenamePasskeyRequest>) -> Answer<Passkey> {
        let caller = principal()?;
        let passkey = id("passkeyId", &request.get_ref().passkey_id)?;
        let renamed = self.0.rename_passkey(&caller, passkey, request.get_ref());
        answer(renamed.await)
    }

    async fn delete_passkey(
        &self,
        request: Request<DeletePasskeyRequest>,
    ) -> Answer<DeletePasskeyResponse> {
        let caller = principal()?;
        let passkey = id("passkeyId", &request.get_ref().passkey_id)?;
        let deleted = self
            .0
            .delete_passkey(&caller, passkey, request.into_inner());
        answer(deleted.await)
    }
}
