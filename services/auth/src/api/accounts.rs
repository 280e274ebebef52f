use covergen_chassis::{principal, reply};
use covergen_proto::auth::v1::account_service_server::AccountService;
use covergen_proto::auth::v1::{
    Account, ListAccountsRequest, ListAccountsResponse, SetAccountStatusRequest,
};
use covergen_proto::privacy::v1::{UserDataChunk, UserDataRequest};
use futures::stream::{self, BoxStream, StreamExt as _};
use tonic::{Request, Response, Status};

use super::{Answer, Api, answer, encode, id};

/// Bytes of one message.
const CHUNK_BYTES: usize = 1024 * 1024;

#[tonic::async_trait]
impl AccountService for Api {
    async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Answer<ListAccountsResponse> {
        let listed = self.0.list_accounts(request.get_ref()).await;
        answer(
            listed.map(|(accounts, next_page_token)| ListAccountsResponse {
                accounts: accounts.into_iter().map(encode::account).collect(),
                next_page_token,
            }),
        )
    }

    async fn set_account_status(
        &self,
        request: Request<SetAccountStatusRequest>,
    ) -> Answer<Account> {
        let user = id("userId", &request.get_ref().user_id)?;
        // A service or an operator's command line calls for nobody.
        let caller = principal().ok();
        let set = self
            .0
            .set_account_status(caller.as_ref(), user, request.get_ref());
        answer(set.await.map(encode::account))
    }

    type ExportUserDataStream = BoxStream<'static, Result<UserDataChunk, Status>>;

    async fn export_user_data(
        &self,
        request: Request<UserDataRequest>,
    ) -> Result<Response<Self::ExportUserDataStream>, Status> {
        let user = id("userId", &request.get_ref().user_id)?;
        let data = self.0.export_user_data(user).await.map_err(reply)?;
        let text = data.map_or_else(String::new, |data| format!("{data:#}\n"));
        let chunks: Vec<_> = text
            .into_bytes()
            .chunks(CHUNK_BYTES)
            .map(|data| {
                Ok(UserDataChunk {
                    path: "account.json".to_owned(),
                    data: data.to_vec().into(),
                })
            })
            .collect();
        Ok(Response::new(stream::iter(chunks).boxed()))
    }
}
