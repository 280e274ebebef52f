use covergen_identity::Role;
use covergen_proto::privacy::v1::UserDataRequest;
use covergen_proto::safety::v1::rule::Mode;
use covergen_proto::safety::v1::{
    CreateAppealRequest, GetRuleRequest, ListAppealsRequest, ListViolationsRequest,
};
use tonic::Code;

use crate::moderation::{matching, tea};
use crate::stage::{
    assert_refused, cover, delete_user, eventually, moderator, on_both_stores, stopped, web, work,
};

#[tokio::test]
async fn nothing_of_a_person_stays_when_they_leave() {
    on_both_stores(async |harness| {
        let (leaving, staying) = (harness.person(Role::Moderator), harness.creator());
        let mut client = web(harness, &leaving);
        client.create_rule(tea(Mode::Enforced)).await.unwrap();
        let violation = stopped(harness, &leaving, "tsk_one").await;
        let request = CreateAppealRequest {
            violation_id: violation.id,
            reason: "It was a joke.".to_owned(),
            request_id: "appeal-1".to_owned(),
        };
        client.create_appeal(request).await.unwrap();
        let kept = stopped(harness, &staying, "tsk_two").await;

        // A second delivery does as little harm as the first does good.
        delete_user(harness, &leaving).await;
        let (_, mut all) = moderator(harness);
        eventually("only the other one's violation is left", async || {
            let mut all = all.clone();
            let listed = all.list_violations(ListViolationsRequest::default()).await;
            let listed = listed.unwrap().into_inner().violations;
            listed.len() == 1 && listed[0].id == kept.id
        })
        .await;
        // What was still under way for them is not held against them, nor can
        // they appeal while their token lives.
        let late = cover(harness, &leaving)
            .screen_text(work("buy cocaine", "tsk_late"))
            .await;
        assert_refused(late, Code::NotFound, "USER_NOT_FOUND");
        let appeal = CreateAppealRequest {
            violation_id: kept.id.clone(),
            reason: "And again.".to_owned(),
            request_id: "appeal-2".to_owned(),
        };
        let late = client.create_appeal(appeal).await;
        assert_refused(late, Code::NotFound, "USER_NOT_FOUND");
        let appeals = all.list_appeals(ListAppealsRequest::default()).await;
        assert!(appeals.unwrap().into_inner().appeals.is_empty());
        // The rule stays, without its author.
        assert_eq!(matching(harness, "sell tea").await.len(), 1);
        let request = GetRuleRequest {
            rule_id: "tea-en".to_owned(),
            version: 0,
        };
        let rule = all.get_rule(request).await.unwrap().into_inner();
        assert_eq!(rule.author_id, "");
    })
    .await;
}

#[tokio::test]
async fn a_persons_copy_holds_what_is_theirs_alone() {
    on_both_stores(async |harness| {
        let (author, other) = (harness.creator(), harness.creator());
        // More than one piece.
        for at in 0..120 {
            stopped_quietly(harness, &author, &format!("tsk_mine_{at}")).await;
        }
        let violation = stopped(harness, &author, "tsk_last").await;
        stopped(harness, &other, "tsk_theirs").await;
        let request = CreateAppealRequest {
            violation_id: violation.id.clone(),
            reason: "It was a joke.".to_owned(),
            request_id: String::new(),
        };
        web(harness, &author).create_appeal(request).await.unwrap();

        let mut user = covergen_proto::safety::v1::safety_service_client(
            harness.as_service("user", None, "safety"),
        );
        let request = UserDataRequest {
            user_id: author.user_id.to_string(),
        };
        let answer = user.export_user_data(request.clone()).await.unwrap();
        let mut pieces = answer.into_inner();
        let mut files = std::collections::BTreeMap::<String, String>::new();
        while let Some(piece) = pieces.message().await.unwrap() {
            let text = std::str::from_utf8(&piece.data).unwrap();
            files.entry(piece.path).or_default().push_str(text);
        }
        let lines = files["violations.jsonl"].lines();
        assert_eq!(lines.count(), 121);
        assert!(!files["violations.jsonl"].contains("tsk_theirs"));
        assert!(files["appeals.jsonl"].contains("It was a joke."));
        for line in files.values().flat_map(|file| file.lines()) {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        // Nobody but user asks for it.
        let mut person = web(harness, &author);
        let refused = person.export_user_data(request).await;
        assert_eq!(refused.unwrap_err().code(), tonic::Code::PermissionDenied);
    })
    .await;
}

async fn stopped_quietly(
    harness: &covergen_chassis::Harness,
    who: &covergen_identity::Principal,
    subject: &str,
) {
    let work = crate::stage::work("buy cocaine", subject);
    let screened = crate::stage::cover(harness, who).screen_text(work).await;
    assert!(screened.unwrap().into_inner().flagged);
}
