//! gRPC in, gRPC out.

pub(crate) mod encode;

use std::pin::Pin;
use std::sync::Arc;

use covergen_chassis::{principal, reply, service_name};
use covergen_ids::TaskId;
use covergen_proto::task::v1::task_service_server::TaskService;
use covergen_proto::task::v1::{
    BatchGetTasksRequest, BatchGetTasksResponse, CancelTaskRequest, DeleteTaskRequest,
    FinishTaskRequest, GetQueueStatsRequest, GetSagaRequest, GetTaskRequest, HeartbeatRequest,
    HeartbeatResponse, LeaseTasksRequest, LeaseTasksResponse, ListDeadLettersRequest,
    ListDeadLettersResponse, ListTasksRequest, ListTasksResponse, QueueStats, RecordStepRequest,
    RecordStepResponse, RetryTaskRequest, Saga, SubmitTaskRequest, Task, WatchTaskRequest,
};
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use crate::app::{App, NewTask};
use crate::domain::owns;
use crate::error::Error;

pub(crate) struct Api(pub(crate) Arc<App>);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl TaskService for Api {
    type WatchTaskStream = Pin<Box<dyn Stream<Item = Result<Task, Status>> + Send>>;

    async fn submit_task(&self, request: Request<SubmitTaskRequest>) -> Answer<Task> {
        let request = request.into_inner();
        own_kind(&request.kind)?;
        let new = NewTask {
            id: parse("taskId", &request.task_id)?,
            workspace_id: parse("workspaceId", &request.workspace_id)?,
            kind: request.kind,
            payload: request.payload.to_vec(),
            priority: request.priority,
            delay_ms: request.delay_ms,
            max_attempts: request.max_attempts,
            saga_version: request.saga_version,
            on_behalf_of: request.on_behalf_of,
            traceparent: covergen_chassis::trace_parent(),
        };
        let task = self.0.submit_task(new).await.map_err(reply)?;
        Ok(Response::new(encode::task(task)))
    }

    async fn get_task(&self, request: Request<GetTaskRequest>) -> Answer<Task> {
        let workspace = principal()?.workspace_id;
        let id = task_id(&request.get_ref().task_id)?;
        let task = self.0.get_task(workspace, id).await.map_err(reply)?;
        Ok(Response::new(encode::task(task)))
    }

    async fn batch_get_tasks(
        &self,
        request: Request<BatchGetTasksRequest>,
    ) -> Answer<BatchGetTasksResponse> {
        let workspace = principal()?.workspace_id;
        let ids = request.get_ref().task_ids.iter();
        let ids = ids.map(|id| parse("taskIds", id));
        let ids: Vec<TaskId> = ids.collect::<Result<_, _>>()?;
        let tasks = self.0.batch_get_tasks(workspace, &ids).await;
        let tasks = tasks.map_err(reply)?.into_iter().map(encode::task);
        Ok(Response::new(BatchGetTasksResponse {
            tasks: tasks.collect(),
        }))
    }

    async fn watch_task(
        &self,
        request: Request<WatchTaskRequest>,
    ) -> Answer<Self::WatchTaskStream> {
        let workspace = principal()?.workspace_id;
        let request = request.into_inner();
        let id = task_id(&request.task_id)?;
        let watched = Arc::clone(&self.0)
            .watch_task(workspace, id, request.after_version)
            .await
            .map_err(reply)?;
        let stream = watched.map(|task| task.map(encode::task).map_err(reply));
        Ok(Response::new(Box::pin(stream)))
    }

    async fn cancel_task(&self, request: Request<CancelTaskRequest>) -> Answer<Task> {
        let workspace = principal()?.workspace_id;
        let id = task_id(&request.get_ref().task_id)?;
        let task = self.0.cancel_task(workspace, id).await.map_err(reply)?;
        Ok(Response::new(encode::task(task)))
    }

