use std::time::Duration;

use covergen_chassis::{Config, Harness};
use covergen_ids::{Clock, WorkspaceId};
use covergen_proto::safety::v1::{ListRulesRequest, Rule, RulesChanged};
use covergen_store::{EventDraft, Store, StoreConfig};
use sea_orm::ConnectionTrait as _;
use tonic::Code;

use crate::stage::{assert_refused, on_both_stores, services, texts, web};

async fn listed(harness: &Harness, page_size: i32) -> Vec<Rule> {
    let mut client = web(harness, &harness.creator());
    let mut rules = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListRulesRequest {
            page_size,
            page_token,
            include_all: false,
        };
        let page = client.list_rules(request).await.unwrap().into_inner();
        rules.extend(page.rules);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return rules;
        }
    }
}

#[tokio::test]
async fn the_rules_in_force_are_listed_page_by_page() {
    on_both_stores(async |harness| {
        let rules = listed(harness, 100).await;
        assert_eq!(listed(harness, 7).await, rules);
        assert!(rules.is_sorted_by(|a, b| a.id < b.id));
        for language in ["en", "zh", "ja"] {
            let id = format!("illegal-drugs-{language}");
            assert!(rules.iter().any(|rule| rule.id == id), "{id}");
        }
        for rule in rules {
            assert!(rule.version >= 1 && rule.score > 0.0, "{rule:?}");
            assert!(!rule.description.is_empty(), "{rule:?}");
        }
        let request = ListRulesRequest {
            page_token: "forged".to_owned(),
            ..ListRulesRequest::default()
        };
        let refused = web(harness, &harness.creator()).list_rules(request).await;
        assert_refused(refused, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    })
    .await;
}

#[tokio::test]
async fn a_restart_brings_the_same_rules_and_changes_nothing() {
    let harness = Harness::start(services()).await;
    let before = harness.hosted().digests().await.unwrap();
    let harness = harness.restart(services(), |_| {}).await;
    assert_eq!(harness.hosted().digests().await.unwrap(), before);
    harness.stop().await;
}

#[tokio::test]
async fn nobody_else_reads_the_rules() {
    on_both_stores(async |harness| {
        let mut client =
            covergen_proto::safety::v1::safety_service_client(harness.as_anonymous("safety"));
        let refused = client.list_rules(ListRulesRequest::default()).await;
        assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
    })
    .await;
}

/// What a newer build does when it starts beside this one: a second version of
/// a rule, and a rule that this build does not know.
const NEWER: [&str; 4] = [
    "UPDATE rules SET in_force = FALSE WHERE id = 'illegal-drugs-en'",
    "INSERT INTO rules (id, version, workspace_id, category, description, region, score,
         patterns, exceptions, is_retired, in_force, created_at_ms)
     VALUES ('illegal-drugs-en', 2, 'wks_system', 'illegal_goods', 'Gone.', '*', 0.9,
         '[]', '[]', TRUE, FALSE, 1)",
    "INSERT INTO rules (id, version, workspace_id, category, description, region, score,
         patterns, exceptions, is_retired, in_force, created_at_ms)
     VALUES ('tea-en', 7, 'wks_system', 'illegal_goods', 'Tea.', '*', 0.1,
         '[\"(buy|sell) tea\"]', '[]', FALSE, TRUE, 1)",
    "UPDATE rule_state SET revision = revision + 1",
];

async fn apply_newer(harness: &Harness) {
    let url = harness
        .hosted()
        .config()
        .database
        .url
        .replace("{service}", "safety");
    let config = StoreConfig::from_url(url);
    let store = Store::open(&config, "safety", Clock::system())
        .await
        .unwrap();
    let tx = store.begin().await.unwrap();
    for statement in NEWER {
        tx.execute_unprepared(statement).await.unwrap();
    }
    let change = RulesChanged::default();
    let told = EventDraft::new("rules", WorkspaceId::SYSTEM, &change);
    tx.emit(told).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
}

/// The rules that match, once tea is forbidden.
async fn eventually_matching(harness: &Harness) -> Vec<(String, i32)> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let request = texts(&["buy tea, buy cocaine"], &[]);
        let mut client = web(harness, &harness.creator());
        let verdict = client.check_text(request).await.unwrap().into_inner();
        let matches = verdict.matches.into_iter();
        let rules: Vec<_> = matches
            .map(|found| (found.rule_id, found.rule_version))
            .collect();
        let is_told = rules.iter().any(|(id, _)| id == "tea-en");
        if is_told || tokio::time::Instant::now() > deadline {
            return rules;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn rules_of_a_newer_build_come_into_force(database_url: Option<&str>) {
    let configure = |config: &mut Config| {
        if let Some(url) = database_url {
            url.clone_into(&mut config.database.url);
        }
        // Nobody looks by themselves: what changes must be told.
        let never = toml::toml! { refresh_interval_ms = 3_600_000 };
        config.services.insert("safety".to_owned(), never);
    };
    let expected = [("tea-en".to_owned(), 7)];
    let harness = Harness::start_with(services(), Clock::system(), configure).await;
    apply_newer(&harness).await;
    assert_eq!(eventually_matching(&harness).await, expected);
    let ids = |rules: Vec<Rule>| rules.into_iter().map(|rule| rule.id).collect::<Vec<_>>();
    let listed_then = ids(listed(&harness, 100).await);
    assert!(listed_then.contains(&"tea-en".to_owned()));
    assert!(!listed_then.contains(&"illegal-drugs-en".to_owned()));
    // This build, started again, takes nothing back.
    let harness = harness.restart(services(), configure).await;
    assert_eq!(eventually_matching(&harness).await, expected);
    assert_eq!(ids(listed(&harness, 100).await), listed_then);
    harness.stop().await;
}

#[tokio::test]
async fn rules_of_a_newer_build_come_into_force_at_once_and_stay_on_sqlite() {
    rules_of_a_newer_build_come_into_force(None).await;
}

#[tokio::test]
async fn rules_of_a_newer_build_come_into_force_at_once_and_stay_on_postgresql() {
    let database = covergen_testkit::postgres_database().await;
    rules_of_a_newer_build_come_into_force(Some(&database.url())).await;
}
