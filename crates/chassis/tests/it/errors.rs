//! One error model, from a service's enum to the caller.

use std::time::Duration;

use covergen_chassis::{ServiceError, reply};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::service::refused;

const SECRET: &str = "password=hunter2 at db-7.internal";

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}")]
    Ours(&'static str, Code),
    #[error("the name is taken; choose another")]
    Taken,
    #[error("{0}")]
    Peer(Status),
}

impl ServiceError for Fault {
    fn code(&self) -> Code {
        match self {
            Self::Ours(_, code) => *code,
            Self::Taken => Code::AlreadyExists,
            Self::Peer(status) => status.code(),
        }
    }

    fn reason(&self) -> &'static str {
        "NAME_TAKEN"
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        vec![("name", "ada".to_owned())]
    }

    fn violations(&self) -> Vec<(String, String)> {
        vec![
            ("displayName".to_owned(), "too long".to_owned()),
            ("email".to_owned(), "no address".to_owned()),
        ]
    }

    fn quota(&self) -> Option<(String, String)> {
        Some(("covers".to_owned(), "none left".to_owned()))
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(Duration::from_secs(7))
    }

    fn upstream(&self) -> Option<&Status> {
        match self {
            Self::Peer(status) => Some(status),
            _ => None,
        }
    }
}

#[test]
fn a_refusal_carries_everything_a_program_may_act_on() {
    let status = reply(Fault::Taken);
    assert_eq!(status.message(), "the name is taken; choose another");
    let info = status.get_details_error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.domain.as_str()),
        ("NAME_TAKEN", "covergen")
    );
    assert_eq!(info.metadata["name"], "ada");
    let fields = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(fields.len(), 2, "all at once");
    let quota = status.get_details_quota_failure().unwrap();
    assert_eq!(quota.violations[0].subject, "covers");
    let retry = status.get_details_retry_info().unwrap();
    assert_eq!(retry.retry_delay, Some(Duration::from_secs(7)));
}

#[test]
fn the_text_of_our_own_faults_never_leaves() {
    for code in [Code::Internal, Code::Unknown, Code::DataLoss] {
        let status = reply(Fault::Ours(SECRET, code));
        assert_eq!(status.code(), code);
        assert!(!format!("{status:?}").contains("hunter2"), "{status:?}");
        assert!(!String::from_utf8_lossy(status.details()).contains("hunter2"));
    }
}

#[test]
fn a_peers_faults_are_ours_to_the_caller_and_as_silent() {
    for code in [
        Code::Internal,
        Code::Unknown,
        Code::DataLoss,
        Code::Unauthenticated,
        Code::PermissionDenied,
        Code::Unimplemented,
    ] {
        let status = reply(Fault::Peer(Status::new(code, SECRET)));
        assert!(!format!("{status:?}").contains("hunter2"), "{status:?}");
        refused(Err::<(), _>(status), Code::Internal, "INTERNAL");
    }
}

#[test]
fn what_a_peer_says_about_the_request_is_passed_on_whole() {
    let mut original = reply(Fault::Taken);
    original
        .metadata_mut()
        .insert("x-internal", "1".parse().unwrap());
    let passed = reply(Fault::Peer(original.clone()));
    assert_eq!(passed.code(), original.code());
    assert_eq!(passed.message(), original.message());
    assert_eq!(passed.details(), original.details());
    assert!(passed.metadata().is_empty(), "its headers stay behind");
}
