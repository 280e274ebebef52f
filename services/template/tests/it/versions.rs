use covergen_proto::template::v1::{
    DeleteCustomTemplateRequest, GetTemplateVersionRequest, GetThumbnailRequest,
    ListTemplateVersionsRequest, ResolveTemplateRequest, RestoreTemplateVersionRequest, Template,
    TemplateDesign, TemplateDraft, UpdateCustomTemplateRequest,
};
use tonic::Code;

use crate::doubles::Tier;
use crate::stage::{World, among_peers, assert_refused, listed};

async fn recoloured(world: &World, who: &covergen_identity::Principal, id: &str) -> Template {
    let request = UpdateCustomTemplateRequest {
        template_id: id.to_owned(),
        template: Some(TemplateDraft {
            design: Some(TemplateDesign {
                colors: vec!["#fff8e7".to_owned(), "#003366".to_owned()],
                ..TemplateDesign::default()
            }),
            ..TemplateDraft::default()
        }),
        ..Default::default()
    };
    let changed = world.person(who).update_custom_template(request).await;
    changed.unwrap().into_inner()
}

fn resolving(id: &str, version: i32) -> ResolveTemplateRequest {
    ResolveTemplateRequest {
        template_id: id.to_owned(),
        premium_allowed: true,
        version,
        ..Default::default()
    }
}

fn sample(id: &str, version: i32) -> GetThumbnailRequest {
    GetThumbnailRequest {
        template_id: id.to_owned(),
        version,
    }
}

#[tokio::test]
async fn versions_are_listed_newest_first_and_an_old_one_comes_back_as_a_new_one() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let mut calling = world.person(&ada);
        let first = world.custom(&ada, "House style").await;
        let second = recoloured(world, &ada, &first.id).await;
        let restored = calling
            .restore_template_version(RestoreTemplateVersionRequest {
                template_id: first.id.clone(),
                version: 1,
                etag: second.etag.clone(),
                request_id: String::new(),
            })
            .await
            .unwrap()
            .into_inner();
        assert_eq!(restored.version, 3);
        assert_eq!(
            (&restored.design, &restored.name),
            (&first.design, &first.name)
        );

        let list = |page_token: String| ListTemplateVersionsRequest {
            template_id: first.id.clone(),
            page_size: 2,
            page_token,
        };
        let page = calling.list_template_versions(list(String::new())).await;
        let page = page.unwrap().into_inner();
        let numbers: Vec<i32> = page.versions.iter().map(|one| one.version).collect();
        assert_eq!(numbers, [3, 2]);
        let last = calling
            .list_template_versions(list(page.next_page_token))
            .await;
        let last = last.unwrap().into_inner();
        assert_eq!(last.versions.len(), 1);
        assert_eq!(last.versions[0].design, first.design);
        assert_eq!(last.next_page_token, "");

        // What is shown already is restored without a new version.
        let same = calling.restore_template_version(RestoreTemplateVersionRequest {
            template_id: first.id.clone(),
            version: 3,
            ..Default::default()
        });
        assert_eq!(same.await.unwrap().into_inner().version, 3);
        let unknown = calling.restore_template_version(RestoreTemplateVersionRequest {
            template_id: first.id.clone(),
            version: 9,
            ..Default::default()
        });
        assert_refused(unknown.await, Code::NotFound, "TEMPLATE_VERSION_NOT_FOUND");
        let stale = calling.restore_template_version(RestoreTemplateVersionRequest {
            template_id: first.id.clone(),
            version: 1,
            etag: "v1".to_owned(),
            ..Default::default()
        });
        assert_refused(stale.await, Code::Aborted, "ETAG_MISMATCH");
    })
    .await;
}

#[tokio::test]
async fn a_pinned_version_is_drawn_the_same_whatever_came_after_it() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let made = world.custom(&ada, "House style").await;
        let pinned = world
            .cover_for(&ada)
            .resolve_template(resolving(&made.id, 1))
            .await;
        let pinned = pinned.unwrap().into_inner();
        assert!(pinned.document.contains("#101020"), "{}", pinned.document);
        let drawn = world.person(&ada).get_thumbnail(sample(&made.id, 1)).await;
        let drawn = drawn.unwrap().into_inner().data;

        let second = recoloured(world, &ada, &made.id).await;
        let newest = world
            .cover_for(&ada)
            .resolve_template(resolving(&made.id, 0))
            .await;
        assert_eq!(newest.unwrap().into_inner().version, second.version);
        let cache = world.harness.hosted().cache().scope("template");
        let key = format!("thumbnail:1:{}:1", made.id);
        assert!(cache.delete(&key).await.unwrap(), "it is drawn anew");
        let again = world.person(&ada).get_thumbnail(sample(&made.id, 1)).await;
        assert_eq!(again.unwrap().into_inner().data, drawn);
        let other = world.person(&ada).get_thumbnail(sample(&made.id, 0)).await;
        assert_ne!(other.unwrap().into_inner().data, drawn);

        // Covers outlive the template.
        let deleted = world
            .person(&ada)
            .delete_custom_template(DeleteCustomTemplateRequest {
                template_id: made.id.clone(),
                ..Default::default()
            })
            .await;
        deleted.unwrap();
        let mut cover = world.cover_for(&ada);
        let still = cover.resolve_template(resolving(&made.id, 1)).await;
        assert_eq!(still.unwrap().into_inner().document, pinned.document);
        let gone = cover.resolve_template(resolving(&made.id, 0)).await;
        assert_refused(gone, Code::NotFound, "TEMPLATE_NOT_FOUND");
        let gone = world
            .person(&ada)
            .get_template_version(GetTemplateVersionRequest {
                template_id: made.id.clone(),
                version: 1,
            })
            .await;
        assert_refused(gone, Code::NotFound, "TEMPLATE_NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_custom_template_is_resolved_for_its_workspace_while_the_tier_lasts() {
    among_peers(async |world| {
        let (ada, eve) = (world.somebody(Tier::ProPlus), world.somebody(Tier::ProPlus));
        let made = world.custom(&ada, "House style").await;
        for version in [0, 1] {
            let mut other = world.cover_for(&eve);
            let refused = other.resolve_template(resolving(&made.id, version)).await;
            assert_eq!(refused.unwrap_err().code(), Code::NotFound);
        }
        world.known.set_tier(&ada.user_id, Tier::Free);
        let mut cover = world.cover_for(&ada);
        let refused = cover.resolve_template(resolving(&made.id, 0)).await;
        assert_refused(refused, Code::FailedPrecondition, "TIER_REQUIRED");
        cover
            .resolve_template(resolving(&made.id, 1))
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_versions_of_the_houses_designs_can_be_read() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::Free);
        let swiss = listed(&world.harness, "").await;
        let swiss = swiss.into_iter().find(|one| one.id == "swiss").unwrap();
        let request = ListTemplateVersionsRequest {
            template_id: "swiss".to_owned(),
            ..Default::default()
        };
        let page = world.person(&ada).list_template_versions(request).await;
        let versions = page.unwrap().into_inner().versions;
        assert_eq!(versions[0].version, swiss.version);
        let pinned = world
            .cover_for(&ada)
            .resolve_template(resolving("swiss", swiss.version))
            .await;
        assert_eq!(pinned.unwrap().into_inner().id, "swiss");
    })
    .await;
}
