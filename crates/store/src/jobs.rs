//! What operators ask of the processes that run a service, as rows: whoever
//! runs the service carries them out, also after a restart.

use sea_orm::QueryResult;
use uuid::Uuid;

use crate::sql::binds;
use crate::{Result, Store, Tx, sql};

const COLUMNS: &str = "id, kind, subject, arguments, state, detail";

/// Something that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// To what.
    pub subject: String,
    /// How, as the kind has it.
    pub arguments: String,
    /// Whether it was done.
    pub state: JobState,
    /// How far it is, what came of it, or why it failed.
    pub detail: String,
}

/// What became of a [`Job`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It waits, or somebody is at it.
    Waiting,
    /// It was done.
    Done,
    /// It cannot be done.
    Failed,
}

impl Store {
    /// Asks for something; answers the job's id.
    ///
    /// # Errors
    /// The database's.
    pub async fn request_job(&self, kind: &str, subject: &str, arguments: &str) -> Result<String> {
        let id = Uuid::now_v7().to_string();
        let now_ms = self.clock.now_ms();
        sql::execute(
            &self.pools.write,
            "INSERT INTO event_jobs (id, kind, subject, arguments, state, created_at_ms,
                updated_at_ms) VALUES ($1, $2, $3, $4, 'waiting', $5, $5)",
            binds![id.clone(), kind, subject, arguments, now_ms],
        )
        .await?;
        Ok(id)
    }

    /// A job, unless it was purged.
    ///
    /// # Errors
    /// The database's.
    pub async fn job(&self, id: &str) -> Result<Option<Job>> {
        let sql = format!("SELECT {COLUMNS} FROM event_jobs WHERE id = $1");
        let row = sql::one(self.read(), sql, binds![id]).await?;
        row.as_ref().map(read).transpose()
    }

    /// Whether a job of this kind is to be done to something.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_job_waiting(&self, kind: &str, subject: &str) -> Result<bool> {
        let found = sql::one(
            self.read(),
            "SELECT 1 FROM event_jobs WHERE kind = $1 AND subject = $2 AND state = 'waiting'
             LIMIT 1",
            binds![kind, subject],
        )
        .await?;
        Ok(found.is_some())
    }

    /// Takes the oldest job that nobody is at, for `lease_ms`.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_job(&self, owner: &str, lease_ms: i64) -> Result<Option<Job>> {
        // Most looks find nothing, and then nothing is written.
        let any = "SELECT 1 FROM event_jobs WHERE state = 'waiting' LIMIT 1";
        if sql::one(self.read(), any, vec![]).await?.is_none() {
            return Ok(None);
        }
        let now = self.now_sql(1);
        let sql = format!(
            "UPDATE event_jobs SET lease_owner = $2, lease_until_ms = {now} + $3
             WHERE state = 'waiting' AND lease_until_ms <= {now} AND id =
                (SELECT id FROM event_jobs WHERE state = 'waiting' AND lease_until_ms <= {now}
                 ORDER BY id LIMIT 1)
             RETURNING {COLUMNS}"
        );
        let values = binds![self.lease_now_bind(), owner, lease_ms];
        let row = sql::one(&self.pools.write, sql, values).await?;
        row.as_ref().map(read).transpose()
    }

    /// Notes how far a job is and holds it for `lease_ms` more; `false` when
    /// somebody else has it by now.
    ///
    /// # Errors
    /// The database's.
    pub async fn note_job(
        &self,
        id: &str,
        owner: &str,
        lease_ms: i64,
        detail: &str,
    ) -> Result<bool> {
        let now = self.now_sql(1);
        let noted = sql::execute(
            &self.pools.write,
            format!(
                "UPDATE event_jobs SET lease_until_ms = {now} + $4, detail = $5,
                    updated_at_ms = $6
                 WHERE id = $2 AND lease_owner = $3 AND state = 'waiting'"
            ),
            binds![
                self.lease_now_bind(),
                id,
                owner,
                lease_ms,
                detail,
                self.clock.now_ms()
            ],
        )
        .await?;
        Ok(noted.rows_affected() == 1)
    }

    /// Ends a job, with what came of it or why it cannot be done.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish_job(
        &self,
        id: &str,
        owner: &str,
        outcome: Result<&str, &str>,
    ) -> Result<()> {
        let (state, detail) = match outcome {
            Ok(detail) => ("done", detail),
            Err(detail) => ("failed", detail),
        };
        sql::execute(
            &self.pools.write,
            "UPDATE event_jobs SET state = $3, detail = $4, updated_at_ms = $5
             WHERE id = $1 AND lease_owner = $2 AND state = 'waiting'",
            binds![id, owner, state, detail, self.clock.now_ms()],
        )
        .await?;
        Ok(())
    }
}

impl Tx {
    /// Changes how a job is to be done, for whoever takes it up again; `false`
    /// when somebody else has it by now.
    ///
    /// # Errors
    /// The database's.
    pub async fn amend_job(&self, id: &str, owner: &str, arguments: &str) -> Result<bool> {
        let amended = sql::execute(
            self,
            "UPDATE event_jobs SET arguments = $3
             WHERE id = $1 AND lease_owner = $2 AND state = 'waiting'",
            binds![id, owner, arguments],
        )
        .await?;
        Ok(amended.rows_affected() == 1)
    }
}

fn read(row: &QueryResult) -> Result<Job> {
    let state: String = row.try_get("", "state")?;
    Ok(Job {
        id: row.try_get("", "id")?,
        kind: row.try_get("", "kind")?,
        subject: row.try_get("", "subject")?,
        arguments: row.try_get("", "arguments")?,
        state: match state.as_str() {
            "done" => JobState::Done,
            "failed" => JobState::Failed,
            _ => JobState::Waiting,
        },
        detail: row.try_get("", "detail")?,
    })
}
