//! The service on both engines, and what tests say to it.

use covergen_chassis::{Harness, Service};
use covergen_identity::Principal;
use covergen_mesh::Channel;
use covergen_proto::safety::v1::safety_service_client as client;
use covergen_proto::safety::v1::safety_service_client::SafetyServiceClient;
use covergen_proto::safety::v1::{CheckTextRequest, ScreenTextRequest};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

pub(crate) fn services() -> Vec<Service> {
    vec![covergen_safety::service()]
}

/// Runs a test on SQLite and on PostgreSQL.
pub(crate) async fn on_both_stores(test: impl AsyncFn(&Harness)) {
    let harness = Harness::start(services()).await;
    test(&harness).await;
    harness.stop().await;
    let database = covergen_testkit::postgres_database().await;
    let harness = Harness::start_on(&database.url(), services()).await;
    test(&harness).await;
    harness.stop().await;
}

/// A person at the web edge.
pub(crate) fn web(harness: &Harness, who: &Principal) -> SafetyServiceClient<Channel> {
    client(harness.as_user(who, "safety"))
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
