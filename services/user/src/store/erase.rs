//! What goes with a person.

use covergen_ids::{UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::entity::{
    data_export, history, ledger, member, period, preference, profile, reservation, workspace,
};

/// Removes every row that is a person's.
pub(crate) async fn user(tx: &Tx, user: UserId, workspace: WorkspaceId) -> Result<(), Error> {
    macro_rules! delete {
        ($($entity:ident by $column:ident of $owner:expr;)*) => {$(
            $entity::Entity::delete_many()
                .filter($entity::Column::$column.eq($owner))
                .exec(tx)
                .await?;
        )*};
    }
    delete! {
        reservation by UserId of user;
        ledger by UserId of user;
        period by UserId of user;
        history by UserId of user;
        preference by UserId of user;
        data_export by UserId of user;
        member by UserId of user;
        member by WorkspaceId of workspace;
        workspace by WorkspaceId of workspace;
        profile by UserId of user;
    }
    Ok(())
}
