//! What was told of what happened, and what others made of it, each of whom may
//! have heard it many times.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::databases::{number, text};
use super::work::Export;
use super::{Databases, Request};
use crate::fleet::SERVICES;

/// Things that happened, and how often each is to be found.
type Due = BTreeMap<String, i64>;

/// What became of all work.
pub(super) struct Ends<'a> {
    pub(super) requests: &'a BTreeMap<String, Request>,
    pub(super) exports: &'a BTreeMap<String, Export>,
}

impl Ends<'_> {
    fn requests(&self, are: impl Fn(&Request) -> bool) -> Due {
        let once = |(task, request)| (String::clone(task), i64::from(are(request)));
        self.requests.iter().map(once).collect()
    }

    fn exports(&self, are: impl Fn(&Export) -> bool) -> Due {
        let once = |(id, export)| (String::clone(id), i64::from(are(export)));
        self.exports.iter().map(once).collect()
    }
}

/// How often something is found that is due; what nobody expects counts, too.
fn compare(due: &Due, counts: &BTreeMap<String, i64>, what: &str, found: &mut Vec<String>) {
    let all: BTreeSet<&String> = due.keys().chain(counts.keys()).collect();
    for id in all {
        let of = |counts: &BTreeMap<String, i64>| counts.get(id).copied().unwrap_or_default();
        let (due, times) = (of(due), of(counts));
        if times != due {
            found.push(format!("{id}: {what} {times} times for {due}"));
        }
    }
}

/// Every end was told exactly once, and no outbox is stuck.
pub(super) async fn events(
    databases: &Databases,
    ends: &Ends<'_>,
    found: &mut Vec<String>,
) -> Result<()> {
    for (service, event, what, due) in [
        (
            "cover",
            "covergen.cover.v1.CoverGenerated",
            "was told to be made",
            ends.requests(Request::succeeded),
        ),
        (
            "cover",
            "covergen.cover.v1.CoverGenerationFailed",
            "was told to have failed",
            ends.requests(Request::gave_up),
        ),
        (
            "export",
            "covergen.export.v1.ExportReady",
            "was told to be ready",
            ends.exports(Export::has_ended),
        ),
    ] {
        let told = format!("outbox WHERE name = '{event}'");
        let told = databases.counts(service, "grouping_key", &told).await?;
        compare(&due, &told, what, found);
    }
    for service in SERVICES {
        let stuck = databases
            .texts(service, "id", "outbox WHERE sent_at_ms IS NULL")
            .await?;
        if !stuck.is_empty() {
            found.push(format!("{service}: {} outbox rows are stuck", stuck.len()));
        }
    }
    Ok(())
}

/// No event was given up.
pub(super) async fn dead_letters(databases: &Databases, found: &mut Vec<String>) -> Result<()> {
    for (stream, letters) in databases.dead_letters().await? {
        if letters > 0 {
            found.push(format!("{stream}: {letters} dead letters"));
        }
    }
    Ok(())
}

/// Notices and history have each end once.
pub(super) async fn news(
    databases: &Databases,
    ends: &Ends<'_>,
    found: &mut Vec<String>,
) -> Result<()> {
    for (kind, due) in [
        ("cover.generated", ends.requests(Request::succeeded)),
        ("export.ready", ends.exports(Export::succeeded)),
    ] {
        let notices = format!("notifications WHERE kind = '{kind}'");
        let notices = databases.counts("notification", "resource_id", &notices);
        compare(&due, &notices.await?, "was noticed", found);
    }
    for (kind, due) in [
        ("COVERS_MADE", ends.requests(Request::succeeded)),
        ("GENERATION_FAILED", ends.requests(Request::gave_up)),
        ("EXPORT_READY", ends.exports(Export::has_ended)),
    ] {
        let history = format!("history WHERE kind = '{kind}'");
        let history = databases.counts("user", "subject_id", &history).await?;
        compare(&due, &history, "is in the history", found);
    }
    Ok(())
}

/// Each cover counts once as a use of its template.
pub(super) async fn uses(databases: &Databases, found: &mut Vec<String>) -> Result<()> {
    let uses = "SELECT template_id, use_count FROM template_popularity";
    let mut counted = BTreeMap::new();
    for row in &databases.rows("template", uses).await? {
        counted.insert(text(row, "template_id")?, number(row, "use_count")?);
    }
    for (template, made) in databases.counts("cover", "template_id", "covers").await? {
        let counted = counted.get(&template).copied().unwrap_or_default();
        if counted != made {
            found.push(format!(
                "{template}: {made} covers were counted as {counted}"
            ));
        }
    }
    Ok(())
}
