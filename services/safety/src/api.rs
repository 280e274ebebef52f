//! gRPC in, gRPC out.

pub(crate) mod encode;

use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_proto::privacy::v1::{UserDataChunk, UserDataRequest};
use covergen_proto::safety::v1::image_source::Source;
use covergen_proto::safety::v1::safety_service_server::SafetyService;
use covergen_proto::safety::v1::{
    Appeal, BlockImageRequest, BlockedImage, CheckCompositeRequest, CheckImageRequest,
    CheckTextRequest, CreateAppealRequest, CreateRuleRequest, DecideAppealRequest,
    DeleteRuleRequest, GetAppealRequest, GetRuleRequest, GetStatementRequest, GetViolationRequest,
    ImageSource, ListAppealsRequest, ListAppealsResponse, ListBlockedImagesRequest,
    ListBlockedImagesResponse, ListRuleVersionsRequest, ListRulesRequest, ListRulesResponse,
    ListShadowMatchesRequest, ListShadowMatchesResponse, ListViolationsRequest,
    ListViolationsResponse, RollbackRuleRequest, Rule, ScreenImageRequest, ScreenTextRequest,
    StatementOfReasons, TryRuleRequest, UnblockImageRequest, UpdateRuleRequest, Verdict, Violation,
    WithdrawAppealRequest,
};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tonic::{Request, Response, Status};

