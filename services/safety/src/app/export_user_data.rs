use std::sync::Arc;

use covergen_chassis::timestamp;
use covergen_ids::{AppealId, UserId, ViolationId};
use covergen_proto::privacy::v1::UserDataChunk;
use futures::stream::{self, BoxStream, StreamExt as _};
use serde_json::{Value, json};

use super::App;
use crate::error::Error;
use crate::store::appeals::From;
use crate::store::entity::{appeal, violation};
use crate::store::violations::Narrowed;
use crate::store::{Whose, appeals, violations};

/// Rows of a piece: far less than a message may hold.
const ROWS: u64 = 100;

impl App {
    /// What is kept of a person: their violations and appeals, one JSON object
    /// a line.
    pub(crate) fn export_user_data(
        self: Arc<Self>,
        user: UserId,
    ) -> BoxStream<'static, Result<UserDataChunk, Error>> {
        let app = Arc::clone(&self);
        let violations = stream::try_unfold(Some(None::<ViolationId>), move |from| {
            let app = Arc::clone(&app);
            async move {
                let Some(before) = from else { return Ok(None) };
                let (db, to) = (app.store.read(), Narrowed::default());
                let rows = violations::list(db, Whose::Of(user), &to, before, ROWS).await?;
                let next = rows.last().map(|row| Some(row.id));
                let chunk = chunk("violations.jsonl", rows.iter().map(violation));
                Ok::<_, Error>(next.map(|next| (chunk, Some(next))))
            }
        });
        let appeals = stream::try_unfold(Some(None::<AppealId>), move |from| {
            let app = Arc::clone(&self);
            async move {
                let Some(before) = from else { return Ok(None) };
                let from = before.map_or(From::Start, From::Before);
                let db = app.store.read();
                let rows = appeals::list(db, Whose::Of(user), None, from, ROWS).await?;
                let next = rows.last().map(|row| Some(row.id));
                let chunk = chunk("appeals.jsonl", rows.iter().map(appeal));
                Ok::<_, Error>(next.map(|next| (chunk, Some(next))))
            }
        });
        violations.chain(appeals).boxed()
    }
}

fn chunk(path: &str, rows: impl Iterator<Item = Value>) -> UserDataChunk {
    let lines: String = rows.map(|row| format!("{row}\n")).collect();
    UserDataChunk {
        path: path.to_owned(),
        data: lines.into_bytes().into(),
    }
}

fn violation(row: &violation::Model) -> Value {
    json!({
        "id": row.id.to_string(),
        "workspaceId": row.workspace_id.to_string(),
        "subject": row.subject,
        "ruleId": row.rule_id,
        "ruleVersion": row.rule_version,
        "category": row.category,
        "region": row.region,
        "score": row.score,
        "isImage": row.is_image,
        "partIndex": row.text_index,
        "start": row.match_start,
        "end": row.match_end,
        "createTime": timestamp(row.created_at_ms).to_string(),
    })
}

fn appeal(row: &appeal::Model) -> Value {
    json!({
        "id": row.id.to_string(),
        "violationId": row.violation_id.to_string(),
        "reason": row.reason,
        "decisionReason": row.decision_reason,
        "createTime": timestamp(row.created_at_ms).to_string(),
        "resolveTime": row.resolved_at_ms.map(|at| timestamp(at).to_string()),
    })
}
