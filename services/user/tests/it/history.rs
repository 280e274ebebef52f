use covergen_identity::Principal;
use covergen_proto::cover::v1::{CoverGenerated, CoverGenerationFailed};
use covergen_proto::export::v1::ExportReady;
use covergen_proto::safety::v1::AppealResolved;
use covergen_proto::user::v1::history_entry::Kind;
use covergen_proto::user::v1::{GetHistoryRequest, HistoryEntry};
use tonic::Code;

use crate::world::{Engine, World, eventually, refused};

on_both_engines!(history_folds_from_what_the_services_tell);

async fn listed(world: &World, who: &Principal, page_size: i32) -> Vec<HistoryEntry> {
    let mut entries = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = GetHistoryRequest {
            user_id: "me".to_owned(),
            page_size,
            page_token,
        };
        let page = world.person(who).get_history(request).await.unwrap();
        let page = page.into_inner();
        entries.extend(page.entries);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return entries;
        }
    }
}

async fn history_folds_from_what_the_services_tell(engine: Engine) {
    let world = World::start(engine).await;
    let ada = world.somebody("ada@example.org").await;
    let bob = world.somebody("bob@example.org").await;
    let user_id = ada.user_id.to_string();
    let made = CoverGenerated {
        task_id: "tsk_1".to_owned(),
        user_id: user_id.clone(),
        cover_ids: vec!["cov_1".to_owned(), "cov_2".to_owned()],
        template_id: "aurora".to_owned(),
        ..CoverGenerated::default()
    };
    world.tell(&ada, 1_000, &made).await;
    let failed = CoverGenerationFailed {
        task_id: "tsk_2".to_owned(),
        user_id: user_id.clone(),
        reason: "CONTENT_BLOCKED".to_owned(),
        duration_ms: 5,
    };
    world.tell(&ada, 3_000, &failed).await;
    let ready = ExportReady {
        export_id: "exp_1".to_owned(),
        user_id: user_id.clone(),
        cover_id: "cov_1".to_owned(),
        status: "SUCCEEDED".to_owned(),
    };
    world.tell(&ada, 2_000, &ready).await;
    let resolved = AppealResolved {
        appeal_id: "apl_1".to_owned(),
        user_id,
        outcome: "OVERTURNED".to_owned(),
        ..AppealResolved::default()
    };
    world.tell(&ada, 4_000, &resolved).await;
    let theirs = CoverGenerated {
        task_id: "tsk_9".to_owned(),
        user_id: bob.user_id.to_string(),
        ..CoverGenerated::default()
    };
    world.tell(&bob, 5_000, &theirs).await;
    eventually("all is noted", || async {
        world.number("SELECT count(*) FROM history").await == 5
    })
    .await;

    let entries = listed(&world, &ada, 100).await;
    let told: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry.kind(),
                entry.subject_id.as_str(),
                entry.outcome.as_str(),
            )
        })
        .collect();
    let expected = [
        (Kind::AppealResolved, "apl_1", "OVERTURNED"),
        (Kind::GenerationFailed, "tsk_2", "CONTENT_BLOCKED"),
        (Kind::ExportReady, "exp_1", "SUCCEEDED"),
        (Kind::CoversMade, "tsk_1", ""),
    ];
    assert_eq!(told, expected);
    assert_eq!(entries[3].cover_ids, ["cov_1", "cov_2"]);
    assert_eq!(entries[3].template_id, "aurora");
    assert_eq!(listed(&world, &ada, 1).await, entries);
    let foreign = GetHistoryRequest {
        user_id: ada.user_id.to_string(),
        ..GetHistoryRequest::default()
    };
    let answer = world.person(&bob).get_history(foreign).await;
    refused(answer, Code::NotFound, "USER_NOT_FOUND");
}
