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
async fn told(harness: &Harness, expected: usize) -> BTreeMap<(String, i32), usize> {
    let log = covergen_events::open(&harness.hosted().config().events);
    let log = log.await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        let read = log.read("template", Position::Beginning, 1_000).await;
        let stored = read.unwrap_or_default();
        if stored.len() >= expected || tokio::time::Instant::now() > deadline {
            let mut told = BTreeMap::new();
            for stored in stored {
                let envelope = Envelope::decode(stored.record.payload).unwrap();
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
    assert_eq!(told(&harness, expected().len()).await, expected());
    for _ in 0..2 {
        harness = harness.restart(services(), configure).await;
        assert_eq!(listed(&harness, "").await, gallery);
    }
    assert_eq!(told(&harness, expected().len()).await, expected());
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
