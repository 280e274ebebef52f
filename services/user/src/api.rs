//! gRPC in, gRPC out.

pub(crate) mod encode;

use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_ids::{TaskId, UserId};
use covergen_proto::user::v1::user_service_server::UserService;
use covergen_proto::user::v1::{
    CommitQuotaRequest, ConfirmReservationRequest, ConsumeQuotaRequest, Entitlements,
    GetEntitlementsRequest, GetQuotaRequest, GetUserRequest, ListWorkspacesRequest,
    ListWorkspacesResponse, Quota, RefundQuotaRequest, ReleaseQuotaRequest, Reservation,
    ReserveQuotaRequest, SetTierRequest, UpdateUserRequest, User, reservation,
};
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::error::Error;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl UserService for Api {
    async fn get_user(&self, request: Request<GetUserRequest>) -> Answer<User> {
        let user = own(&request.get_ref().user_id)?;
        let profile = self.0.profile(user).await.map_err(reply)?;
        Ok(Response::new(encode::user(profile)))
    }

    async fn update_user(&self, request: Request<UpdateUserRequest>) -> Answer<User> {
        let user = own(&request.get_ref().user_id)?;
        let updated = self.0.update_user(user, request.into_inner()).await;
        Ok(Response::new(updated.map_err(reply)?))
    }

    async fn get_quota(&self, request: Request<GetQuotaRequest>) -> Answer<Quota> {
        let user = own(&request.get_ref().user_id)?;
        let view = self.0.get_quota(user).await.map_err(reply)?;
        Ok(Response::new(encode::quota(&view)))
    }

    async fn consume_quota(&self, request: Request<ConsumeQuotaRequest>) -> Answer<Quota> {
        let user = own(&request.get_ref().user_id)?;
        let quota = self.0.consume_quota(user, request.into_inner()).await;
        Ok(Response::new(quota.map_err(reply)?))
    }

    async fn list_workspaces(
        &self,
        request: Request<ListWorkspacesRequest>,
    ) -> Answer<ListWorkspacesResponse> {
        let user = principal()?.user_id;
        let page = self
            .0
            .list_workspaces(user, request.get_ref())
            .await
            .map_err(reply)?;
        Ok(Response::new(ListWorkspacesResponse {
            workspaces: page.items.into_iter().map(encode::workspace).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_entitlements(
        &self,
        request: Request<GetEntitlementsRequest>,
    ) -> Answer<Entitlements> {
        let user = user_id(&request.get_ref().user_id)?;
        let (_, tier) = self.0.get_entitlements(user).await.map_err(reply)?;
        Ok(Response::new(encode::entitlements(&tier)))
    }

    async fn reserve_quota(&self, request: Request<ReserveQuotaRequest>) -> Answer<Reservation> {
        let request = request.into_inner();
        let (user, task) = (user_id(&request.user_id)?, task_id(&request.task_id)?);
        let reserved = self.0.reserve_quota(user, task, request.units).await;
        let (row, tier) = reserved.map_err(reply)?;
        Ok(Response::new(encode::reservation(&row, Some(&tier))))
    }

    async fn confirm_reservation(
        &self,
        request: Request<ConfirmReservationRequest>,
    ) -> Answer<Reservation> {
        let request = request.into_inner();
        let (user, task) = (user_id(&request.user_id)?, task_id(&request.task_id)?);
        let confirmed = self.0.confirm_reservation(user, task, request.units).await;
        let (row, tier) = confirmed.map_err(reply)?;
        Ok(Response::new(encode::reservation(&row, Some(&tier))))
    }

    async fn commit_quota(&self, request: Request<CommitQuotaRequest>) -> Answer<Reservation> {
        let request = request.into_inner();
        let (user, task) = (user_id(&request.user_id)?, task_id(&request.task_id)?);
        let committed = self.0.commit_quota(user, task, request.units).await;
        Ok(Response::new(encode::reservation(
            &committed.map_err(reply)?,
            None,
        )))
    }

    async fn release_quota(&self, request: Request<ReleaseQuotaRequest>) -> Answer<Reservation> {
        let request = request.into_inner();
        let (user, task) = (user_id(&request.user_id)?, task_id(&request.task_id)?);
        let released = self.0.release_quota(user, task).await.map_err(reply)?;
        let nothing = || Reservation {
            task_id: task.to_string(),
            state: reservation::State::Released.into(),
            ..Reservation::default()
        };
        Ok(Response::new(released.map_or_else(nothing, |row| {
            encode::reservation(&row, None)
        })))
    }

    async fn refund_quota(&self, request: Request<RefundQuotaRequest>) -> Answer<Reservation> {
        let request = request.into_inner();
        let (user, task) = (user_id(&request.user_id)?, task_id(&request.task_id)?);
        let refunded = self.0.refund_quota(user, task, request).await;
        Ok(Response::new(refunded.map_err(reply)?))
    }

    async fn set_tier(&self, request: Request<SetTierRequest>) -> Answer<User> {
        let user = user_id(&request.get_ref().user_id)?;
        let tier = encode::tier_id(request.get_ref().tier());
        let profile = self.0.set_tier(user, tier).await.map_err(reply)?;
        Ok(Response::new(encode::user(profile)))
    }
}

/// The caller, by id or as `me`. Somebody else does not exist for them.
fn own(given: &str) -> Result<UserId, Status> {
    principal()?
        .own_user_id(given)
        .ok_or_else(|| reply(Error::UserNotFound))
}

fn user_id(text: &str) -> Result<UserId, Status> {
    text.parse()
        .map_err(|error| reply(Error::invalid("userId", &error)))
}

fn task_id(text: &str) -> Result<TaskId, Status> {
    text.parse()
        .map_err(|error| reply(Error::invalid("taskId", &error)))
}
