use covergen_chassis::{Config, Harness};
use covergen_events::Position;
use covergen_identity::{Principal, Role};
use covergen_ids::Clock;
use covergen_proto::events::v1::Envelope;
use covergen_proto::safety::v1::appeal::State;
use covergen_proto::safety::v1::redress;
use covergen_proto::safety::v1::rule::{Ground, Mode};
use covergen_proto::safety::v1::violation::State as Stands;
use covergen_proto::safety::v1::{
    Appeal, AppealResolved, CreateAppealRequest, DecideAppealRequest, GetAppealRequest,
    GetStatementRequest, GetViolationRequest, ListAppealsRequest, ListViolationsRequest,
    WithdrawAppealRequest,
};
use prost::{Message as _, Name as _};
use tonic::{Code, Status};

use crate::moderation::tea;
use crate::stage::{
    assert_refused, cover, eventually, moderator, on_both_stores, services, stopped, web, work,
};

async fn appeal(harness: &Harness, who: &Principal, violation: &str) -> Result<Appeal, Status> {
    let request = CreateAppealRequest {
        violation_id: violation.to_owned(),
        reason: "It is a play on words.".to_owned(),
        request_id: String::new(),
    };
    Ok(web(harness, who).create_appeal(request).await?.into_inner())
}

async fn decide(
    harness: &Harness,
    who: &Principal,
    appeal: &str,
    decision: State,
) -> Result<Appeal, Status> {
    let request = DecideAppealRequest {
        appeal_id: appeal.to_owned(),
        decision: decision.into(),
        reason: "Looked at in context.".to_owned(),
        request_id: String::new(),
    };
    Ok(web(harness, who).decide_appeal(request).await?.into_inner())
}

async fn stands(harness: &Harness, who: &Principal, violation: &str) -> Stands {
    let request = GetViolationRequest {
        violation_id: violation.to_owned(),
    };
    let violation = web(harness, who).get_violation(request).await.unwrap();
    violation.into_inner().state()
}

async fn flags(harness: &Harness, who: &Principal, text: &str, subject: &str) -> bool {
    let screened = cover(harness, who).screen_text(work(text, subject)).await;
    screened.unwrap().into_inner().flagged
}

