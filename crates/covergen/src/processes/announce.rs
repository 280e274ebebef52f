//! Telling that everything runs, and where.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::Fleet;
use super::child::Child;
use super::plan::{Planned, Told};

/// Prints one line of JSON, or a page for people. Where nobody reads, what was
/// started goes on.
pub(super) fn ready(fleet: &Fleet, told: &Told, certificates: &Path, json: bool) {
    // Who configured identities has their certificates elsewhere.
    let certificates = (!told.identities.is_empty()).then_some(certificates);
    let mut out = std::io::stdout();
    let _ = if json {
        writeln!(out, "{}", line(fleet, told, certificates))
    } else {
        page(&mut out, fleet, certificates)
    };
}

fn line(fleet: &Fleet, told: &Told, certificates: Option<&Path>) -> Value {
    let addresses = &told.addresses;
    let mut told = Map::from_iter([("ready".to_owned(), Value::from(true))]);
    for (planned, _) in fleet.bffs.iter().rev() {
        // Of several the first remains, which is at its usual port.
        let short = planned.role.trim_start_matches("bff-");
        told.insert(short.to_owned(), url(planned).into());
    }
    let engines = fleet.engines.iter().map(|engine| {
        // Only private ones are here, whose addresses bear no password.
        let url = match engine.name() {
            "postgres" => &addresses.postgres,
            "nats" => &addresses.nats,
            _ => &addresses.redis,
        };
        json!({"name": engine.name(), "pid": engine.id(), "url": url})
    });
    told.insert("engines".to_owned(), engines.collect());
    let processes = all(fleet).map(|(planned, child)| {
        let kind = if planned.is_bff() { "http" } else { "grpc" };
        json!({
            "name": planned.name,
            "role": planned.role,
            "pid": child.id(),
            kind: url(planned),
            "admin": format!("http://{}", planned.admin),
        })
    });
    told.insert("processes".to_owned(), processes.collect());
    if let Some(folder) = certificates {
        let folder = folder.display().to_string();
        told.insert("certificates".to_owned(), folder.into());
    }
    Value::Object(told)
}

fn page(out: &mut impl Write, fleet: &Fleet, certificates: Option<&Path>) -> io::Result<()> {
    writeln!(out, "Covergen is up, in {} processes.", all(fleet).count())?;
    let width = all(fleet).map(|(planned, _)| planned.name.len()).max();
    for (planned, _) in all(fleet) {
        writeln!(
            out,
            "  {:width$}  {}  operators http://{}/metrics",
            planned.name,
            url(planned),
            planned.admin,
            width = width.unwrap_or_default(),
        )?;
    }
    for engine in &fleet.engines {
        writeln!(out, "  {} is private to the data folder", engine.name())?;
    }
    if let Some(folder) = certificates {
        writeln!(
            out,
            "  certificates are in {}, that of operators is admin's",
            folder.display()
        )?;
    }
    writeln!(out, "Ctrl-C stops them all; nothing is lost.")
}

fn all(fleet: &Fleet) -> impl Iterator<Item = &(Planned, Child)> {
    fleet.services.iter().chain(&fleet.bffs)
}

fn url(planned: &Planned) -> String {
    format!("http://{}", planned.serves)
}
