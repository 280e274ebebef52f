use covergen_ids::{Clock, CoverId, TaskId, UserId, WorkspaceId};

use super::{Happening, Standing, event};
use crate::store::entity::generation_event::{Kind, Model};
use crate::store::entity::request::Status;

/// Writes happenings down one after another, as the store does.
fn told(happenings: Vec<Happening>) -> (Standing, Vec<Model>) {
    let clock = Clock::system();
    let base = Model {
        task_id: TaskId::new(&clock),
        workspace_id: WorkspaceId::new(&clock),
        user_id: UserId::new(&clock),
        sequence: 0,
        kind: Kind::Requested,
        cover_id: None,
        template_id: None,
        seed: None,
        provider: None,
        units: None,
        attempt: None,
        pictures: None,
        reason: None,
        message: None,
        duration_ms: None,
        occurred_at_ms: 0,
    };
    let mut standing = Standing::default();
    let mut events = Vec::new();
    for (at_ms, happening) in (1000..).step_by(10).zip(happenings) {
        if standing.is_news(&happening) {
            let event = event(&base, &standing, happening, at_ms);
            standing.apply(&event);
            events.push(event);
        }
    }
    (standing, events)
}

fn requested() -> Happening {
    Happening::Requested {
        template_id: "aurora".to_owned(),
        seed: u64::MAX,
        units: 2,
    }
}

fn painted() -> Happening {
    Happening::Painted {
        provider: "local".to_owned(),
        seed: 7,
        pictures: 4,
    }
}

fn failed(reason: &str) -> Happening {
    Happening::Failed {
        reason: reason.to_owned(),
        message: "because".to_owned(),
    }
}

#[test]
fn a_generation_that_went_well_folds_to_success_whatever_ran_twice() {
    let (standing, events) = told(vec![
        requested(),
        Happening::Retried { attempt: 2 },
        Happening::Retried { attempt: 2 },
        painted(),
        painted(),
        Happening::Charged { units: 2 },
        Happening::Finished,
        Happening::Charged { units: 2 },
        Happening::Finished,
        failed("LATE"),
    ]);
    let kinds: Vec<Kind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Requested,
            Kind::Retried,
            Kind::Painted,
            Kind::Charged,
            Kind::Finished
        ]
    );
    assert_eq!(standing.status, Status::Succeeded);
    assert_eq!((standing.units, standing.retry_count), (2, 1));
    assert_eq!(standing.provider, "local");
    assert_eq!(events[4].duration_ms, Some(60));
    assert_eq!(Standing::fold(&events), standing);
}

#[test]
fn a_failure_gives_everything_back_and_an_operators_retry_may_still_succeed() {
    let (standing, events) = told(vec![requested(), painted(), failed("QUOTA_EXHAUSTED")]);
    assert_eq!(standing.status, Status::Failed);
    assert_eq!(standing.units, 0);
    assert_eq!(
        standing.error,
        Some(("QUOTA_EXHAUSTED".to_owned(), "because".to_owned()))
    );
    assert_eq!(Standing::fold(&events), standing);

    let (standing, _) = told(vec![
        requested(),
        painted(),
        failed("QUOTA_EXHAUSTED"),
        painted(),
        Happening::Charged { units: 2 },
        Happening::Finished,
    ]);
    assert_eq!((standing.status, standing.units), (Status::Succeeded, 2));
    assert_eq!(standing.error, None);
}

#[test]
fn covers_come_and_go_once_each() {
    let cover = CoverId::new(&Clock::system());
    let (_, events) = told(vec![
        requested(),
        Happening::Unfavorited(cover),
        Happening::Favorited(cover),
        Happening::Favorited(cover),
        Happening::Unfavorited(cover),
        Happening::Deleted(cover),
        Happening::Deleted(cover),
    ]);
    let kinds: Vec<Kind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Requested,
            Kind::Favorited,
            Kind::Unfavorited,
            Kind::Deleted
        ]
    );
    assert!(events.iter().map(|event| event.sequence).eq(1..=4));
}
