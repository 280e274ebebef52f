//! Those who want covers. They ask until they are answered, and remember it.

use std::time::Duration;

use covergen_mesh::Channel;
use covergen_proto::cover::v1::cover_service_client::CoverServiceClient;
use covergen_proto::cover::v1::{GenerateRequest, Size, cover_service_client};
use covergen_proto::task::v1::{CancelTaskRequest, task_service_client};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tonic::Code;

use crate::plan::Request;
use crate::rpc::{Ended, Node};
use crate::world::{Answer, World};

/// Makes all requests of the plan; ends when each is answered.
pub(crate) async fn run(name: &'static str, world: World) -> Ended {
    let node = Node::new(name, &world)?;
    let mut asking = JoinSet::new();
    for request in world.plan().requests.clone() {
        asking.spawn(ask(node.clone(), request));
    }
    while let Some(asked) = asking.join_next().await {
        asked?;
    }
    Ok(())
}

async fn ask(node: Node, request: Request) {
    sleep(Duration::from_millis(request.at_ms)).await;
    let client = cover_service_client(node.channel("cover"));
    let answer = until_answered(&node, client.clone(), &request).await;
    if let (Answer::Accepted(task), Some(after_ms)) = (&answer, request.cancelled_after_ms) {
        sleep(Duration::from_millis(after_ms)).await;
        let mut tasks = task_service_client(node.channel("task"));
        let cancel = CancelTaskRequest {
            task_id: task.clone(),
        };
        // Whether it comes in time is nobody's promise.
        let told = tasks.cancel_task(cancel).await.is_ok();
        node.note(format_args!("cancels {task}: {told}"));
    }
    if request.again {
        sleep(Duration::from_millis(rand::random_range(1..500))).await;
        until_answered(&node, client, &request).await;
    }
}

async fn until_answered(
    node: &Node,
    mut client: CoverServiceClient<Channel>,
    request: &Request,
) -> Answer {
    let generate = GenerateRequest {
        title: request.wish.to_string(),
        request_id: request.key.clone(),
        sizes: vec![Size {
            preset: "youtube".to_owned(),
            ..Size::default()
        }],
        ..GenerateRequest::default()
    };
    loop {
        let answer = match client.generate(generate.clone()).await {
            Ok(response) => Answer::Accepted(response.into_inner().task_id),
            Err(status) if status.code() == Code::FailedPrecondition => Answer::Refused,
            Err(_) => {
                sleep(Duration::from_millis(rand::random_range(50..300))).await;
                continue;
            }
        };
        node.note(format_args!("{} is answered: {answer:?}", request.key));
        let mut record = node.world.record();
        record.answers.push((request.key.clone(), answer.clone()));
        return answer;
    }
}
