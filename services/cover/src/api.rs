//! gRPC in, gRPC out.

mod encode;

use std::pin::Pin;
use std::sync::Arc;

use covergen_chassis::{principal, reply};
use covergen_ids::{CoverId, TaskId};
use covergen_proto::cover::v1::cover_service_server::CoverService;
use covergen_proto::cover::v1::{
    CancelTaskRequest, Cover, CoverTask, Design, GenerateRequest, GenerateResponse,
    GetCoverRequest, GetDesignRequest, GetTaskRequest, ListCoversRequest, ListCoversResponse,
    PreviewRequest, WatchTaskRequest,
};
use covergen_proto::google::api::HttpBody;
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use crate::app::App;
use crate::error::Error;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl CoverService for Api {
    type WatchTaskStream = Pin<Box<dyn Stream<Item = Result<CoverTask, Status>> + Send>>;

    async fn generate(&self, request: Request<GenerateRequest>) -> Answer<GenerateResponse> {
        let who = principal()?;
        let answer = self.0.generate(&who, request.into_inner()).await;
        Ok(Response::new(answer.map_err(reply)?))
    }

    async fn preview(&self, request: Request<PreviewRequest>) -> Answer<HttpBody> {
        let who = principal()?;
        let file = self
            .0
            .preview(&who, request.into_inner())
            .await
            .map_err(reply)?;
        Ok(Response::new(HttpBody {
            content_type: file.encoding.file_format().media_type().to_owned(),
            data: file.bytes.into(),
            extensions: Vec::new(),
        }))
    }

    async fn get_task(&self, request: Request<GetTaskRequest>) -> Answer<CoverTask> {
        let who = principal()?;
        let id = task_id(&request.get_ref().task_id)?;
        let view = self.0.get_task(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::task(view)))
    }

    async fn watch_task(
        &self,
        request: Request<WatchTaskRequest>,
    ) -> Answer<Self::WatchTaskStream> {
        let who = principal()?;
        let request = request.into_inner();
        let id = task_id(&request.task_id)?;
        let watched = Arc::clone(&self.0)
            .watch_task(who, id, request.after_version)
            .await
            .map_err(reply)?;
        let stream = watched.map(|view| view.map(encode::task).map_err(reply));
        Ok(Response::new(Box::pin(stream)))
    }

    async fn cancel_task(&self, request: Request<CancelTaskRequest>) -> Answer<CoverTask> {
        let who = principal()?;
        let id = task_id(&request.get_ref().task_id)?;
        let view = self.0.cancel_task(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::task(view)))
    }

    async fn list_covers(&self, request: Request<ListCoversRequest>) -> Answer<ListCoversResponse> {
        let who = principal()?;
        let listed = self.0.list_covers(&who, request.get_ref()).await;
        let (covers, next_page_token) = listed.map_err(reply)?;
        Ok(Response::new(ListCoversResponse {
            covers: covers.into_iter().map(encode::cover).collect(),
            next_page_token,
        }))
    }

    async fn get_cover(&self, request: Request<GetCoverRequest>) -> Answer<Cover> {
        let who = principal()?;
        let id = cover_id(&request.get_ref().cover_id)?;
        let view = self.0.get_cover(&who, id).await.map_err(reply)?;
        Ok(Response::new(encode::cover(view)))
    }

    async fn get_design(&self, request: Request<GetDesignRequest>) -> Answer<Design> {
        let who = principal()?;
        let id = cover_id(&request.get_ref().cover_id)?;
        let view = self.0.get_cover(&who, id).await.map_err(reply)?;
        Ok(Response::new(Design {
            cover_id: view.cover.id.to_string(),
            document: view.cover.design_json,
            workspace_id: view.cover.workspace_id.to_string(),
            user_id: view.cover.user_id.to_string(),
        }))
    }
}

fn task_id(text: &str) -> Result<TaskId, Status> {
    text.parse()
        .map_err(|error| reply(Error::invalid("taskId", &error)))
}

fn cover_id(text: &str) -> Result<CoverId, Status> {
    text.parse()
        .map_err(|error| reply(Error::invalid("coverId", &error)))
}
