//! Quota was charged once for what succeeded, and for nothing else.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::databases::{number, text};
use super::{Databases, Request};

/// A user's period, as `user period`.
type Account = String;

/// What reservations and ledger say.
#[derive(Default)]
struct Seen {
    /// Units used and set aside, by reservations.
    reserved: BTreeMap<Account, (i64, i64)>,
    /// Units used and set aside, by the ledger.
    moved: BTreeMap<Account, (i64, i64)>,
    /// Units that each task was charged, by reservations.
    charged: BTreeMap<String, i64>,
    /// How often each task was charged, by the ledger.
    charges: BTreeMap<String, i64>,
}

pub(super) async fn quota(
    databases: &Databases,
    requests: &BTreeMap<String, Request>,
    found: &mut Vec<String>,
) -> Result<()> {
    let mut seen = Seen::default();
    reservations(databases, requests, &mut seen, found).await?;
    ledger(databases, &mut seen).await?;
    for (task, request) in requests.iter().filter(|(_, request)| request.succeeded()) {
        let units = request.units;
        match seen.charged.get(task) {
            Some(charged) if *charged == units => {}
            Some(charged) => {
                found.push(format!("{task}: {charged} units were charged for {units}"));
            }
            None => found.push(format!("{task}: SUCCEEDED and was charged nothing")),
        }
    }
    let tasks: BTreeSet<&String> = seen.charged.keys().chain(seen.charges.keys()).collect();
    for task in tasks {
        let times = seen.charges.get(task).copied().unwrap_or_default();
        if times != i64::from(seen.charged.contains_key(task)) {
            found.push(format!("{task}: the ledger charges it {times} times"));
        }
    }
    balances(databases, &seen, found).await
}

async fn reservations(
    databases: &Databases,
    requests: &BTreeMap<String, Request>,
    seen: &mut Seen,
    found: &mut Vec<String>,
) -> Result<()> {
    let rows = "SELECT task_id, user_id, period, state, units, refunded_units FROM reservations";
    for row in &databases.rows("user", rows).await? {
        let (task, state) = (text(row, "task_id")?, text(row, "state")?);
        let (units, refunded) = (number(row, "units")?, number(row, "refunded_units")?);
        let status = requests
            .get(&task)
            .map_or("NONE", |request| request.status.as_str());
        let fits = match state.as_str() {
            "COMMITTED" => status == "SUCCEEDED",
            "RELEASED" => status != "SUCCEEDED",
            // A reservation whose request was never written lapses by itself.
            "HELD" => status == "NONE",
            _ => false,
        };
        if !fits {
            found.push(format!("{task}: quota is {state}, the request {status}"));
        }
        let account = seen.reserved.entry(account(row)?).or_default();
        match state.as_str() {
            "COMMITTED" => {
                account.0 += units - refunded;
                seen.charged.insert(task, units);
            }
            "RELEASED" => {}
            _ => account.1 += units,
        }
    }
    Ok(())
}

async fn ledger(databases: &Databases, seen: &mut Seen) -> Result<()> {
    let rows = "SELECT user_id, period, COALESCE(task_id, '') AS task_id, movement, used_delta,
        reserved_delta FROM quota_ledger";
    for row in &databases.rows("user", rows).await? {
        let (used, set_aside) = (number(row, "used_delta")?, number(row, "reserved_delta")?);
        let account = account(row)?;
        match text(row, "movement")?.as_str() {
            "commit" => *seen.charges.entry(text(row, "task_id")?).or_default() += 1,
            // Used without ever having been set aside.
            "consume" => seen.reserved.entry(account.clone()).or_default().0 += used,
            _ => {}
        }
        let sum = seen.moved.entry(account).or_default();
        sum.0 += used;
        sum.1 += set_aside;
    }
    Ok(())
}

/// Every balance equals what its ledger and its reservations come to.
async fn balances(databases: &Databases, seen: &Seen, found: &mut Vec<String>) -> Result<()> {
    let rows = "SELECT user_id, period, used_units, reserved_units FROM quota_periods";
    let mut known = BTreeSet::new();
    for row in &databases.rows("user", rows).await? {
        let account = account(row)?;
        let told = (number(row, "used_units")?, number(row, "reserved_units")?);
        let of = |sums: &BTreeMap<Account, (i64, i64)>| sums.get(&account).copied();
        if of(&seen.moved).unwrap_or_default() != told {
            found.push(format!("{account}: the balance differs from its ledger"));
        }
        let reserved = of(&seen.reserved).unwrap_or_default();
        if reserved != told {
            found.push(format!(
                "{account}: {told:?} units are used and set aside, by reservations {reserved:?}"
            ));
        }
        known.insert(account);
    }
    let orphans = seen
        .moved
        .keys()
        .filter(|account| !known.contains(*account));
    found.extend(orphans.map(|account| format!("{account}: a ledger without a balance")));
    Ok(())
}

fn account(row: &sea_orm::QueryResult) -> Result<Account> {
    Ok(format!(
        "{} {}",
        text(row, "user_id")?,
        text(row, "period")?
    ))
}
