use std::sync::Arc;

use covergen_ids::{TaskId, WorkspaceId};
use futures::StreamExt as _;
use futures::stream::BoxStream;

use super::App;
use crate::error::Error;
use crate::store::entity::task;

impl App {
    /// The task now and at every change, from after a version; ends after a
    /// terminal state. Changes that follow each other closely may be seen as one.
    pub(crate) async fn watch_task(
        self: Arc<Self>,
        workspace: WorkspaceId,
        id: TaskId,
        after_version: u64,
    ) -> Result<BoxStream<'static, Result<task::Model, Error>>, Error> {
        // Listening begins before the first look, so nothing falls in between.
        let changes = self.live.changes(&id.to_string()).await?;
        self.get_task(workspace, id).await?;
        let first = futures::stream::once(async {});
        let seen = i64::try_from(after_version).unwrap_or(i64::MAX);
        let stream = first.chain(changes);
        let stop = self.shutdown.clone();
        Ok(futures::stream::unfold(
            (self, Box::pin(stream), seen, false),
            move |(app, mut changes, mut seen, mut ended)| async move {
                while !ended {
                    changes.next().await?;
                    let task = match app.get_task(workspace, id).await {
                        Ok(task) => task,
                        Err(error) => return Some((Err(error), (app, changes, seen, true))),
                    };
                    ended = task.state.is_terminal();
                    // A terminal state is always told, however much was seen.
                    if task.version > seen || ended {
                        seen = task.version;
                        return Some((Ok(task), (app, changes, seen, ended)));
                    }
                }
                None
            },
        )
        .take_until(async move { stop.cancelled().await })
        .boxed())
    }
}
