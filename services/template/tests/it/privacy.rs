use std::collections::BTreeMap;

use covergen_identity::Principal;
use covergen_ids::{EventId, TaskId, UserId};
use covergen_proto::cover::v1::CoverGenerated;
use covergen_proto::privacy::v1::UserDataRequest;
use covergen_proto::template::v1::{
    BrandKitDraft, CreateBrandKitRequest, GetTemplateRequest, GetThumbnailRequest,
    ListBrandKitsRequest, ListTemplatesRequest, template_service_client,
};
use covergen_proto::user::v1::UserDeleted;
use tonic::Code;

use crate::doubles::Tier;
use crate::stage::{World, among_peers, eventually, listed};

async fn brand_kit(world: &World, who: &Principal) {
    let request = CreateBrandKitRequest {
        brand_kit: Some(BrandKitDraft {
            name: "Acme".to_owned(),
            colors: vec!["#101020".to_owned(), "#ff5533".to_owned()],
            ..BrandKitDraft::default()
        }),
        request_id: "key-1".to_owned(),
    };
    world.person(who).create_brand_kit(request).await.unwrap();
}

/// The files of a person's copy.
async fn copy(world: &World, user: UserId) -> BTreeMap<String, serde_json::Value> {
    let request = UserDataRequest {
        user_id: user.to_string(),
    };
    let channel = world.harness.as_service("user", None, "template");
    let answer = template_service_client(channel)
        .export_user_data(request)
        .await;
    let mut pieces = answer.unwrap().into_inner();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    while let Some(piece) = pieces.message().await.unwrap() {
        files.entry(piece.path).or_default().extend(&piece.data);
    }
    let files = files.into_iter();
    files
        .map(|(path, bytes)| (path, serde_json::from_slice(&bytes).unwrap()))
        .collect()
}

#[tokio::test]
async fn a_person_gets_a_copy_of_everything_of_theirs_and_nobody_elses() {
    among_peers(async |world| {
        let (ada, eve) = (world.somebody(Tier::ProPlus), world.somebody(Tier::ProPlus));
        for index in 0..40 {
            world.custom(&ada, &format!("Style {index}")).await;
        }
        brand_kit(world, &ada).await;
        world.custom(&eve, "Eve's").await;
        let files = copy(world, ada.user_id).await;
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["brand_kits.json", "templates.json"]);
        let templates = files["templates.json"].as_array().unwrap();
        assert_eq!(templates.len(), 40);
        assert!(
            templates
                .iter()
                .all(|one| one["design"]["base"] == "aurora")
        );
        assert!(!files["templates.json"].to_string().contains("Eve's"));
        assert_eq!(files["brand_kits.json"][0]["name"], "Acme");

        let stranger = world.harness.creator();
        let files = copy(world, stranger.user_id).await;
        assert_eq!(files["templates.json"], serde_json::json!([]));
        let request = UserDataRequest {
            user_id: ada.user_id.to_string(),
        };
        let refused = world.person(&ada).export_user_data(request).await;
        assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn whoever_leaves_leaves_nothing_behind() {
    among_peers(async |world| {
        let (ada, eve) = (world.somebody(Tier::ProPlus), world.somebody(Tier::ProPlus));
        let custom = world.custom(&ada, "House style").await;
        brand_kit(world, &ada).await;
        let sample = GetThumbnailRequest {
            template_id: custom.id.clone(),
            version: 0,
        };
        world.person(&ada).get_thumbnail(sample).await.unwrap();
        let clock = world.harness.clock();
        let used = CoverGenerated {
            task_id: TaskId::new(clock).to_string(),
            template_id: custom.id.clone(),
            ..CoverGenerated::default()
        };
        let about = (EventId::new(clock), used.task_id.as_str(), ada.workspace_id);
        world.publish(about, &used).await;
        let request = GetTemplateRequest {
            template_id: custom.id.clone(),
        };
        eventually("the use is counted", async || {
            let found = world.person(&ada).get_template(request.clone()).await;
            found.unwrap().into_inner().use_count == 1
        })
        .await;
        world.custom(&eve, "Eve's").await;
        let gallery = listed(&world.harness, "").await;

        let of_hers = format!(
            "SELECT count(*) FROM idempotency_claims WHERE principal = '{}'",
            ada.user_id
        );
        assert_eq!(world.number(&of_hers).await, 1);
        let left = UserDeleted {
            user_id: ada.user_id.to_string(),
            workspace_id: ada.workspace_id.to_string(),
        };
        let (id, user) = (EventId::new(clock), left.user_id.clone());
        for _ in 0..2 {
            world
                .publish((id, user.as_str(), ada.workspace_id), &left)
                .await;
        }
        eventually("everything of hers is gone", async || {
            let found = world.person(&ada).get_template(request.clone()).await;
            found.is_err_and(|status| status.code() == Code::NotFound)
        })
        .await;
        let kits = world
            .person(&ada)
            .list_brand_kits(ListBrandKitsRequest::default())
            .await;
        assert!(kits.unwrap().into_inner().brand_kits.is_empty());
        let files = copy(world, ada.user_id).await;
        assert!(files.values().all(|file| *file == serde_json::json!([])));
        let cache = world.harness.hosted().cache().scope("template");
        let key = format!("thumbnail:1:{}:1", custom.id);
        eventually("her samples are gone", async || {
            cache.get(&key).await.unwrap().is_none()
        })
        .await;
        // Stored replies repeat what was hers, and are gone as well.
        assert_eq!(world.number(&of_hers).await, 0);
        // Nobody else lost anything.
        let mine = ListTemplatesRequest {
            mine: true,
            ..Default::default()
        };
        let page = world.person(&eve).list_templates(mine).await.unwrap();
        assert_eq!(page.into_inner().templates.len(), 1);
        assert_eq!(listed(&world.harness, "").await, gallery);
    })
    .await;
}
