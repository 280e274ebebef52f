use covergen_ids::TaskId;

use super::App;
use crate::error::Error;
use crate::store;
use crate::store::entity::task;

impl App {
    /// Deletes a task that has ended, journals included.
    pub(crate) async fn delete_task(&self, id: TaskId) -> Result<task::Model, Error> {
        let tx = self.store.begin().await?;
        // Nobody lets it begin anew meanwhile.
        let task = store::locked_task(&tx, id).await?;
        let task = task.ok_or(Error::TaskNotFound)?;
        if !task.state.is_terminal() {
            return Err(Error::NotEnded(task.state.as_str()));
        }
        store::delete(&tx, id).await?;
        tx.commit().await?;
        Ok(task)
    }
}