use crate::app::{App, Authored, Pictured, moderates};
use crate::error::Error;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl SafetyService for Api {
    type ExportUserDataStream = BoxStream<'static, Result<UserDataChunk, Status>>;

    async fn check_text(&self, request: Request<CheckTextRequest>) -> Answer<Verdict> {
        let request = request.into_inner();
        let checked = self.0.check_text(request.texts, request.regions).await;
        Ok(Response::new(encode::verdict(checked.map_err(reply)?)))
    }

    async fn screen_text(&self, request: Request<ScreenTextRequest>) -> Answer<Verdict> {
        let request = request.into_inner();
        let author = author(request.subject)?;
        let screened = self.0.screen_text(request.texts, author).await;
        Ok(Response::new(encode::verdict(screened.map_err(reply)?)))
    }

    async fn check_image(&self, request: Request<CheckImageRequest>) -> Answer<Verdict> {
        let request = request.into_inner();
        let images = request.image.into_iter().filter_map(pictured).collect();
        let checked = self.0.check_image(images, request.regions).await;
        Ok(Response::new(encode::verdict(checked.map_err(reply)?)))
    }

    async fn check_composite(&self, request: Request<CheckCompositeRequest>) -> Answer<Verdict> {
        let request = request.into_inner();
        let images = request.images.into_iter().filter_map(pictured).collect();
        let (texts, regions) = (request.texts, request.regions);
        let checked = self.0.check_composite(texts, images, regions).await;
        Ok(Response::new(encode::verdict(checked.map_err(reply)?)))
    }

    async fn screen_image(&self, request: Request<ScreenImageRequest>) -> Answer<Verdict> {
        let request = request.into_inner();
        let author = author(request.subject)?;
        let screened = self.0.screen_image(request.asset_id, author).await;
        Ok(Response::new(encode::verdict(screened.map_err(reply)?)))
    }

    async fn list_rules(&self, request: Request<ListRulesRequest>) -> Answer<ListRulesResponse> {
        let request = request.get_ref();
        let caller = principal().ok();
        let page = self.0.list_rules(caller.as_ref(), request).await;
        let page = page.map_err(reply)?;
        let encode = if request.include_all {
            encode::full_rule
        } else {
            encode::rule
        };
        Ok(Response::new(ListRulesResponse {
            rules: page.items.into_iter().map(encode).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_rule(&self, request: Request<GetRuleRequest>) -> Answer<Rule> {
        let row = self.0.get_rule(request.get_ref()).await.map_err(reply)?;
        Ok(Response::new(encode::full_rule(row)))
    }

    async fn create_rule(&self, request: Request<CreateRuleRequest>) -> Answer<Rule> {
        let caller = principal()?;
        let created = self.0.create_rule(&caller, request.into_inner()).await;
        Ok(Response::new(created.map_err(reply)?))
    }

    async fn update_rule(&self, request: Request<UpdateRuleRequest>) -> Answer<Rule> {
        let caller = principal()?;
        let updated = self.0.update_rule(&caller, request.into_inner()).await;
        Ok(Response::new(updated.map_err(reply)?))
    }

    async fn delete_rule(&self, request: Request<DeleteRuleRequest>) -> Answer<Rule> {
        let caller = principal()?;
        let deleted = self.0.delete_rule(&caller, request.into_inner()).await;
        Ok(Response::new(deleted.map_err(reply)?))
    }

    async fn list_rule_versions(
        &self,
        request: Request<ListRuleVersionsRequest>,
    ) -> Answer<ListRulesResponse> {
        let page = self.0.list_rule_versions(request.get_ref()).await;
        let page = page.map_err(reply)?;
        Ok(Response::new(ListRulesResponse {
            rules: page.items.into_iter().map(encode::full_rule).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn rollback_rule(&self, request: Request<RollbackRuleRequest>) -> Answer<Rule> {
        let caller = principal()?;
        let restored = self.0.rollback_rule(&caller, request.into_inner()).await;
        Ok(Response::new(restored.map_err(reply)?))
    }

    async fn try_rule(&self, request: Request<TryRuleRequest>) -> Answer<Verdict> {
        let tried = self.0.try_rule(request.into_inner()).await;
        Ok(Response::new(encode::verdict(tried.map_err(reply)?)))
    }

    async fn list_shadow_matches(
        &self,
        request: Request<ListShadowMatchesRequest>,
    ) -> Answer<ListShadowMatchesResponse> {
        let page = self.0.list_shadow_matches(request.get_ref()).await;
        let page = page.map_err(reply)?;
        Ok(Response::new(ListShadowMatchesResponse {
            matches: page.items.into_iter().map(encode::shadow_match).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn list_blocked_images(
        &self,
        request: Request<ListBlockedImagesRequest>,
    ) -> Answer<ListBlockedImagesResponse> {
        let page = self.0.list_blocked_images(request.get_ref()).await;
        let page = page.map_err(reply)?;
        Ok(Response::new(ListBlockedImagesResponse {
            blocked_images: page.items.into_iter().map(encode::blocked_image).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn block_image(&self, request: Request<BlockImageRequest>) -> Answer<BlockedImage> {
        let caller = principal()?;
        let request = request.into_inner();
        let image = request.image.clone().and_then(pictured);
        let blocked = self.0.block_image(&caller, image, request).await;
        Ok(Response::new(blocked.map_err(reply)?))
    }

    async fn unblock_image(&self, request: Request<UnblockImageRequest>) -> Answer<BlockedImage> {
        let caller = principal()?;
        let request = request.into_inner();
        let id = find("blocked picture", &request.blocked_image_id)?;
        let allowed = self.0.unblock_image(&caller, id, request).await;
        Ok(Response::new(allowed.map_err(reply)?))
    }

    async fn list_violations(
        &self,
        request: Request<ListViolationsRequest>,
    ) -> Answer<ListViolationsResponse> {
        let caller = principal()?;
        let page = self.0.list_violations(&caller, request.get_ref()).await;
        let page = page.map_err(reply)?;
        Ok(Response::new(ListViolationsResponse {
            violations: page.items.into_iter().map(encode::violation).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_violation(&self, request: Request<GetViolationRequest>) -> Answer<Violation> {
        let caller = principal()?;
        let id = find("violation", &request.get_ref().violation_id)?;
        let seen = self.0.get_violation(&caller, id).await.map_err(reply)?;
        Ok(Response::new(encode::violation(seen)))
    }

    async fn get_statement(
        &self,
        request: Request<GetStatementRequest>,
    ) -> Answer<StatementOfReasons> {
        let caller = principal()?;
        let id = find("violation", &request.get_ref().violation_id)?;
        let statement = self.0.get_statement(&caller, id).await;
        Ok(Response::new(statement.map_err(reply)?))
    }

    async fn create_appeal(&self, request: Request<CreateAppealRequest>) -> Answer<Appeal> {
        let caller = principal()?;
        let request = request.into_inner();
        let id = find("violation", &request.violation_id)?;
        let created = self.0.create_appeal(&caller, id, request).await;
        Ok(Response::new(created.map_err(reply)?))
    }

    async fn list_appeals(
        &self,
        request: Request<ListAppealsRequest>,
    ) -> Answer<ListAppealsResponse> {
        let caller = principal()?;
        let listed = self.0.list_appeals(&caller, request.get_ref()).await;
        let (page, now_ms) = listed.map_err(reply)?;
        let all = moderates(&caller);
        let appeals = page.items.into_iter();
        Ok(Response::new(ListAppealsResponse {
            appeals: appeals
                .map(|row| encode::appeal(row, now_ms, all))
                .collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_appeal(&self, request: Request<GetAppealRequest>) -> Answer<Appeal> {
        let caller = principal()?;
        let id = find("appeal", &request.get_ref().appeal_id)?;
        let (row, now_ms) = self.0.get_appeal(&caller, id).await.map_err(reply)?;
        let appeal = encode::appeal(row, now_ms, moderates(&caller));
        Ok(Response::new(appeal))
    }

    async fn withdraw_appeal(&self, request: Request<WithdrawAppealRequest>) -> Answer<Appeal> {
        let caller = principal()?;
        let request = request.into_inner();
        let id = find("appeal", &request.appeal_id)?;
        let withdrawn = self.0.withdraw_appeal(&caller, id, request).await;
        Ok(Response::new(withdrawn.map_err(reply)?))
    }

    async fn decide_appeal(&self, request: Request<DecideAppealRequest>) -> Answer<Appeal> {
        let caller = principal()?;
        let request = request.into_inner();
        let id = find("appeal", &request.appeal_id)?;
        let decided = self.0.decide_appeal(&caller, id, request).await;
        Ok(Response::new(decided.map_err(reply)?))
    }

    async fn export_user_data(
        &self,
        request: Request<UserDataRequest>,
    ) -> Answer<Self::ExportUserDataStream> {
        let user = find("user", &request.get_ref().user_id)?;
        let data = Arc::clone(&self.0).export_user_data(user);
        Ok(Response::new(
            data.map(|chunk| chunk.map_err(reply)).boxed(),
        ))
    }
}

fn author(subject: String) -> Result<Authored, Status> {
    let caller = principal()?;
    Ok(Authored {
        user: caller.user_id,
        workspace: caller.workspace_id,
        subject,
    })
}

fn pictured(image: ImageSource) -> Option<Pictured> {
    Some(match image.source? {
        Source::AssetId(id) => Pictured::Asset(id),
        Source::Data(bytes) => Pictured::Bytes(bytes.into()),
    })
}

/// What is no id names nothing that there is.
fn find<T: std::str::FromStr>(what: &'static str, id: &str) -> Result<T, Status> {
    id.parse().map_err(|_| reply(Error::NotFound(what)))
}
