//! The services that cover calls.

use bytes::Bytes;
use covergen_identity::Principal;
use covergen_ids::{AssetId, TaskId};
use covergen_mesh::Channel;
use covergen_proto::media::v1::media_service_client::MediaServiceClient;
use covergen_proto::media::v1::{
    Asset, DeleteAssetsRequest, GetAssetRequest, PutAssetHeader, PutAssetRequest, ReadAssetRequest,
    put_asset_request::Part,
};
use covergen_proto::safety::v1::safety_service_client::SafetyServiceClient;
use covergen_proto::safety::v1::{CheckTextRequest, ScreenTextRequest, Verdict};
use covergen_proto::task::v1::task_service_client::TaskServiceClient;
use covergen_proto::task::v1::{
    BatchGetTasksRequest, CancelTaskRequest, GetTaskRequest, HeartbeatRequest, LeasedTask,
    SubmitTaskRequest, Task, WatchTaskRequest,
};
use covergen_proto::template::v1::template_service_client::TemplateServiceClient;
use covergen_proto::template::v1::{
    BrandKit, ResolveBrandKitRequest, ResolveTemplateRequest, Template,
};
use covergen_proto::user::v1::user_service_client::UserServiceClient;
use covergen_proto::user::v1::{
    CommitQuotaRequest, ConfirmReservationRequest, Entitlements, GetEntitlementsRequest,
    ReleaseQuotaRequest, ReserveQuotaRequest,
};
use covergen_store::DispatchFailure;
use tonic::{Code, Response, Status, Streaming};

use crate::error::Error;

/// An answer, or `None` for NOT_FOUND.
fn known<T>(answer: Result<Response<T>, Status>) -> Result<Option<T>, Status> {
    match answer {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status),
    }
}

/// Bytes of an asset sent in one message.
const CHUNK: usize = 1 << 20;
/// Assets deleted with one call.
const DELETE_BATCH: usize = 512;

/// The queue's words on one task.
pub(crate) type Tasks = Streaming<Task>;

/// One client each; cheap to clone.
#[derive(Clone)]
pub(crate) struct Peers {
    task: TaskServiceClient<Channel>,
    user: UserServiceClient<Channel>,
    template: TemplateServiceClient<Channel>,
    safety: SafetyServiceClient<Channel>,
    media: MediaServiceClient<Channel>,
}

impl Peers {
    pub(crate) fn new(channel: impl Fn(&str) -> Channel) -> Self {
        use covergen_proto as proto;
        Self {
            task: proto::task::v1::task_service_client(channel("task")),
            user: proto::user::v1::user_service_client(channel("user")),
            template: proto::template::v1::template_service_client(channel("template")),
            safety: proto::safety::v1::safety_service_client(channel("safety")),
            media: proto::media::v1::media_service_client(channel("media")),
        }
    }

    /// Hands a request to the queue.
    pub(crate) async fn submit(&self, request: SubmitTaskRequest) -> Result<(), DispatchFailure> {
        match self.task.clone().submit_task(request).await {
            Ok(_) => Ok(()),
            Err(status) if matches!(status.code(), Code::InvalidArgument | Code::AlreadyExists) => {
                Err(DispatchFailure::Refused(status.message().to_owned()))
            }
            Err(status) => Err(DispatchFailure::Retry(status.message().to_owned())),
        }
    }

    /// The queue's word on a task; `None` while it does not have it.
    pub(crate) async fn task(&self, id: TaskId) -> Result<Option<Task>, Status> {
        let request = GetTaskRequest {
            task_id: id.to_string(),
        };
        known(self.task.clone().get_task(request).await)
    }

    /// The queue's word on those of at most a hundred tasks that it has.
    pub(crate) async fn tasks(&self, ids: &[TaskId]) -> Result<Vec<Task>, Status> {
        let request = BatchGetTasksRequest {
            task_ids: ids.iter().map(ToString::to_string).collect(),
        };
        let found = self.task.clone().batch_get_tasks(request).await?;
        Ok(found.into_inner().tasks)
    }

    /// Asks for a task to stop; `None` while the queue does not have it.
    pub(crate) async fn cancel(&self, id: TaskId) -> Result<Option<Task>, Status> {
        let request = CancelTaskRequest {
            task_id: id.to_string(),
        };
        known(self.task.clone().cancel_task(request).await)
    }

    /// The queue's word on a task, now and at every change; `None` while it
    /// does not have it.
    pub(crate) async fn watch(
        &self,
        id: TaskId,
        after_version: u64,
    ) -> Result<Option<Tasks>, Status> {
        let request = WatchTaskRequest {
            task_id: id.to_string(),
            after_version,
        };
        known(self.task.clone().watch_task(request).await)
    }

