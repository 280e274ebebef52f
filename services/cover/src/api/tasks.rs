use covergen_chassis::{principal, reply};
use covergen_proto::cover::v1::cover_task_service_server::CoverTaskService;
use covergen_proto::cover::v1::{ListTasksRequest, ListTasksResponse};
use tonic::{Request, Response};

use super::{Answer, Api, encode};

#[tonic::async_trait]
impl CoverTaskService for Api {
    async fn list_tasks(&self, request: Request<ListTasksRequest>) -> Answer<ListTasksResponse> {
        let who = principal()?;
        let listed = self.0.list_tasks(&who, request.get_ref()).await;
        let (tasks, next_page_token) = listed.map_err(reply)?;
        Ok(Response::new(ListTasksResponse {
            tasks: tasks.into_iter().map(encode::task).collect(),
            next_page_token,
        }))
    }
}
