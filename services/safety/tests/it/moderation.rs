use covergen_chassis::Harness;
use covergen_identity::Principal;
use covergen_proto::safety::v1::rule::{Ground, Mode};
use covergen_proto::safety::v1::{
    CreateRuleRequest, DeleteRuleRequest, GetRuleRequest, ListRuleVersionsRequest,
    ListRulesRequest, RollbackRuleRequest, Rule, TryRuleRequest, UpdateRuleRequest,
};
use tonic::Code;

use crate::stage::{assert_refused, moderator, on_both_stores, part, services, texts, web};

/// A rule against tea.
pub(crate) fn tea(mode: Mode) -> CreateRuleRequest {
    CreateRuleRequest {
        rule_id: "tea-en".to_owned(),
        rule: Some(Rule {
            category: "illegal_goods".to_owned(),
            description: "Offering tea.".to_owned(),
            score: 0.5,
            mode: mode.into(),
            patterns: vec!["(buy|sell) tea".to_owned()],
            ground: Ground::Law.into(),
            ground_reference: "Tea Act 1773".to_owned(),
            note: "First of its kind.".to_owned(),
            ..Rule::default()
        }),
        request_id: "create-tea".to_owned(),
    }
}

fn change(version: i32, rule: Rule) -> UpdateRuleRequest {
    UpdateRuleRequest {
        rule_id: "tea-en".to_owned(),
        rule: Some(rule),
        update_mask: None,
        expected_version: version,
        request_id: String::new(),
    }
}

fn coffee() -> Rule {
    Rule {
        patterns: vec!["(buy|sell) coffee".to_owned()],
        note: "Coffee, rather.".to_owned(),
        ..Rule::default()
    }
}

/// Which rules a text matches, and in which version.
pub(crate) async fn matching(harness: &Harness, text: &str) -> Vec<(String, i32)> {
    let checked = web(harness, &harness.creator())
        .check_text(texts(&[text], &[]))
        .await;
    let matches = checked.unwrap().into_inner().matches;
    let rules = matches
        .into_iter()
        .map(|one| (one.rule_id, one.rule_version));
    rules.collect()
}

fn tea_at(version: i32) -> Vec<(String, i32)> {
    vec![("tea-en".to_owned(), version)]
}

#[tokio::test]
async fn every_change_is_a_new_version_in_force_at_once() {
    on_both_stores(async |harness| {
        let (who, mut client) = moderator(harness);
        let first = client
            .create_rule(tea(Mode::Enforced))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (first.version, first.current, first.region.as_str()),
            (1, true, "*")
        );
        assert_eq!(first.author_id, who.user_id.to_string());
        assert_eq!(matching(harness, "sell t3a").await, tea_at(1));

        let second = client
            .update_rule(change(1, coffee()))
            .await
            .unwrap()
            .into_inner();
        assert_eq!((second.version, &second.patterns), (2, &coffee().patterns));
        assert_eq!((second.score, second.ground()), (first.score, Ground::Law));
        assert_eq!(matching(harness, "buy tea").await, []);
        assert_eq!(matching(harness, "buy coffee").await, tea_at(2));

        let request = RollbackRuleRequest {
            rule_id: "tea-en".to_owned(),
            version: 1,
            note: "Tea after all.".to_owned(),
            request_id: "back".to_owned(),
        };
        for _ in 0..2 {
            let third = client
                .rollback_rule(request.clone())
                .await
                .unwrap()
                .into_inner();
            assert_eq!((third.version, third.restored_from), (3, 1));
            assert_eq!(third.patterns, first.patterns);
        }
        assert_eq!(matching(harness, "buy tea").await, tea_at(3));

        let mut versions = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListRuleVersionsRequest {
                rule_id: "tea-en".to_owned(),
                page_size: 2,
                page_token,
            };
            let page = client
                .list_rule_versions(request)
                .await
                .unwrap()
                .into_inner();
            versions.extend(page.rules);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let told = versions
            .iter()
            .map(|rule| (rule.version, rule.current, rule.note.as_str()));
        let expected = [
            (3, true, "Tea after all."),
            (2, false, "Coffee, rather."),
            (1, false, "First of its kind."),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        // What a version said is what it says.
        let request = GetRuleRequest {
            rule_id: "tea-en".to_owned(),
            version: 1,
        };
        let again = client.get_rule(request).await.unwrap().into_inner();
        assert_eq!(
            again,
            Rule {
                current: false,
                ..first
            }
        );
    })
    .await;
}

#[tokio::test]
async fn of_racers_that_change_one_version_one_succeeds() {
    on_both_stores(async |harness| {
        let (_, mut client) = moderator(harness);
        client.create_rule(tea(Mode::Enforced)).await.unwrap();
        let racers = (0..8).map(|_| {
            let (_, mut client) = moderator(harness);
            async move { client.update_rule(change(1, coffee())).await }
        });
        let outcomes = futures::future::join_all(racers).await;
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for refused in lost {
            assert_refused(refused, Code::Aborted, "ETAG_MISMATCH");
        }
        assert_eq!(matching(harness, "buy coffee").await, tea_at(2));
    })
    .await;
}

