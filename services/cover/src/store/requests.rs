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

/// Whether somebody's request is still there.
pub(crate) async fn is_kept(db: &impl ConnectionTrait, task: TaskId) -> Result<bool, Error> {
    Ok(request::Entity::find_by_id(task).one(db).await?.is_some())
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
        let beyond = Condition::any()
            .add(Column::CreatedAtMs.lt(created))
            .add(same_moment);
        // Said apart it is where the index begins to be read; an alternative
        // only drops rows after they were.
        query = query
            .filter(Column::CreatedAtMs.lte(created))
            .filter(beyond);
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
    use sea_orm::{ConnectionTrait as _, DbBackend, QueryTrait as _, Statement};

    use super::{Principal, Status, TaskId, newest_first};
    use crate::store::testing::open;

    fn somebody(clock: &Clock) -> Principal {
        Principal {
            user_id: UserId::new(clock),
            workspace_id: WorkspaceId::new(clock),
            roles: Vec::new(),
            session_id: None,
            scopes: None,
        }
    }

    const ROWS: i64 = 6_000;

    /// Somebody's requests, a millisecond after one another; most are done, few
    /// are open, and every third is a row of a bulk.
    async fn fill(url: &str, who: &Principal) {
        let (user, workspace) = (who.user_id, who.workspace_id);
        let rows = format!(
            "INSERT INTO requests
                (task_id, workspace_id, user_id, status, order_json, created_at_ms, bulk_id)
             SELECT 'tsk_' || md5(i::text), '{workspace}', '{user}',
                CASE WHEN i % 500 = 1 THEN 'OPEN' ELSE 'SUCCEEDED' END,
                '{{}}', i, CASE WHEN i % 3 = 0 THEN 'blk' END
             FROM generate_series(1, {ROWS}) AS i"
        );
        for sql in [rows.as_str(), "VACUUM (ANALYZE) requests"] {
            covergen_testkit::postgres_execute(url, sql).await;
        }
    }

    /// Only somebody who has asked for much shows whether their rows are in
    /// order: a handful is sorted in no time.
    #[tokio::test]
    async fn postgres_reads_a_page_and_no_more_of_somebody_who_has_asked_for_much() {
        let clock = Clock::system();
        let databases = covergen_testkit::postgres_databases(&["cover"]).await;
        let store = open(databases.url(), &clock).await;
        let who = somebody(&clock);
        fill(&databases.url().replace("{service}", "cover"), &who).await;
        let middle = Some((ROWS / 2, TaskId::new(&clock)));
        for status in [None, Some(Status::Open), Some(Status::Succeeded)] {
            for after in [None, middle] {
                let list = newest_first(&who, status, after, 21).build(DbBackend::Postgres);
                let sql = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {list}");
                let explained = Statement::from_string(DbBackend::Postgres, sql);
                let lines = store.read().query_all_raw(explained).await.unwrap();
                let lines: Vec<String> = lines
                    .iter()
                    .map(|line| line.try_get("", "QUERY PLAN").unwrap())
                    .collect();
                let plan = lines.join("\n");
                assert!(plan.contains("using requests_by_"), "{status:?}: {plan}");
                assert!(!plan.contains("Sort"), "{status:?}: {plan}");
                let discarded: u64 = lines
                    .iter()
                    .filter_map(|line| line.split_once("Rows Removed by Filter: "))
                    .map(|(_, rows)| rows.parse::<u64>().unwrap())
                    .sum();
                assert!(discarded <= 21, "{status:?}: {plan}");
            }
        }
        store.close().await;
    }

    /// SQLite chooses without having seen any rows.
    #[tokio::test]
    async fn sqlite_reads_a_list_in_the_order_of_an_index() {
        let clock = Clock::system();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/{{service}}.sqlite", folder.path().display());
        let store = open(url, &clock).await;
        let who = somebody(&clock);
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