    /// Tells the queue how far a task in our hands is.
    pub(crate) async fn report(
        &self,
        task: &LeasedTask,
        progress_percent: i32,
        stage: &str,
    ) -> Result<(), Status> {
        let request = HeartbeatRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            progress_percent,
            stage: stage.to_owned(),
        };
        self.task.clone().heartbeat(request).await?;
        Ok(())
    }

    pub(crate) async fn entitlements(&self, who: &Principal) -> Result<Entitlements, Status> {
        let request = GetEntitlementsRequest {
            user_id: who.user_id.to_string(),
        };
        Ok(self
            .user
            .clone()
            .get_entitlements(request)
            .await?
            .into_inner())
    }

    pub(crate) async fn reserve(
        &self,
        who: &Principal,
        task: TaskId,
        units: i32,
    ) -> Result<(), Status> {
        let request = ReserveQuotaRequest {
            user_id: who.user_id.to_string(),
            task_id: task.to_string(),
            units,
        };
        self.user.clone().reserve_quota(request).await?;
        Ok(())
    }

    pub(crate) async fn confirm(
        &self,
        user: &str,
        task: TaskId,
        units: i32,
        execution: i32,
    ) -> Result<(), Status> {
        let request = ConfirmReservationRequest {
            user_id: user.to_owned(),
            task_id: task.to_string(),
            units,
            execution,
        };
        self.user.clone().confirm_reservation(request).await?;
        Ok(())
    }

    pub(crate) async fn commit(&self, user: &str, task: TaskId, units: i32) -> Result<(), Status> {
        let request = CommitQuotaRequest {
            user_id: user.to_owned(),
            task_id: task.to_string(),
            units,
        };
        self.user.clone().commit_quota(request).await?;
        Ok(())
    }

    /// Gives back what an execution of a task has set aside, or with 0 what
    /// was set aside before any.
    pub(crate) async fn release(
        &self,
        user: &str,
        task: TaskId,
        execution: i32,
    ) -> Result<(), Status> {
        let request = ReleaseQuotaRequest {
            user_id: user.to_owned(),
            task_id: task.to_string(),
            execution,
        };
        // Whoever was erased has no quota to give back to.
        known(self.user.clone().release_quota(request).await)?;
        Ok(())
    }

    pub(crate) async fn resolve(
        &self,
        template_id: &str,
        seed: u64,
        premium_allowed: bool,
    ) -> Result<Template, Status> {
        let request = ResolveTemplateRequest {
            template_id: template_id.to_owned(),
            seed,
            premium_allowed,
            ..ResolveTemplateRequest::default()
        };
        Ok(self
            .template
            .clone()
            .resolve_template(request)
            .await?
            .into_inner())
    }

    /// A template, or why the caller cannot have it.
    pub(crate) async fn template(
        &self,
        id: &str,
        premium_allowed: bool,
    ) -> Result<Result<Template, String>, Status> {
        match self.resolve(id, 0, premium_allowed).await {
            Ok(template) => Ok(Ok(template)),
            Err(status)
                if matches!(
                    status.code(),
                    Code::NotFound | Code::FailedPrecondition | Code::InvalidArgument
                ) =>
            {
                Ok(Err(status.message().to_owned()))
            }
            Err(status) => Err(status),
        }
    }

    /// A brand kit of the workspace the call is made in.
    pub(crate) async fn brand_kit(&self, id: &str) -> Result<BrandKit, Status> {
        let request = ResolveBrandKitRequest {
            brand_kit_id: id.to_owned(),
        };
        let kit = self.template.clone().resolve_brand_kit(request).await?;
        Ok(kit.into_inner())
    }

    pub(crate) async fn check(&self, texts: Vec<String>) -> Result<Verdict, Status> {
        let request = CheckTextRequest {
            texts,
            regions: Vec::new(),
        };
        Ok(self.safety.clone().check_text(request).await?.into_inner())
    }

    pub(crate) async fn screen(
        &self,
        texts: Vec<String>,
        subject: String,
    ) -> Result<Verdict, Status> {
        let request = ScreenTextRequest { texts, subject };
        Ok(self.safety.clone().screen_text(request).await?.into_inner())
    }

    pub(crate) async fn put_asset(
        &self,
        header: PutAssetHeader,
        bytes: Bytes,
    ) -> Result<Asset, Status> {
        let mut parts = vec![PutAssetRequest {
            part: Some(Part::Header(header)),
        }];
        let mut rest = bytes;
        while !rest.is_empty() {
            let chunk = rest.split_to(rest.len().min(CHUNK));
            parts.push(PutAssetRequest {
                part: Some(Part::Chunk(chunk)),
            });
        }
        let stream = tokio_stream::iter(parts);
        Ok(self.media.clone().put_asset(stream).await?.into_inner())
    }

    /// An asset of the workspace the call is made in.
    pub(crate) async fn asset(&self, id: AssetId) -> Result<Asset, Status> {
        let request = GetAssetRequest {
            asset_id: id.to_string(),
        };
        Ok(self.media.clone().get_asset(request).await?.into_inner())
    }

    /// The file of such an asset, refused once it is longer than `max_bytes`.
    pub(crate) async fn read_asset(&self, id: AssetId, max_bytes: usize) -> Result<Vec<u8>, Error> {
        let request = ReadAssetRequest {
            asset_id: id.to_string(),
        };
        let mut parts = self.media.clone().read_asset(request).await?.into_inner();
        let mut file = Vec::new();
        while let Some(part) = parts.message().await? {
            if file.len() + part.data.len() > max_bytes {
                return Err(Error::PictureUnreadable(format!(
                    "its file has more than {max_bytes} bytes"
                )));
            }
            file.extend_from_slice(&part.data);
        }
        Ok(file)
    }

    pub(crate) async fn delete_assets(&self, ids: &[AssetId]) -> Result<(), Status> {
        for batch in ids.chunks(DELETE_BATCH) {
            let request = DeleteAssetsRequest {
                asset_ids: batch.iter().map(ToString::to_string).collect(),
            };
            self.media.clone().delete_assets(request).await?;
        }
        Ok(())
    }
}
