//! Everything of one user: to hand out, and to erase.

use covergen_ids::{BulkId, CoverId, TaskId, UserId, WorkspaceId};
use covergen_store::{Error, Tx};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Statement,
};

use super::entity::{bulk, bulk_row, change, change_head, cover, generation_event, image, request};

/// Erases a user's rows, and those of the workspace that goes with them;
/// answers the tasks that were still at work.
pub(crate) async fn erase(
    tx: &Tx,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<Vec<(TaskId, WorkspaceId)>, Error> {
    let open: Vec<(TaskId, WorkspaceId)> = request::Entity::find()
        .select_only()
        .column(request::Column::TaskId)
        .column(request::Column::WorkspaceId)
        .filter(their_requests(user, workspace))
        .filter(request::Column::Status.eq(request::Status::Open))
        .into_tuple()
        .all(tx)
        .await?;
    for deletion in deletions(tx.get_database_backend(), user, workspace) {
        tx.execute_raw(deletion).await?;
    }
    Ok(open)
}

fn deletions(backend: DbBackend, user: UserId, workspace: Option<WorkspaceId>) -> Vec<Statement> {
    macro_rules! theirs {
        ($table:ident) => {
            Condition::any()
                .add($table::Column::UserId.eq(user))
                .add_option(workspace.map(|id| $table::Column::WorkspaceId.eq(id)))
        };
    }
    macro_rules! delete {
        ($table:ident where $condition:expr) => {
            $table::Entity::delete_many()
                .filter($condition)
                .build(backend)
        };
    }
    let covers = cover::Entity::find()
        .select_only()
        .column(cover::Column::Id)
        .filter(theirs!(cover));
    vec![
        // First what others lock who write the rest: they are waited for, and
        // what they wrote is there to be erased. Bulks before rows, as everybody
        // locks them.
        delete!(bulk where theirs!(bulk)),
        delete!(bulk_row where theirs!(bulk_row)),
        delete!(request where their_requests(user, workspace)),
        delete!(image where image::Column::CoverId.in_subquery(covers.into_query())),
        delete!(cover where theirs!(cover)),
        delete!(generation_event where theirs!(generation_event)),
        delete!(change_head where theirs!(change_head)),
        delete!(change where theirs!(change)),
    ]
}

/// Of a workspace, rows of bulks are in another index than the others.
fn their_requests(user: UserId, workspace: Option<WorkspaceId>) -> Condition {
    use request::Column;
    let within = |id, part| Condition::all().add(Column::WorkspaceId.eq(id)).add(part);
    Condition::any()
        .add(Column::UserId.eq(user))
        .add_option(workspace.map(|id| within(id, Column::BulkId.is_null())))
        .add_option(workspace.map(|id| within(id, Column::BulkId.is_not_null())))
}

/// A user's covers in any workspace, from after an id.
pub(crate) async fn covers(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<CoverId>,
    limit: u64,
) -> Result<Vec<cover::Model>, Error> {
    let mut query = cover::Entity::find().filter(cover::Column::UserId.eq(user));
    if let Some(after) = after {
        query = query.filter(cover::Column::Id.gt(after));
    }
    Ok(query
        .order_by_asc(cover::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// A user's requests in any workspace, from after a task.
pub(crate) async fn requests(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<TaskId>,
    limit: u64,
) -> Result<Vec<request::Model>, Error> {
    let mut query = request::Entity::find().filter(request::Column::UserId.eq(user));
    if let Some(after) = after {
        query = query.filter(request::Column::TaskId.gt(after));
    }
    Ok(query
        .order_by_asc(request::Column::TaskId)
        .limit(limit)
        .all(db)
        .await?)
}

/// What happened to a user's generations, from after `(task, sequence)`.
pub(crate) async fn events(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<(TaskId, i32)>,
    limit: u64,
) -> Result<Vec<generation_event::Model>, Error> {
    use generation_event::Column;
    let mut query = generation_event::Entity::find().filter(Column::UserId.eq(user));
    if let Some((task, sequence)) = after {
        query = query.filter(
            Condition::any().add(Column::TaskId.gt(task)).add(
                Condition::all()
                    .add(Column::TaskId.eq(task))
                    .add(Column::Sequence.gt(sequence)),
            ),
        );
    }
    Ok(query
        .order_by_asc(Column::TaskId)
        .order_by_asc(Column::Sequence)
        .limit(limit)
        .all(db)
        .await?)
}

/// The rows of a user's bulks, from after `(bulk, number)`.
pub(crate) async fn bulk_rows(
    db: &impl ConnectionTrait,
    user: UserId,
    after: Option<(BulkId, i32)>,
    limit: u64,
) -> Result<Vec<bulk_row::Model>, Error> {
    use bulk_row::Column;
    let mut query = bulk_row::Entity::find().filter(Column::UserId.eq(user));
    if let Some((bulk, row)) = after {
        query = query.filter(
            Condition::any().add(Column::BulkId.gt(bulk)).add(
                Condition::all()
                    .add(Column::BulkId.eq(bulk))
                    .add(Column::RowNumber.gt(row)),
            ),
        );
    }
    Ok(query
        .order_by_asc(Column::BulkId)
        .order_by_asc(Column::RowNumber)
        .limit(limit)
        .all(db)
        .await?)
}

#[cfg(test)]
mod tests {
    use covergen_ids::{Clock, UserId, WorkspaceId};
    use covergen_store::Store;
    use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

    use super::deletions;
    use crate::store::testing::open;

    /// Nothing of what erases somebody reads a table from one end to the other.
    async fn finds_all_by_indexes(store: &Store, explain: &str, column: &str, scan: &str) {
        let clock = store.clock();
        let (user, workspace) = (UserId::new(clock), WorkspaceId::new(clock));
        for of in [None, Some(workspace)] {
            for deletion in deletions(store.backend(), user, of) {
                let plan = plan(store, explain, &deletion, column).await;
                assert!(!plan.contains(scan), "{deletion}: {plan}");
            }
        }
    }

    async fn plan(store: &Store, explain: &str, of: &Statement, column: &str) -> String {
        let explained = Statement::from_string(store.backend(), format!("{explain} {of}"));
        let tx = store.begin().await.unwrap();
        if store.backend() == DbBackend::Postgres {
            // It reads from one end to the other what is as small as here.
            let forbid = "SET LOCAL enable_seqscan = off";
            tx.execute_unprepared(forbid).await.unwrap();
        }
        let lines = tx.query_all_raw(explained).await.unwrap();
        let lines = lines.iter().map(|line| line.try_get("", column).unwrap());
        lines.collect::<Vec<String>>().join("\n")
    }

    #[tokio::test]
    async fn sqlite_erases_a_person_without_a_look_at_others() {
        let clock = Clock::system();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/{{service}}.sqlite", folder.path().display());
        let store = open(url, &clock).await;
        finds_all_by_indexes(&store, "EXPLAIN QUERY PLAN", "detail", "SCAN").await;
        store.close().await;
    }

    #[tokio::test]
    async fn postgres_can_erase_a_person_without_a_look_at_others() {
        let clock = Clock::system();
        let databases = covergen_testkit::postgres_databases(&["cover"]).await;
        let store = open(databases.url().to_owned(), &clock).await;
        finds_all_by_indexes(&store, "EXPLAIN (COSTS OFF)", "QUERY PLAN", "Seq Scan").await;
        store.close().await;
    }
}