#[tokio::test]
async fn a_retired_rule_matches_nothing_and_keeps_its_history() {
    on_both_stores(async |harness| {
        let (_, mut client) = moderator(harness);
        client.create_rule(tea(Mode::Enforced)).await.unwrap();
        let request = DeleteRuleRequest {
            rule_id: "tea-en".to_owned(),
            note: "Enough.".to_owned(),
            request_id: String::new(),
        };
        for _ in 0..2 {
            let gone = client
                .delete_rule(request.clone())
                .await
                .unwrap()
                .into_inner();
            assert_eq!((gone.version, gone.retired, gone.current), (2, true, false));
        }
        assert_eq!(matching(harness, "buy tea").await, []);
        let mut again = tea(Mode::Enforced);
        again.request_id = "another".to_owned();
        let refused = client.create_rule(again).await;
        assert_refused(refused, Code::AlreadyExists, "ALREADY_EXISTS");
        // A change brings it back.
        let back = client
            .update_rule(change(2, coffee()))
            .await
            .unwrap()
            .into_inner();
        assert_eq!((back.version, back.retired, back.current), (3, false, true));
        assert_eq!(matching(harness, "buy coffee").await, tea_at(3));
    })
    .await;
}

#[tokio::test]
async fn a_repeated_key_answers_with_the_first_rule() {
    on_both_stores(async |harness| {
        let (_, mut client) = moderator(harness);
        let first = client
            .create_rule(tea(Mode::Enforced))
            .await
            .unwrap()
            .into_inner();
        let second = client
            .create_rule(tea(Mode::Enforced))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(first, second);
        let other = client.create_rule(tea(Mode::Shadow)).await;
        assert_refused(other, Code::InvalidArgument, "IDEMPOTENCY_KEY_REUSED");
    })
    .await;
}

#[tokio::test]
async fn a_rule_that_cannot_be_used_is_refused_by_field() {
    on_both_stores(async |harness| {
        let (_, mut client) = moderator(harness);
        let empty = CreateRuleRequest {
            rule: Some(Rule::default()),
            ..tea(Mode::Enforced)
        };
        let refused = client.create_rule(empty).await.unwrap_err();
        let details = tonic_types::StatusExt::get_details_bad_request(&refused).unwrap();
        let fields = details
            .field_violations
            .iter()
            .map(|one| one.field.as_str());
        let expected = [
            "rule.category",
            "rule.description",
            "rule.score",
            "rule.patterns",
        ];
        assert_eq!(fields.collect::<Vec<_>>(), expected);
        for pattern in ["a(b", "x", &"(a|b|c|d|e|f|g|h)".repeat(6)] {
            let mut request = tea(Mode::Enforced);
            request.rule.as_mut().unwrap().patterns = vec![pattern.to_owned()];
            let refused = client.create_rule(request).await;
            assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        }
        client.create_rule(tea(Mode::Enforced)).await.unwrap();
        let mut request = change(1, coffee());
        request.update_mask = Some(covergen_proto::google::protobuf::FieldMask {
            paths: vec!["version".to_owned()],
        });
        let refused = client.update_rule(request).await;
        assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        let mut request = change(0, coffee());
        request.rule_id = "nothing-en".to_owned();
        let refused = client.update_rule(request).await;
        assert_refused(refused, Code::NotFound, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_draft_is_tried_without_being_kept() {
    on_both_stores(async |harness| {
        let (_, mut client) = moderator(harness);
        let before = harness.hosted().digests().await.unwrap();
        let text = "Sell green t.e.a now";
        let request = TryRuleRequest {
            patterns: vec!["(buy|sell) (green |)tea".to_owned()],
            exceptions: Vec::new(),
            texts: vec![text.to_owned()],
        };
        let verdict = client.try_rule(request).await.unwrap().into_inner();
        let found = &verdict.matches[0];
        assert_eq!(part(text, found.start, found.end), "Sell green t.e.a");
        assert_eq!(harness.hosted().digests().await.unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn others_neither_write_rules_nor_see_their_patterns() {
    on_both_stores(async |harness| {
        let mut client = web(harness, &harness.creator());
        let refused = client.create_rule(tea(Mode::Enforced)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let all = ListRulesRequest {
            include_all: true,
            page_size: 100,
            ..ListRulesRequest::default()
        };
        let refused = client.list_rules(all.clone()).await;
        assert_refused(refused, Code::PermissionDenied, "MODERATORS_ONLY");
        let plain = client
            .list_rules(ListRulesRequest::default())
            .await
            .unwrap();
        for rule in plain.into_inner().rules {
            assert!(rule.patterns.is_empty() && rule.note.is_empty(), "{rule:?}");
        }
        let (_, mut client) = moderator(harness);
        let listed = client.list_rules(all).await.unwrap().into_inner().rules;
        assert!(listed.iter().all(|rule| !rule.patterns.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn what_a_moderator_wrote_outlives_a_restart() {
    let harness = Harness::start(services()).await;
    let (_, mut client) = moderator(&harness);
    let mine = UpdateRuleRequest {
        rule_id: "illegal-drugs-en".to_owned(),
        ..change(0, coffee())
    };
    let version = client.update_rule(mine).await.unwrap().into_inner().version;
    let expected = vec![("illegal-drugs-en".to_owned(), version)];
    assert_eq!(
        matching(&harness, "buy coffee, buy cocaine").await,
        expected
    );
    let harness = harness.restart(services(), |_| {}).await;
    assert_eq!(
        matching(&harness, "buy coffee, buy cocaine").await,
        expected
    );
    harness.stop().await;
}

/// Changes the mode of the rule against tea.
pub(crate) async fn set_mode(harness: &Harness, who: &Principal, mode: Mode) -> Rule {
    let rule = Rule {
        mode: mode.into(),
        ..Rule::default()
    };
    let changed = web(harness, who).update_rule(change(0, rule)).await;
    changed.unwrap().into_inner()
}
