//! gRPC in, gRPC out.

pub(crate) mod encode;

use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_ids::{TaskId, UserId, WorkspaceId};
use covergen_proto::google::api::HttpBody;
use covergen_proto::user::v1::user_service_server::UserService;
use covergen_proto::user::v1::{
    CommitQuotaRequest, ConfirmReservationRequest, ConsumeQuotaRequest, DataExport,
    DeleteUserRequest, DownloadUserDataRequest, Entitlements, ExportUserDataRequest,
    GetEntitlementsRequest, GetHistoryRequest, GetHistoryResponse, GetPreferencesRequest,
    GetQuotaRequest, GetSubscriptionRequest, GetUserByIdRequest, GetUserRequest, ListUsersRequest,
    ListUsersResponse, ListWorkspacesRequest, ListWorkspacesResponse, Preferences, Quota,
    RefundQuotaRequest, ReinstateUserRequest, ReleaseQuotaRequest, Reservation,
    ReserveQuotaRequest, SetTierRequest, Subscription, SuspendUserRequest,
    UpdatePreferencesRequest, UpdateUserRequest, User, reservation,
};
use covergen_proto::wkt::Empty;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};

use crate::app::{App, StatusChange};
use crate::error::Error;
use crate::store::entity::profile;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl UserService for Api {
    type DownloadUserDataStream = BoxStream<'static, Result<HttpBody, Status>>;

    async fn delete_user(&self, request: Request<DeleteUserRequest>) -> Answer<Empty> {
        let request = request.into_inner();
        let user = themselves(&request.user_id)?;
        let deleted = self.0.delete_user(user, &request.confirmation).await;
        deleted.map_err(reply)?;
        Ok(Response::new(Empty {}))
    }

    async fn get_subscription(
        &self,
        request: Request<GetSubscriptionRequest>,
    ) -> Answer<Subscription> {
        let user = own(&request.get_ref().user_id)?;
        let subscription = self.0.get_subscription(user).await;
        Ok(Response::new(subscription.map_err(reply)?))
    }

    async fn get_preferences(
        &self,
        request: Request<GetPreferencesRequest>,
    ) -> Answer<Preferences> {
        let user = own(&request.get_ref().user_id)?;
        let preferences = self.0.get_preferences(user).await;
        Ok(Response::new(preferences.map_err(reply)?))
    }

    async fn update_preferences(
        &self,
        request: Request<UpdatePreferencesRequest>,
    ) -> Answer<Preferences> {
        let user = own(&request.get_ref().user_id)?;
        let updated = self.0.update_preferences(user, request.into_inner()).await;
        Ok(Response::new(updated.map_err(reply)?))
    }

    async fn get_history(&self, request: Request<GetHistoryRequest>) -> Answer<GetHistoryResponse> {
        let user = own(&request.get_ref().user_id)?;
        let page = self.0.get_history(user, request.get_ref()).await;
        let page = page.map_err(reply)?;
        Ok(Response::new(GetHistoryResponse {
            entries: page.items.into_iter().map(encode::history).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn export_user_data(
        &self,
        request: Request<ExportUserDataRequest>,
    ) -> Answer<DataExport> {
        let user = themselves(&request.get_ref().user_id)?;
        let copy = self.0.export_user_data(user, request.into_inner()).await;
        Ok(Response::new(copy.map_err(reply)?))
    }

    async fn download_user_data(
        &self,
        request: Request<DownloadUserDataRequest>,
    ) -> Answer<Self::DownloadUserDataStream> {
        let request = request.into_inner();
        let user = themselves(&request.user_id)?;
        let id = request
            .data_export_id
            .parse()
            .map_err(|_| reply(Error::DataExportNotFound))?;
        let pieces = Arc::clone(&self.0).download_user_data(user, id).await;
        let pieces = pieces.map_err(reply)?.map(|piece| {
            piece.map_err(reply).map(|data| HttpBody {
                content_type: "application/zip".to_owned(),
                data: data.into(),
                extensions: Vec::new(),
            })
        });
        let mut answer = Response::new(pieces.boxed());
        let disposition = "attachment; filename=\"covergen-data.zip\"";
        answer.metadata_mut().insert(
            "http-content-disposition",
            MetadataValue::from_static(disposition),
        );
        Ok(answer)
    }

    async fn list_users(&self, request: Request<ListUsersRequest>) -> Answer<ListUsersResponse> {
        let page = self.0.list_users(request.get_ref()).await.map_err(reply)?;
        Ok(Response::new(ListUsersResponse {
            users: page.items.into_iter().map(encode::user).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_user_by_id(&self, request: Request<GetUserByIdRequest>) -> Answer<User> {
        let user = anybody(&request.get_ref().user_id)?;
        let profile = self.0.profile(user).await.map_err(reply)?;
        Ok(Response::new(encode::user(profile)))
    }

    async fn suspend_user(&self, request: Request<SuspendUserRequest>) -> Answer<User> {
        let caller = principal()?;
        let request = request.into_inner();
        let user = anybody(&request.user_id)?;
        let change = StatusChange {
            method: "SuspendUser",
            status: profile::Status::Suspended,
            reason: &request.reason,
            request_id: &request.request_id,
        };
        let changed = self.0.set_status(&caller, user, change, &request).await;
        Ok(Response::new(changed.map_err(reply)?))
    }

    async fn reinstate_user(&self, request: Request<ReinstateUserRequest>) -> Answer<User> {
        let caller = principal()?;
        let request = request.into_inner();
        let user = anybody(&request.user_id)?;
        let change = StatusChange {
            method: "ReinstateUser",
            status: profile::Status::Active,
            reason: "",
            request_id: &request.request_id,
        };
        let changed = self.0.set_status(&caller, user, change, &request).await;
        Ok(Response::new(changed.map_err(reply)?))
    }

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
        let view = self
            .0
            .get_quota(user, workspace(user))
            .await
            .map_err(reply)?;
        Ok(Response::new(encode::quota(&view)))
    }

    async fn consume_quota(&self, request: Request<ConsumeQuotaRequest>) -> Answer<Quota> {
        let user = own(&request.get_ref().user_id)?;
        let quota = self
            .0
            .consume_quota(user, workspace(user), request.into_inner())
            .await;
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
        let acting = self.0.acting(user, workspace(user)).await.map_err(reply)?;
        Ok(Response::new(encode::entitlements(&acting.tier)))
    }

    async fn reserve_quota(&self, request: Request<ReserveQuotaRequest>) -> Answer<Reservation> {
        let request = request.into_inner();
        let (user, task) = (user_id(&request.user_id)?, task_id(&request.task_id)?);
        let reserved = self
            .0
            .reserve_quota(user, workspace(user), task, request.units)
            .await;
        let (row, tier) = reserved.map_err(reply)?;
        Ok(Response::new(encode::reservation(&row, Some(&tier))))
    }

    async fn confirm_reservation(
        &self,
        request: Request<ConfirmReservationRequest>,
    ) -> Answer<Reservation> {
        let request = request.into_inner();
        let (user, task) = (user_id(&request.user_id)?, task_id(&request.task_id)?);
        let confirmed = self
            .0
            .confirm_reservation(
                user,
                workspace(user),
                task,
                request.units,
                request.execution,
            )
            .await;
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
        let released = self
            .0
            .release_quota(user, workspace(user), task, request.execution)
            .await
            .map_err(reply)?;
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

/// The workspace that a user's call is made in; none for a service's own, and
/// for one that an operator makes about somebody else.
fn workspace(user: UserId) -> Option<WorkspaceId> {
    let caller = principal().ok()?;
    (caller.user_id == user).then_some(caller.workspace_id)
}

/// The caller, by id or as `me`. Somebody else does not exist for them.
fn own(given: &str) -> Result<UserId, Status> {
    principal()?
        .own_user_id(given)
        .ok_or_else(|| reply(Error::UserNotFound))
}

/// The caller, and nobody else whatever their role: what cannot be undone, and
/// everything at once, is for oneself.
fn themselves(given: &str) -> Result<UserId, Status> {
    let caller = principal()?.user_id;
    if given == "me" || given.parse::<UserId>() == Ok(caller) {
        Ok(caller)
    } else {
        Err(reply(Error::UserNotFound))
    }
}

/// Anybody, for those who may look.
fn anybody(given: &str) -> Result<UserId, Status> {
    given.parse().map_err(|_| reply(Error::UserNotFound))
}

fn user_id(text: &str) -> Result<UserId, Status> {
    text.parse()
        .map_err(|error| reply(Error::invalid("userId", &error)))
}

fn task_id(text: &str) -> Result<TaskId, Status> {
    text.parse()
        .map_err(|error| reply(Error::invalid("taskId", &error)))
}
