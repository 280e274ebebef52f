//! What a request costs must not depend on how much has been kept.

pub(crate) mod asked;
pub(crate) mod fill;

use std::collections::BTreeSet;
use std::time::Duration;

use covergen_testkit::{Postgres, Server, plans};
use tempfile::tempdir;

use crate::platform::Platform;
use asked::Somebody;
use covergen_faults::checker::Databases;

/// Enough for the planner to prefer an index where there is one.
const ROWS: u32 = 20_000;

/// Pages that one statement may touch, and rows it may throw away. Lists of a
/// person who has made a few covers need a fraction of it; whatever grows with
/// the tables is far past it at 20,000 rows.
const MAX_BUFFERS: u64 = 400;
const MAX_DISCARDED: u64 = 500;

/// The audit of all balances, which takes 500 people at a time: a page of each
/// table for each of them, and no more when there are more people.
const AUDIT: [&str; 2] = [") AS people", "FROM quota_periods p\n"];
const MAX_AUDITED: u64 = 1_500;

/// Takes every delivery.
async fn hook() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(|| async {});
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

async fn start(folder: &std::path::Path, url: &str) -> Platform {
    let set = |key: &str, value: &str| (format!("COVERGEN__{key}"), value.to_owned());
    let variables = vec![
        set("DATABASE__URL", url),
        set("SERVICES__NOTIFICATION__ALLOW_LOOPBACK", "true"),
        // While the rest is asked for, and not only when it takes a minute.
        set("SERVICES__USER__AUDIT_INTERVAL_MS", "1000"),
        // Copies of balances and ledgers do not add up, and are told of.
        set("TELEMETRY__LOG_FILTER", "off"),
    ];
    Platform::start_with(folder, variables).await
}

fn database(server: &Server) -> String {
    let url = server.url();
    let (address, _) = url.rsplit_once('/').unwrap();
    format!("{address}/covergen_{{service}}")
}

/// Waits until everything that was set off has come to its end.
async fn eventually_settled(databases: &Databases) {
    for _ in 0..300 {
        let mut waiting = 0;
        for (service, _) in fill::HOT {
            let sql = "SELECT id FROM outbox WHERE sent_at_ms IS NULL";
            waiting += databases.rows(service, sql).await.unwrap().len();
        }
        for (service, sql) in [
            (
                "notification",
                "SELECT id FROM deliveries WHERE status = 'PENDING'",
            ),
            (
                "user",
                "SELECT task_id FROM reservations WHERE state = 'HELD'",
            ),
        ] {
            waiting += databases.rows(service, sql).await.unwrap().len();
        }
        let told = databases
            .rows("notification", "SELECT id FROM deliveries")
            .await
            .unwrap();
        let noted = databases
            .rows("user", "SELECT id FROM history")
            .await
            .unwrap();
        if waiting == 0 && !told.is_empty() && !noted.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("work is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hot_requests_find_their_rows_by_an_index() {
    let server = Postgres::start().await;
    plans::record(&server).await;
    let folder = tempdir().unwrap();
    let url = database(&server);
    let platform = start(folder.path(), &url).await;
    let ada = Somebody::register(&platform.web).await;
    let hot = ada.live(&hook().await).await;
    eventually_settled(&Databases::at(&url)).await;
    fill::fill(&url, ROWS).await.unwrap();

    let from = server.log().len();
    let mut asked_for = BTreeSet::new();
    for asked in &hot {
        for _ in 0..2 {
            ada.ask(asked).await;
        }
        assert!(
            asked_for.insert(asked.name),
            "{} is there twice",
            asked.name
        );
    }
    for n in 0..2 {
        ada.generate(&format!("Among many {n}")).await;
    }
    eventually_settled(&Databases::at(&url)).await;
    let log = server.log();
    let ran: Vec<_> = plans::parse(&log[from..])
        .into_iter()
        .filter(|plan| plan.application.starts_with("covergen-"))
        .collect();
    assert!(ran.len() > 200, "{} plans", ran.len());
    // What was not filled is small, and read in whole for good reason.
    let filled = |app: &str, table: &str| {
        let service = app.trim_start_matches("covergen-");
        let own = fill::HOT.iter().find(|(name, _)| *name == service);
        own.is_some_and(|(_, tables)| tables.contains(&table))
            || (service == "cover" && fill::STORE.contains(&table))
    };
    let mut found = BTreeSet::new();
    let audits = |plan: &&plans::Plan| AUDIT.iter().any(|part| plan.query.contains(part));
    for part in AUDIT {
        let ran = ran.iter().any(|plan| plan.query.contains(part));
        assert!(ran, "the audit asked nothing with {part}");
    }
    for plan in &ran {
        let (app, query) = (&plan.application, &plan.query);
        if let Some(table) = plan.scanned.iter().find(|table| filled(app, table)) {
            found.insert(format!("{app} reads all of {table}: {query}"));
        }
        let most = if audits(&plan) {
            MAX_AUDITED
        } else {
            MAX_BUFFERS
        };
        if plan.buffers > most || plan.discarded > MAX_DISCARDED {
            let (buffers, discarded) = (plan.buffers, plan.discarded);
            found.insert(format!(
                "{app}: {buffers} pages, {discarded} rows for naught: {query}"
            ));
        }
    }
    let shown: Vec<&String> = found.iter().collect();
    assert!(found.is_empty(), "{}: {shown:#?}", found.len());
    assert!(platform.stop().await.success());
}