async fn outcomes(harness: &Harness) -> Vec<String> {
    let log = covergen_events::open(&harness.hosted().config().events).await;
    let stored = log
        .unwrap()
        .read("safety", Position::Beginning, 1_000)
        .await;
    let envelopes = stored.unwrap_or_default().into_iter();
    envelopes
        .map(|stored| Envelope::decode(stored.record.payload).unwrap())
        .filter(|envelope| envelope.r#type == AppealResolved::full_name())
        .map(|envelope| AppealResolved::decode(envelope.data).unwrap().outcome)
        .collect()
}

#[tokio::test]
async fn what_an_appeal_clears_passes_from_then_on() {
    on_both_stores(async |harness| {
        let (author, other) = (harness.creator(), harness.creator());
        let violation = stopped(harness, &author, "tsk_one").await;
        assert_eq!(violation.state(), Stands::Standing);
        let made = appeal(harness, &author, &violation.id).await.unwrap();
        assert_eq!((made.state(), made.overdue), (State::Open, false));
        assert_eq!(
            stands(harness, &author, &violation.id).await,
            Stands::Appealed
        );
        // Until then it is stopped again.
        assert!(flags(harness, &author, "buy cocaine", "tsk_two").await);

        let reviewer = harness.person(Role::Moderator);
        let decided = decide(harness, &reviewer, &made.id, State::Overturned)
            .await
            .unwrap();
        assert_eq!(decided.state(), State::Overturned);
        assert_eq!(decided.decided_by, reviewer.user_id.to_string());
        assert_eq!(
            stands(harness, &author, &violation.id).await,
            Stands::Overturned
        );
        assert!(!flags(harness, &author, "buy cocaine", "tsk_three").await);
        // Only this text, and only of this author.
        assert!(flags(harness, &author, "buy cocaine!", "tsk_four").await);
        assert!(flags(harness, &other, "buy cocaine", "tsk_five").await);

        // The author reads the outcome, not who decided it.
        let request = GetAppealRequest {
            appeal_id: made.id.clone(),
        };
        let read = web(harness, &author).get_appeal(request).await.unwrap();
        let read = read.into_inner();
        assert_eq!(read.decision_reason, "Looked at in context.");
        assert_eq!(read.decided_by, "");
        let again = decide(harness, &reviewer, &made.id, State::Upheld).await;
        assert_refused(again, Code::FailedPrecondition, "APPEAL_CLOSED");
        eventually("the outcome is told", async || {
            outcomes(harness).await == ["OVERTURNED"]
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn an_upheld_or_withdrawn_appeal_changes_nothing() {
    on_both_stores(async |harness| {
        let author = harness.creator();
        let first = stopped(harness, &author, "tsk_one").await;
        let second = stopped(harness, &author, "tsk_two").await;
        let made = appeal(harness, &author, &first.id).await.unwrap();
        let reviewer = harness.person(Role::Moderator);
        decide(harness, &reviewer, &made.id, State::Upheld)
            .await
            .unwrap();
        assert_eq!(stands(harness, &author, &first.id).await, Stands::Upheld);
        let again = appeal(harness, &author, &first.id).await;
        assert_refused(again, Code::AlreadyExists, "ALREADY_EXISTS");

        let made = appeal(harness, &author, &second.id).await.unwrap();
        let request = WithdrawAppealRequest {
            appeal_id: made.id.clone(),
            request_id: String::new(),
        };
        let mut foreign = web(harness, &harness.creator());
        let refused = foreign.withdraw_appeal(request.clone()).await;
        assert_refused(refused, Code::NotFound, "NOT_FOUND");
        let withdrawn = web(harness, &author)
            .withdraw_appeal(request)
            .await
            .unwrap();
        assert_eq!(withdrawn.into_inner().state(), State::Withdrawn);
        assert_eq!(stands(harness, &author, &second.id).await, Stands::Standing);
        assert!(flags(harness, &author, "buy cocaine", "tsk_three").await);
        eventually("both outcomes are told", async || {
            let mut told = outcomes(harness).await;
            told.sort();
            told == ["UPHELD", "WITHDRAWN"]
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn nobody_decides_about_themselves_or_a_rule_they_wrote() {
    on_both_stores(async |harness| {
        let (writer, mut client) = moderator(harness);
        client.create_rule(tea(Mode::Enforced)).await.unwrap();
        let author = harness.person(Role::Moderator);
        assert!(flags(harness, &author, "sell tea", "tsk_one").await);
        let listed = web(harness, &author)
            .list_violations(ListViolationsRequest {
                rule_id: "tea-en".to_owned(),
                ..ListViolationsRequest::default()
            })
            .await;
        let violation = listed.unwrap().into_inner().violations.remove(0);
        let made = appeal(harness, &author, &violation.id).await.unwrap();
        for reviewer in [&author, &writer] {
            let refused = decide(harness, reviewer, &made.id, State::Upheld).await;
            assert_refused(refused, Code::PermissionDenied, "REVIEWER_NOT_INDEPENDENT");
        }
        let refused = decide(harness, &harness.creator(), &made.id, State::Upheld).await;
        assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
        let another = harness.person(Role::Moderator);
        decide(harness, &another, &made.id, State::Upheld)
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn people_see_their_own_and_moderators_everybodys() {
    on_both_stores(async |harness| {
        let (one, two) = (harness.creator(), harness.creator());
        let (reviewer, mut all) = moderator(harness);
        let mut made = Vec::new();
        for subject in ["tsk_one", "tsk_two", "tsk_three"] {
            let violation = stopped(harness, &one, subject).await;
            made.push(appeal(harness, &one, &violation.id).await.unwrap().id);
        }
        let foreign = stopped(harness, &two, "tsk_four").await;
        let refused = appeal(harness, &one, &foreign.id).await;
        assert_refused(refused, Code::NotFound, "NOT_FOUND");
        let request = GetStatementRequest {
            violation_id: foreign.id.clone(),
        };
        let refused = web(harness, &one).get_statement(request).await;
        assert_refused(refused, Code::NotFound, "NOT_FOUND");

        let count = async |who: &Principal, user_id: &str| {
            let request = ListViolationsRequest {
                user_id: user_id.to_owned(),
                ..ListViolationsRequest::default()
            };
            let listed = web(harness, who).list_violations(request).await;
            listed.map(|listed| listed.into_inner().violations.len())
        };
        assert_eq!(count(&one, "").await.unwrap(), 3);
        assert_eq!(count(&reviewer, "").await.unwrap(), 4);
        assert_eq!(count(&reviewer, "me").await.unwrap(), 0);
        assert_eq!(count(&reviewer, &two.user_id.to_string()).await.unwrap(), 1);
        let refused = count(&one, &two.user_id.to_string()).await;
        assert_refused(refused, Code::NotFound, "NOT_FOUND");

        // What is due first stands first, and pages follow each other.
        let mut due = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListAppealsRequest {
                page_size: 2,
                page_token,
                user_id: String::new(),
                state: State::Open.into(),
            };
            let page = all.list_appeals(request).await.unwrap().into_inner();
            due.extend(page.appeals.into_iter().map(|appeal| appeal.id));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(due, made);
        let request = ListAppealsRequest::default();
        let newest = web(harness, &one).list_appeals(request).await;
        let newest = newest.unwrap().into_inner().appeals;
        made.reverse();
        assert_eq!(
            newest.into_iter().map(|one| one.id).collect::<Vec<_>>(),
            made
        );
    })
    .await;
}

#[tokio::test]
async fn a_statement_gives_every_reason_that_the_law_asks_for() {
    on_both_stores(async |harness| {
        let (_, mut client) = moderator(harness);
        client.create_rule(tea(Mode::Enforced)).await.unwrap();
        let author = harness.creator();
        assert!(flags(harness, &author, "I sell tea", "tsk_one").await);
        let mut client = web(harness, &author);
        let listed = client
            .list_violations(ListViolationsRequest::default())
            .await;
        let violation = listed.unwrap().into_inner().violations.remove(0);
        assert_eq!(violation.description, "Offering tea.");
        let request = GetStatementRequest {
            violation_id: violation.id.clone(),
        };
        let statement = client
            .get_statement(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert_eq!(statement.territorial_scope, ["*"]);
        assert_eq!(statement.start_time, violation.create_time);
        assert_eq!(statement.end_time, None);
        assert!(
            statement.facts.contains("Characters 3 to 10 of text 1"),
            "{statement:?}"
        );
        assert!(
            statement.facts.contains("tea-en, version 1"),
            "{statement:?}"
        );
        assert!(statement.automated_detection && statement.automated_decision);
        assert_eq!(statement.ground(), Ground::Law);
        assert_eq!(statement.ground_reference, "Tea Act 1773");
        assert!(statement.ground_explanation.contains("Offering tea."));
        let ways: Vec<_> = statement.redress.iter().map(|way| way.kind()).collect();
        let expected = [
            redress::Kind::InternalComplaint,
            redress::Kind::OutOfCourtDispute,
            redress::Kind::Judicial,
        ];
        assert_eq!(ways, expected);
        assert_eq!(statement.redress[0].until, violation.appealable_until);

        let made = appeal(harness, &author, &violation.id).await.unwrap();
        let reviewer = harness.person(Role::Moderator);
        decide(harness, &reviewer, &made.id, State::Overturned)
            .await
            .unwrap();
        let after = client.get_statement(request).await.unwrap().into_inner();
        assert!(after.end_time.is_some() && after.facts.contains("passes now"));
    })
    .await;
}

#[tokio::test]
async fn an_appeal_comes_in_time_or_not_at_all() {
    let configure = |config: &mut Config| {
        let short = toml::toml! { appeal_window_days = 0 appeal_decision_days = 0 };
        config.services.insert("safety".to_owned(), short);
    };
    let clock = Clock::manual(Clock::system().now_ms());
    let harness = Harness::start_with(services(), clock.clock(), configure).await;
    let author = harness.creator();
    let violation = stopped(&harness, &author, "tsk_one").await;
    let made = appeal(&harness, &author, &violation.id).await.unwrap();
    assert!(!made.overdue);
    let late = stopped(&harness, &author, "tsk_two").await;
    clock.advance_ms(1);
    let refused = appeal(&harness, &author, &late.id).await;
    assert_refused(refused, Code::FailedPrecondition, "APPEAL_TOO_LATE");
    let request = GetAppealRequest { appeal_id: made.id };
    let read = web(&harness, &author).get_appeal(request).await.unwrap();
    assert!(read.into_inner().overdue);
    harness.stop().await;
}
