//! The service on both engines, and what tests say to it.

use std::time::Duration;

use covergen_chassis::{Harness, Service};
use covergen_events::{Record, Subject};
use covergen_identity::{Principal, Role};
use covergen_mesh::Channel;
use covergen_proto::events::v1::Envelope;
use covergen_proto::safety::v1::safety_service_client as client;
use covergen_proto::safety::v1::safety_service_client::SafetyServiceClient;
use covergen_proto::safety::v1::{
    CheckTextRequest, ListViolationsRequest, ScreenTextRequest, Violation,
};
use covergen_proto::user::v1::UserDeleted;
use prost::{Message as _, Name as _};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

pub(crate) fn services() -> Vec<Service> {
    vec![covergen_safety::service()]
}

/// Runs a test on SQLite and on PostgreSQL.
pub(crate) async fn on_both_stores(test: impl AsyncFn(&Harness)) {
    on_both_stores_with(services, test).await;
}

/// As [`on_both_stores`], with other services beside.
pub(crate) async fn on_both_stores_with(
    services: impl Fn() -> Vec<Service>,
    test: impl AsyncFn(&Harness),
) {
    let harness = Harness::start(services()).await;
    test(&harness).await;
    harness.stop().await;
    let database = covergen_testkit::postgres_database().await;
    let harness = Harness::start_on(&database.url(), services()).await;
    test(&harness).await;
    harness.stop().await;
}

/// Asks until the answer is there.
pub(crate) async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Has a text of somebody's stopped; the violation.
pub(crate) async fn stopped(harness: &Harness, who: &Principal, subject: &str) -> Violation {
    let screened = cover(harness, who)
        .screen_text(work("buy cocaine", subject))
        .await;
    assert!(screened.unwrap().into_inner().flagged);
    let request = ListViolationsRequest::default();
    let listed = web(harness, who).list_violations(request).await;
    let listed = listed.unwrap().into_inner().violations;
    let mine = listed.into_iter().find(|one| one.subject == subject);
    mine.unwrap()
}

/// Publishes what user tells when somebody leaves.
pub(crate) async fn delete_user(harness: &Harness, who: &Principal) {
    let event = UserDeleted {
        user_id: who.user_id.to_string(),
        workspace_id: who.workspace_id.to_string(),
    };
    let id = who.user_id.uuid();
    let envelope = Envelope {
        id: id.to_string(),
        r#type: UserDeleted::full_name(),
        aggregate: event.user_id.clone(),
        aggregate_version: 1,
        workspace_id: event.workspace_id.clone(),
        data: event.encode_to_vec().into(),
        ..Envelope::default()
    };
    let subject = Subject::new("user", "UserDeleted", &event.user_id).unwrap();
    let record = Record::new(id, subject, envelope.encode_to_vec());
    let log = covergen_events::open(&harness.hosted().config().events);
    let log = log.await.unwrap();
    log.declare_stream("user").await.unwrap();
    log.publish(vec![record]).await.unwrap();
}

/// A person at the web edge.
pub(crate) fn web(harness: &Harness, who: &Principal) -> SafetyServiceClient<Channel> {
    client(harness.as_user(who, "safety"))
}

/// A moderator at the web edge.
pub(crate) fn moderator(harness: &Harness) -> (Principal, SafetyServiceClient<Channel>) {
    let who = harness.person(Role::Moderator);
    let client = web(harness, &who);
    (who, client)
}

/// The cover service, on a person's behalf.
pub(crate) fn cover(harness: &Harness, who: &Principal) -> SafetyServiceClient<Channel> {
    client(harness.as_service("cover", Some(who), "safety"))
}

pub(crate) fn texts(texts: &[&str], regions: &[&str]) -> CheckTextRequest {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    CheckTextRequest {
        texts: owned(texts),
        regions: owned(regions),
    }
}

pub(crate) fn work(text: &str, subject: &str) -> ScreenTextRequest {
    ScreenTextRequest {
        texts: vec![text.to_owned()],
        subject: subject.to_owned(),
    }
}

/// The characters of a text from one code point up to another.
pub(crate) fn part(text: &str, start: i32, end: i32) -> String {
    let (start, end) = (
        usize::try_from(start).unwrap(),
        usize::try_from(end).unwrap(),
    );
    text.chars().skip(start).take(end - start).collect()
}

/// A refusal has a code and a stable reason.
pub(crate) fn assert_refused<T: std::fmt::Debug>(
    answer: Result<T, Status>,
    code: Code,
    reason: &str,
) {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), code, "{status:?}");
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.reason, reason, "{status:?}");
}
