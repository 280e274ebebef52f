//! What task emits and hears.

use std::sync::Arc;

use covergen_chassis::{Event, HandlerError, Subscription};
use covergen_proto::task::v1::TaskStateChanged;
use covergen_store::{Error, EventDraft, Tx};

use crate::app::App;
use crate::store::entity::task;
use covergen_proto::user::v1::UserDeleted;

/// The tasks of a person who left go with them. Deleting twice does nothing
/// more: no inbox row is needed.
pub(crate) fn subscription(app: &Arc<App>) -> Subscription {
    let app = Arc::clone(app);
    Subscription::new("user", "task").on(move |event: Event<UserDeleted>| {
        let app = Arc::clone(&app);
        async move {
            let poison = |error| HandlerError::Poison(Box::new(error));
            let user = event.message.user_id.parse().map_err(poison)?;
            let personal = event.message.workspace_id.parse().map_err(poison)?;
            app.erase_user(user, personal)
                .await
                .map_err(HandlerError::retry)
        }
    })
}

/// A task entered a state.
pub(crate) async fn state_changed(tx: &Tx, task: &task::Model) -> Result<(), Error> {
    let event = TaskStateChanged {
        task_id: task.id.to_string(),
        kind: task.kind.clone(),
        execution: task.execution,
        state: task.state.as_str().to_owned(),
        attempt: task.attempt,
    };
    tx.emit(EventDraft::new(&task.id, task.workspace_id, &event))
        .await?;
    Ok(())
}
