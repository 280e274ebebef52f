use covergen_proto::safety::v1::rule::Mode;
use covergen_proto::safety::v1::{ListRulesRequest, ListShadowMatchesRequest};

use crate::moderation::{matching, set_mode, tea};
use crate::stage::{cover, moderator, on_both_stores, web, work};

#[tokio::test]
async fn a_rule_in_shadow_is_logged_and_never_flags() {
    on_both_stores(async |harness| {
        let (who, mut client) = moderator(harness);
        // A new rule begins in shadow where nothing else is said.
        let rule = client.create_rule(tea(Mode::Unspecified)).await.unwrap();
        assert_eq!(rule.into_inner().mode(), Mode::Shadow);
        let author = harness.creator();
        for (text, subject, flagged) in [
            ("sell tea", "tsk_one", false),
            ("sell tea", "tsk_one", false),
            ("sell tea, buy cocaine", "tsk_two", true),
            ("sell milk", "tsk_three", false),
        ] {
            let screened = cover(harness, &author)
                .screen_text(work(text, subject))
                .await;
            let verdict = screened.unwrap().into_inner();
            assert_eq!(verdict.flagged, flagged, "{text}");
            assert!(
                verdict
                    .matches
                    .iter()
                    .all(|found| found.rule_id != "tea-en")
            );
        }
        let request = ListShadowMatchesRequest {
            rule_id: "tea-en".to_owned(),
            ..ListShadowMatchesRequest::default()
        };
        let matches = client.list_shadow_matches(request.clone()).await.unwrap();
        let matches = matches.into_inner().matches;
        let told = matches
            .iter()
            .map(|one| (one.subject.as_str(), one.flagged_anyway));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [("tsk_two", true), ("tsk_one", false)]
        );
        assert_eq!(
            (matches[1].start, matches[1].end, matches[1].rule_version),
            (0, 8, 1)
        );

        // Those who do not moderate neither see the matches nor the rule.
        let refused = web(harness, &author).list_shadow_matches(request).await;
        assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied);
        let listed = async |include_all| {
            let request = ListRulesRequest {
                page_size: 100,
                include_all,
                ..ListRulesRequest::default()
            };
            let rules = web(harness, &who).list_rules(request).await.unwrap();
            let rules = rules.into_inner().rules;
            rules.iter().any(|rule| rule.id == "tea-en")
        };
        assert!(listed(true).await && !listed(false).await);

        assert_eq!(set_mode(harness, &who, Mode::Enforced).await.version, 2);
        assert_eq!(matching(harness, "sell tea").await.len(), 1);
        assert!(listed(false).await);
        assert_eq!(set_mode(harness, &who, Mode::Shadow).await.version, 3);
        assert_eq!(matching(harness, "sell tea").await, []);
    })
    .await;
}
