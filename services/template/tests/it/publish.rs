use std::collections::BTreeMap;
use std::time::Duration;

use covergen_chassis::Harness;
use covergen_events::Position;
use covergen_proto::events::v1::Envelope;
use covergen_proto::template::v1::TemplatePublished;
use covergen_render::Catalog;
use prost::Message as _;

use crate::stage::{listed, services};

/// How often each version was told of, once at least `expected` events are there.
async fn eventually_told(
    harnesses: &[&Harness],
    expected: usize,
) -> BTreeMap<(String, i32), usize> {
    let mut logs = Vec::new();
    for harness in harnesses {
        let log = covergen_events::open(&harness.hosted().config().events);
        logs.push(log.await.unwrap());
    }
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        // By the event's id: the log may hear of one event twice.
        let mut events = BTreeMap::new();
        for log in &logs {
            let read = log.read("template", Position::Beginning, 1_000).await;
            let records = read.unwrap_or_default().into_iter();
            events.extend(records.map(|stored| (stored.record.id, stored.record.payload)));
        }
        if events.len() >= expected || tokio::time::Instant::now() > deadline {
            let mut told = BTreeMap::new();
            for payload in events.into_values() {
                let envelope = Envelope::decode(payload).unwrap();
                let event = TemplatePublished::decode(envelope.data).unwrap();
                assert_eq!(envelope.workspace_id, "wks_system");
                *told.entry((event.template_id, event.version)).or_default() += 1;
            }
            return told;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn expected() -> BTreeMap<(String, i32), usize> {
    let versions = Catalog::builtin().templates();
    versions
        .map(|one| ((one.id.to_owned(), i32::try_from(one.version).unwrap()), 1))
        .collect()
}

async fn told_once_across_restarts(database_url: Option<&str>) {
    let configure = |config: &mut covergen_chassis::Config| {
        if let Some(url) = database_url {
            url.clone_into(&mut config.database.url);
        }
    };
    let clock = covergen_ids::Clock::system();
    let mut harness = Harness::start_with(services(), clock, configure).await;
    let gallery = listed(&harness, "").await;
    assert_eq!(
        eventually_told(&[&harness], expected().len()).await,
        expected()
    );
    for _ in 0..2 {
        harness = harness.restart(services(), configure).await;
        assert_eq!(listed(&harness, "").await, gallery);
    }
    assert_eq!(
        eventually_told(&[&harness], expected().len()).await,
        expected()
    );
    harness.stop().await;
}

#[tokio::test]
async fn each_version_is_told_of_once_however_often_the_service_starts_on_sqlite() {
    told_once_across_restarts(None).await;
}

#[tokio::test]
async fn each_version_is_told_of_once_however_often_the_service_starts_on_postgresql() {
    let database = covergen_testkit::postgres_database().await;
    told_once_across_restarts(Some(&database.url())).await;
}

#[tokio::test]
async fn processes_that_start_together_tell_of_each_version_once() {
    let database = covergen_testkit::postgres_database().await;
    let url = database.url();
    let (left, right) = tokio::join!(
        Harness::start_on(&url, services()),
        Harness::start_on(&url, services()),
    );
    assert_eq!(listed(&left, "").await, listed(&right, "").await);
    let told = eventually_told(&[&left, &right], expected().len()).await;
    assert_eq!(told, expected());
    tokio::join!(left.stop(), right.stop());
}
