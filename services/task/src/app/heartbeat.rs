use covergen_ids::TaskId;
use covergen_proto::task::v1::HeartbeatRequest;

use super::App;
use crate::error::Error;
use crate::store;
use crate::store::entity::task;

impl App {
    /// Renews a lease and takes progress down.
    pub(crate) async fn heartbeat(
        &self,
        id: TaskId,
        request: &HeartbeatRequest,
    ) -> Result<task::Model, Error> {
        let token = fencing(request.fencing_token);
        let tx = self.store.begin().await?;
        let before = Self::held(&tx, id, token).await?;
        let until = tx.lease_now_ms() + i64::from(self.config.lease_ms);
        let mut after = before.clone();
        advance(&mut after, request.progress_percent, &request.stage);
        if after == before {
            // Nobody sees a renewed lease, so the version stays.
            store::renew_lease(&tx, id, token, until).await?;
        } else {
            after.lease_until_ms = Some(until);
        }
        self.commit_change(tx, &before, after).await
    }
}

/// Progress never falls, and an empty stage means no news.
pub(crate) fn advance(task: &mut task::Model, progress_percent: i32, stage: &str) {
    task.progress_percent = task.progress_percent.max(progress_percent.min(99));
    if !stage.is_empty() {
        stage.clone_into(&mut task.stage);
    }
}

/// The token as it is stored; one that was never given out matches nothing.
pub(crate) fn fencing(token: u64) -> i64 {
    i64::try_from(token).unwrap_or(-1)
}
