use covergen_chassis::Harness;
use covergen_proto::safety::v1::{ListRulesRequest, Rule};
use tonic::Code;

use crate::stage::{assert_refused, on_both_stores, services, web};

async fn listed(harness: &Harness, page_size: i32) -> Vec<Rule> {
    let mut client = web(harness, &harness.creator());
    let mut rules = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListRulesRequest {
            page_size,
            page_token,
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
            page_size: 0,
            page_token: "forged".to_owned(),
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
