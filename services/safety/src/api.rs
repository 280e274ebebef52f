//! gRPC in, gRPC out.

mod encode;

use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_proto::safety::v1::safety_service_server::SafetyService;
use covergen_proto::safety::v1::{
    CheckTextRequest, ListRulesRequest, ListRulesResponse, ScreenTextRequest, Verdict,
};
use tonic::{Request, Response, Status};

use crate::app::{App, Authored};

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl SafetyService for Api {
    async fn check_text(&self, request: Request<CheckTextRequest>) -> Answer<Verdict> {
        let request = request.into_inner();
        let checked = self.0.check_text(request.texts, request.regions).await;
        Ok(Response::new(encode::verdict(checked.map_err(reply)?)))
    }

    async fn screen_text(&self, request: Request<ScreenTextRequest>) -> Answer<Verdict> {
        let caller = principal()?;
        let request = request.into_inner();
        let author = Authored {
            user: caller.user_id,
            workspace: caller.workspace_id,
            subject: request.subject,
        };
        let screened = self.0.screen_text(request.texts, author).await;
        Ok(Response::new(encode::verdict(screened.map_err(reply)?)))
    }

    async fn list_rules(&self, request: Request<ListRulesRequest>) -> Answer<ListRulesResponse> {
        let page = self.0.list_rules(request.get_ref()).await.map_err(reply)?;
        Ok(Response::new(ListRulesResponse {
            rules: page.items.into_iter().map(encode::rule).collect(),
            next_page_token: page.next_page_token,
        }))
    }
}
