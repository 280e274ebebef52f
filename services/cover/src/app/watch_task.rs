use std::sync::Arc;
use std::time::Duration;

use covergen_identity::Principal;
use covergen_ids::TaskId;
use covergen_mesh::CallContext;
use covergen_proto::task::v1::task::State;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::mpsc;

use super::{App, TaskView};
use crate::error::Error;
use crate::peers::Tasks;
use crate::store::entity::request;

/// How often a task is looked for that the queue does not have yet.
const PAUSE: Duration = Duration::from_millis(50);
/// How often, before the watcher is told to come back.
const TRIES: u32 = 600;

type Items = mpsc::Sender<Result<TaskView, Error>>;

impl App {
    /// The task now and at every change; ends after a terminal status.
    pub(crate) async fn watch_task(
        self: Arc<Self>,
        who: Principal,
        id: TaskId,
        after_version: u64,
    ) -> Result<BoxStream<'static, Result<TaskView, Error>>, Error> {
        // Refuses a foreign task before the stream begins.
        let first = self.own_view(&who, id).await?;
        let (items, stream) = mpsc::channel(8);
        let work = async move {
            if let Err(error) = self.follow(&who, first, after_version, &items).await {
                // Nobody may be listening any more, which is fine.
                drop(items.send(Err(error)).await);
            }
        };
        match CallContext::current() {
            Some(context) => tokio::spawn(context.with_deadline(None).scope(work)),
            None => tokio::spawn(work),
        };
        Ok(tokio_stream::wrappers::ReceiverStream::new(stream).boxed())
    }

    async fn follow(
        &self,
        who: &Principal,
        first: TaskView,
        after_version: u64,
        items: &Items,
    ) -> Result<(), Error> {
        let id = first.request.task_id;
        if first.request.status != request::Status::Open {
            drop(items.send(Ok(first)).await);
            return Ok(());
        }
        let mut told_pending = after_version > 0;
        for _ in 0..TRIES {
            let watched = tokio::select! {
                () = items.closed() => return Ok(()),
                () = self.shutdown.cancelled() => return Ok(()),
                watched = self.peers.watch(id, after_version) => watched?,
            };
            if let Some(tasks) = watched {
                return self.relay(who, id, tasks, items).await;
            }
            if !told_pending {
                told_pending = true;
                let view = self.own_view(who, id).await?;
                if items.send(Ok(view)).await.is_err() {
                    return Ok(());
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::NotSubmitted)
    }

    /// Passes the queue's word on, joined with what cover knows.
    async fn relay(
        &self,
        who: &Principal,
        id: TaskId,
        mut tasks: Tasks,
        items: &Items,
    ) -> Result<(), Error> {
        loop {
            let next = tokio::select! {
                () = items.closed() => return Ok(()),
                () = self.shutdown.cancelled() => return Ok(()),
                next = tasks.message() => next?,
            };
            let Some(task) = next else { return Ok(()) };
            let ended = matches!(
                task.state(),
                State::Succeeded | State::Failed | State::Cancelled
            );
            let mut view = self.own_view(who, id).await?;
            let known = view.request.status != request::Status::Open;
            view.task = Some(task);
            if items.send(Ok(view)).await.is_err() || ended || known {
                return Ok(());
            }
        }
    }
}