    async fn retry_task(&self, request: Request<RetryTaskRequest>) -> Answer<Task> {
        let operator = principal()?.user_id;
        let request = request.into_inner();
        let id = task_id(&request.task_id)?;
        let task = self.0.retry_task(operator, id, &request).await;
        Ok(Response::new(task.map_err(reply)?))
    }

    async fn delete_task(&self, request: Request<DeleteTaskRequest>) -> Answer<Task> {
        let id = task_id(&request.get_ref().task_id)?;
        let task = self.0.delete_task(id).await.map_err(reply)?;
        Ok(Response::new(encode::task(task)))
    }

    async fn get_queue_stats(&self, _: Request<GetQueueStatsRequest>) -> Answer<QueueStats> {
        Ok(Response::new(
            self.0.get_queue_stats().await.map_err(reply)?,
        ))
    }

    async fn list_dead_letters(
        &self,
        request: Request<ListDeadLettersRequest>,
    ) -> Answer<ListDeadLettersResponse> {
        let page = self
            .0
            .list_dead_letters(request.get_ref())
            .await
            .map_err(reply)?;
        Ok(Response::new(ListDeadLettersResponse {
            tasks: page.items.into_iter().map(encode::task).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn list_tasks(&self, request: Request<ListTasksRequest>) -> Answer<ListTasksResponse> {
        let page = self.0.list_tasks(request.get_ref()).await.map_err(reply)?;
        Ok(Response::new(ListTasksResponse {
            tasks: page.items.into_iter().map(encode::task).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_saga(&self, request: Request<GetSagaRequest>) -> Answer<Saga> {
        let id = task_id(&request.get_ref().task_id)?;
        let (task, journal) = self.0.get_saga(id).await.map_err(reply)?;
        Ok(Response::new(encode::saga(task, journal)))
    }

    async fn lease_tasks(&self, request: Request<LeaseTasksRequest>) -> Answer<LeaseTasksResponse> {
        let request = request.into_inner();
        for kind in &request.kinds {
            own_kind(kind)?;
        }
        let leased = self.0.lease_tasks(&request).await.map_err(reply)?;
        let lease_ms = self.0.config.lease_ms;
        Ok(Response::new(LeaseTasksResponse {
            tasks: leased
                .into_iter()
                .map(|leased| encode::leased(leased, lease_ms))
                .collect(),
        }))
    }

    async fn heartbeat(&self, request: Request<HeartbeatRequest>) -> Answer<HeartbeatResponse> {
        let request = request.into_inner();
        let id = task_id(&request.task_id)?;
        let task = self.0.heartbeat(id, &request).await.map_err(reply)?;
        Ok(Response::new(HeartbeatResponse {
            cancel_requested: task.cancel_requested && !task.pivoted,
            lease_ms: self.0.config.lease_ms,
        }))
    }

    async fn record_step(&self, request: Request<RecordStepRequest>) -> Answer<RecordStepResponse> {
        let request = request.into_inner();
        let id = task_id(&request.task_id)?;
        let task = self.0.record_step(id, &request).await.map_err(reply)?;
        Ok(Response::new(RecordStepResponse {
            cancel_requested: task.cancel_requested && !task.pivoted,
        }))
    }

    async fn finish_task(&self, request: Request<FinishTaskRequest>) -> Answer<Task> {
        let request = request.into_inner();
        let id = task_id(&request.task_id)?;
        let task = self.0.finish_task(id, &request).await.map_err(reply)?;
        Ok(Response::new(encode::task(task)))
    }
}

/// A service only touches kinds that begin with its own name; operators may
/// submit any.
fn own_kind(kind: &str) -> Result<(), Status> {
    let Some(service) = service_name() else {
        return Ok(());
    };
    if owns(&service, kind) || service.starts_with("bff-") {
        Ok(())
    } else {
        Err(reply(Error::ForeignKind(kind.to_owned())))
    }
}

fn task_id(text: &str) -> Result<TaskId, Status> {
    parse("taskId", text)
}

fn parse<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, Status>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| {
        reply(Error::Invalid {
            field,
            problem: error.to_string(),
        })
    })
}
