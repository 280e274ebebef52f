//! Requests for covers, as their owners find them.

use covergen_identity::Principal;
use covergen_ids::TaskId;
use covergen_store::Error;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};

use super::entity::request::{self, Column, Status};

/// A request of the caller's.
pub(crate) async fn request(
    db: &impl ConnectionTrait,
    who: &Principal,
    task: TaskId,
) -> Result<Option<request::Model>, Error> {
    Ok(mine(who).filter(Column::TaskId.eq(task)).one(db).await?)
}

/// The caller's requests, newest first, from after `(created, task)`. The rows
/// of bulks, which may be thousands, are left out.
pub(crate) async fn requests(
    db: &impl ConnectionTrait,
    who: &Principal,
    status: Option<Status>,
    after: Option<(i64, TaskId)>,
    limit: u64,
) -> Result<Vec<request::Model>, Error> {
    Ok(newest_first(who, status, after, limit).all(db).await?)
}

fn newest_first(
    who: &Principal,
    status: Option<Status>,
    after: Option<(i64, TaskId)>,
    limit: u64,
) -> Select<request::Entity> {
    let mut query = mine(who).filter(Column::BulkId.is_null());
    if let Some(status) = status {
        query = query.filter(Column::Status.eq(status));
    }
    if let Some((created, task)) = after {
        let same_moment = Condition::all()
            .add(Column::CreatedAtMs.eq(created))
            .add(Column::TaskId.lt(task));
        query = query.filter(
            Condition::any()
                .add(Column::CreatedAtMs.lt(created))
                .add(same_moment),
        );
    }
    query
        .order_by_desc(Column::CreatedAtMs)
        .order_by_desc(Column::TaskId)
        .limit(limit)
}

fn mine(who: &Principal) -> Select<request::Entity> {
    request::Entity::find()
        .filter(Column::WorkspaceId.eq(who.workspace_id))
        .filter(Column::UserId.eq(who.user_id))
}

#[cfg(test)]
mod tests {
    use covergen_ids::{Clock, UserId, WorkspaceId};
    use covergen_store::{Store, StoreConfig};
    use sea_orm::{ConnectionTrait as _, DbBackend, QueryTrait as _, Statement};

    use super::{Principal, Status, TaskId, newest_first};
    use crate::store::migrations;

    /// PostgreSQL's plans are looked at with many rows, where it chooses; SQLite
    /// chooses without having seen any.
    #[tokio::test]
    async fn sqlite_reads_a_list_in_the_order_of_an_index() {
        let clock = Clock::system();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/{{service}}.sqlite", folder.path().display());
        let config = StoreConfig::from_url(url);
        let store = Store::open(&config, "cover", clock.clone()).await.unwrap();
        store.migrate(migrations()).await.unwrap();
        let who = Principal {
            user_id: UserId::new(&clock),
            workspace_id: WorkspaceId::new(&clock),
            roles: Vec::new(),
            session_id: None,
            scopes: None,
        };
        let place = Some((clock.now_ms(), TaskId::new(&clock)));
        for (status, after, index) in [
            (Some(Status::Open), None, "requests_by_status"),
            (Some(Status::Open), place, "requests_by_status"),
            (None, None, "requests_by_owner"),
            (None, place, "requests_by_owner"),
        ] {
            let list = newest_first(&who, status, after, 21).build(DbBackend::Sqlite);
            let sql = format!("EXPLAIN QUERY PLAN {list}");
            let explained = Statement::from_string(DbBackend::Sqlite, sql);
            let steps = store.read().query_all_raw(explained).await.unwrap();
            let steps: Vec<String> = steps
                .iter()
                .map(|step| step.try_get("", "detail").unwrap())
                .collect();
            // One step: nothing is sorted afterwards.
            assert_eq!(steps.len(), 1, "{steps:?}");
            assert!(steps[0].contains(index), "{status:?}: {steps:?}");
        }
        store.close().await;
    }
}
