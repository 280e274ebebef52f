//! What became of tasks: covers, rows of bulks, exports, and their files.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use covergen_objects::{Key, ObjectStore};

use super::databases::{number, text};
use super::{Databases, Request};

/// An export by its own account.
pub(super) struct Export {
    pub(super) status: String,
    pub(super) cover: String,
    task: String,
    /// Of a single file.
    asset: Option<String>,
}

impl Export {
    pub(super) fn has_ended(&self) -> bool {
        !matches!(self.status.as_str(), "PENDING" | "RUNNING")
    }

    pub(super) fn succeeded(&self) -> bool {
        self.status == "SUCCEEDED"
    }
}

/// All exports by id.
pub(super) async fn exports(databases: &Databases) -> Result<BTreeMap<String, Export>> {
    let rows = "SELECT id, status, cover_id, task_id, asset_id FROM exports";
    let rows = databases.rows("export", rows).await?;
    rows.iter()
        .map(|row| {
            let export = Export {
                status: text(row, "status")?,
                cover: text(row, "cover_id")?,
                task: text(row, "task_id")?,
                asset: row.try_get("", "asset_id")?,
            };
            Ok((text(row, "id")?, export))
        })
        .collect()
}

/// Every acknowledged generation has ended, in cover's eyes and the queue's
/// alike, and every export that there is.
pub(super) async fn tasks(
    databases: &Databases,
    acknowledged: &[String],
    requests: &BTreeMap<String, Request>,
    exports: &BTreeMap<String, Export>,
    found: &mut Vec<String>,
) -> Result<()> {
    let rows = "SELECT id, state, needs_operator, coalesce(error_message, '') AS why FROM tasks";
    let mut queue = BTreeMap::new();
    for row in &databases.rows("task", rows).await? {
        let task = text(row, "id")?;
        if row.try_get::<bool>("", "needs_operator")? {
            let why = text(row, "why")?;
            found.push(format!("{task}: left to an operator: {why}"));
        }
        queue.insert(task, text(row, "state")?);
    }
    for task in acknowledged {
        match (requests.get(task), queue.get(task)) {
            (Some(request), Some(state)) => {
                let status = &request.status;
                if status != state || status == "OPEN" {
                    found.push(format!(
                        "{task}: cover says {status}, the queue says {state}"
                    ));
                }
            }
            (None, _) => found.push(format!("{task}: acknowledged and lost")),
            (_, None) => found.push(format!("{task}: never reached the queue")),
        }
    }
    for (id, export) in exports {
        let status = &export.status;
        match queue.get(&export.task) {
            Some(state) if state == status && export.has_ended() => {}
            Some(state) => found.push(format!(
                "{id}: export says {status}, the queue has it {state}"
            )),
            None => found.push(format!("{id}: an export that never reached the queue")),
        }
    }
    Ok(())
}

/// What succeeded has each of its covers once; what did not has none. Its owner
/// may have deleted some since.
pub(super) async fn covers(
    databases: &Databases,
    requests: &BTreeMap<String, Request>,
    found: &mut Vec<String>,
) -> Result<()> {
    let made = databases.counts("cover", "task_id", "covers").await?;
    let deleted = "generation_events WHERE kind = 'DELETED'";
    let deleted = databases.counts("cover", "task_id", deleted).await?;
    let of =
        |counts: &BTreeMap<String, i64>, task: &str| counts.get(task).copied().unwrap_or_default();
    for (task, request) in requests {
        let due = if request.succeeded() {
            request.units
        } else {
            0
        };
        let (made, deleted) = (of(&made, task), of(&deleted, task));
        if made + deleted != due {
            let status = &request.status;
            found.push(format!("{task}: {status} with {made} covers for {due}"));
        }
    }
    let orphans = made.keys().filter(|task| !requests.contains_key(*task));
    found.extend(orphans.map(|task| format!("{task}: covers without a request")));
    Ok(())
}

/// Every row of a bulk has ended, and as its request has.
pub(super) async fn rows_of_bulks(
    databases: &Databases,
    requests: &BTreeMap<String, Request>,
    found: &mut Vec<String>,
) -> Result<()> {
    let rows = "SELECT bulk_id, row_number, state, COALESCE(task_id, '') AS task_id
        FROM bulk_rows";
    for row in &databases.rows("cover", rows).await? {
        let (bulk, number) = (text(row, "bulk_id")?, number(row, "row_number")?);
        let (state, task) = (text(row, "state")?, text(row, "task_id")?);
        let status = requests.get(&task).map(|request| request.status.as_str());
        let fits = match state.as_str() {
            "SUCCEEDED" => status == Some("SUCCEEDED"),
            // It may have ended before it had one.
            "FAILED" | "CANCELLED" => status.is_none_or(|status| status == state),
            _ => false,
        };
        if !fits {
            let status = status.unwrap_or("NONE");
            found.push(format!(
                "{bulk}: row {number} is {state}, its request {status}"
            ));
        }
    }
    Ok(())
}

/// Pictures of covers and files of exports are stored, and nothing that was
/// generated is stored besides. Uploads are people's own.
pub(super) async fn images(
    databases: &Databases,
    exports: &BTreeMap<String, Export>,
    found: &mut Vec<String>,
) -> Result<()> {
    let shown = databases.texts("cover", "asset_id", "images").await?;
    let stored = "assets WHERE kind = 'GENERATED'";
    let stored = databases.texts("media", "id", stored).await?;
    let mut shown: BTreeSet<String> = shown.into_iter().collect();
    let files = exports.values().filter(|export| export.succeeded());
    shown.extend(files.filter_map(|export| export.asset.clone()));
    let parts = "SELECT export_id, asset_id FROM export_files
        WHERE asset_id IS NOT NULL AND status = 'SUCCEEDED'";
    for row in &databases.rows("export", parts).await? {
        let archive = exports.get(&text(row, "export_id")?);
        if archive.is_some_and(Export::succeeded) {
            shown.insert(text(row, "asset_id")?);
        }
    }
    let stored: BTreeSet<String> = stored.into_iter().collect();
    let differ = |these: &BTreeSet<String>, those: &BTreeSet<String>, why: &str| {
        let missing = these.difference(those);
        missing.map(|id| format!("{id}: {why}")).collect::<Vec<_>>()
    };
    found.extend(differ(&shown, &stored, "shown and not stored"));
    found.extend(differ(&stored, &shown, "stored and never shown"));
    Ok(())
}

/// Every stored asset has its object, of its size.
pub(super) async fn files(
    databases: &Databases,
    objects: &dyn ObjectStore,
    found: &mut Vec<String>,
) -> Result<()> {
    let assets = "SELECT id, object_key, bytes FROM assets";
    for row in &databases.rows("media", assets).await? {
        let (asset, bytes) = (text(row, "id")?, number(row, "bytes")?);
        let key = Key::parse(&text(row, "object_key")?)?;
        match objects.head(&key).await {
            Ok(meta) if i64::try_from(meta.size_bytes) == Ok(bytes) => {}
            Ok(meta) => found.push(format!("{asset}: {} bytes of {bytes}", meta.size_bytes)),
            Err(error) => found.push(format!("{asset}: {error}")),
        }
    }
    Ok(())
}
