//! What people were told, compared with what is there.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;

use super::Databases;
use super::databases::text;
use super::work::Export;
use crate::log::Entry;

/// Whoever was registered is there, every key led to one task or export at
/// most, and to the one that was answered.
pub(super) async fn answers(
    databases: &Databases,
    entries: &[Entry],
    exports: &BTreeMap<String, Export>,
    found: &mut Vec<String>,
) -> Result<()> {
    let users = databases.texts("user", "user_id", "profiles").await?;
    let users: BTreeSet<String> = users.into_iter().collect();
    let by_title = by_title(databases).await?;
    let of_cover = |cover: &str| exports.values().filter(|e| e.cover == cover).count();
    let bulks = databases.counts("cover", "bulk_id", "bulk_rows").await?;
    let mut titles: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in entries {
        match entry {
            Entry::Registered { user } => {
                if !users.contains(user) {
                    found.push(format!("{user}: registered and lost"));
                }
            }
            Entry::Asked { key, title, .. } => {
                titles.insert(key, title);
                let tasks = by_title.get(title).map_or(0, BTreeSet::len);
                if tasks > 1 {
                    found.push(format!("{key}: became {tasks} tasks"));
                }
            }
            Entry::Acknowledged { key, task } => {
                let title = titles.get(key.as_str()).copied().unwrap_or_default();
                let tasks = by_title.get(title);
                if !tasks.is_some_and(|tasks| tasks.contains(task)) {
                    found.push(format!("{key}: is not the task that was answered"));
                }
            }
            Entry::AskedForFile { key, cover } => {
                let files = of_cover(cover);
                if files > 1 {
                    found.push(format!("{key}: became {files} exports"));
                }
            }
            Entry::FileAcknowledged { key, export } => {
                if !exports.contains_key(export) {
                    found.push(format!("{key}: an export that was promised is lost"));
                }
            }
            Entry::AskedForMany { key, titles } => {
                for title in titles {
                    let tasks = by_title.get(title).map_or(0, BTreeSet::len);
                    if tasks > 1 {
                        found.push(format!("{key}: a row became {tasks} tasks"));
                    }
                }
            }
            Entry::ManyAcknowledged { key, bulk, rows } => {
                let kept = bulks.get(bulk).copied().unwrap_or_default();
                if usize::try_from(kept) != Ok(*rows) {
                    found.push(format!("{key}: has {kept} rows of {rows}"));
                }
            }
            Entry::Failed { .. } => {}
        }
    }
    Ok(())
}

/// The tasks that were made of each title.
async fn by_title(databases: &Databases) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut by_title: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let rows = "SELECT task_id, order_json FROM requests";
    for row in &databases.rows("cover", rows).await? {
        let order: Value = serde_json::from_str(&text(row, "order_json")?)?;
        let title = order["title"].as_str().unwrap_or_default().to_owned();
        let tasks = by_title.entry(title).or_default();
        tasks.insert(text(row, "task_id")?);
    }
    Ok(by_title)
}
