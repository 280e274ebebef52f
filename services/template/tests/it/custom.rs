use covergen_proto::template::v1::{
    DeleteCustomTemplateRequest, GetTemplateRequest, GetThumbnailRequest, ListTemplatesRequest,
    TemplateDesign, TemplateDraft, UpdateCustomTemplateRequest,
};
use covergen_proto::wkt::FieldMask;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::doubles::Tier;
use crate::stage::{among_peers, among_peers_with, assert_refused, creating, faults, listed, web};

fn get(id: &str) -> GetTemplateRequest {
    GetTemplateRequest {
        template_id: id.to_owned(),
    }
}

fn mine() -> ListTemplatesRequest {
    ListTemplatesRequest {
        mine: true,
        ..Default::default()
    }
}

fn renaming(id: &str, name: &str) -> UpdateCustomTemplateRequest {
    UpdateCustomTemplateRequest {
        template_id: id.to_owned(),
        template: Some(TemplateDraft {
            name: name.to_owned(),
            ..TemplateDraft::default()
        }),
        ..Default::default()
    }
}

fn deleting(id: &str) -> DeleteCustomTemplateRequest {
    DeleteCustomTemplateRequest {
        template_id: id.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_custom_template_is_found_in_its_workspace_and_nowhere_else() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let made = world.custom(&ada, "House style").await;
        assert!(made.id.starts_with("tpl_"), "{}", made.id);
        assert!(made.is_custom && made.is_premium);
        assert_eq!((made.version, made.etag.as_str()), (1, "v1"));
        assert_eq!(made.category, "technology", "that of the base");
        let design = made.design.clone().unwrap();
        assert!(design.base_version > 0, "the base is pinned");
        assert!(made.palettes.is_empty(), "it has colours of its own");
        assert_eq!(made.style_params["font"], "anton");
        assert_eq!(made.document, "");

        let found = world.person(&ada).get_template(get(&made.id)).await;
        assert_eq!(found.unwrap().into_inner(), made);
        let page = world.person(&ada).list_templates(mine()).await.unwrap();
        assert_eq!(page.into_inner().templates, std::slice::from_ref(&made));

        // The gallery is what it was.
        let gallery = listed(&world.harness, "").await;
        assert!(gallery.iter().all(|template| !template.is_custom));
        let eve = world.somebody(Tier::ProPlus);
        for mut other in [world.person(&eve), web(&world.harness)] {
            let refused = other.get_template(get(&made.id)).await;
            assert_refused(refused, Code::NotFound, "TEMPLATE_NOT_FOUND");
            let sample = GetThumbnailRequest {
                template_id: made.id.clone(),
                version: 0,
            };
            let refused = other.get_thumbnail(sample).await;
            assert_refused(refused, Code::NotFound, "TEMPLATE_NOT_FOUND");
        }
        let changing = world
            .person(&eve)
            .update_custom_template(renaming(&made.id, "Mine"))
            .await;
        assert_refused(changing, Code::NotFound, "TEMPLATE_NOT_FOUND");
        let deleted = world
            .person(&eve)
            .delete_custom_template(deleting(&made.id))
            .await;
        assert_refused(deleted, Code::NotFound, "TEMPLATE_NOT_FOUND");
        let page = world.person(&eve).list_templates(mine()).await.unwrap();
        assert!(page.into_inner().templates.is_empty());
        let refused = web(&world.harness).list_templates(mine()).await;
        assert_refused(refused, Code::Unauthenticated, "UNAUTHENTICATED");
    })
    .await;
}

#[tokio::test]
async fn custom_templates_need_a_tier_that_is_named() {
    among_peers(async |world| {
        for tier in [Tier::Free, Tier::Pro] {
            let somebody = world.somebody(tier);
            let refused = world
                .person(&somebody)
                .create_custom_template(creating("House style"))
                .await;
            let status = assert_refused(refused, Code::FailedPrecondition, "TIER_REQUIRED");
            let facts = status.get_details_error_info().unwrap().metadata;
            assert_eq!(facts["upgradeTo"], "pro_plus");
            assert_eq!(facts["entitlement"], "custom_templates");
        }
        // What was made stays when the tier ends, and can be taken away.
        let ada = world.somebody(Tier::ProPlus);
        let made = world.custom(&ada, "House style").await;
        world.known.set_tier(&ada.user_id, Tier::Free);
        let mut calling = world.person(&ada);
        calling.get_template(get(&made.id)).await.unwrap();
        let refused = calling
            .update_custom_template(renaming(&made.id, "New"))
            .await;
        assert_refused(refused, Code::FailedPrecondition, "TIER_REQUIRED");
        calling
            .delete_custom_template(deleting(&made.id))
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_change_makes_a_version_and_a_stale_tag_makes_none() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let mut calling = world.person(&ada);
        let made = world.custom(&ada, "House style").await;

        let mut request = renaming(&made.id, "House style 2");
        request.etag = "\"v1\"".to_owned();
        let second = calling.update_custom_template(request.clone()).await;
        let second = second.unwrap().into_inner();
        assert_eq!((second.version, second.name.as_str()), (2, "House style 2"));
        assert_eq!(second.design, made.design, "what was not named stays");
        assert_ne!(second.thumbnail_url, made.thumbnail_url);

        request.template.as_mut().unwrap().name = "Lost update".to_owned();
        let stale = calling.update_custom_template(request).await;
        assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");
        let mut stale = deleting(&made.id);
        stale.etag = "v1".to_owned();
        let stale = calling.delete_custom_template(stale).await;
        assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");

        // The same again is no change.
        let same = calling
            .update_custom_template(renaming(&made.id, "House style 2"))
            .await;
        assert_eq!(same.unwrap().into_inner(), second);

        // A mask takes exactly what it names, emptiness included.
        let masked = UpdateCustomTemplateRequest {
            template_id: made.id.clone(),
            template: Some(TemplateDraft::default()),
            update_mask: Some(FieldMask {
                paths: vec!["design.colors".to_owned(), "description".to_owned()],
            }),
            ..Default::default()
        };
        let third = calling
            .update_custom_template(masked)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(third.version, 3);
        assert_eq!(
            (third.name.as_str(), third.description.as_str()),
            ("House style 2", "")
        );
        assert!(!third.palettes.is_empty(), "the base's colours are back");
    })
    .await;
}

#[tokio::test]
async fn every_fault_of_a_draft_is_told_at_once() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let mut request = creating("  ");
        let draft = request.template.as_mut().unwrap();
        draft.category = "gardening".to_owned();
        draft.design = Some(TemplateDesign {
            base: "aurora".to_owned(),
            background: "wallpaper".to_owned(),
            colors: vec!["#fff".to_owned(), "red".to_owned()],
            align: "left".to_owned(),
            ..TemplateDesign::default()
        });
        let refused = world.person(&ada).create_custom_template(request).await;
        let status = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        let expected = [
            "name",
            "category",
            "design.background",
            "design.colors",
            "design.align",
        ];
        assert_eq!(faults(&status), expected);

        // A character that no font has cannot be drawn.
        let mut request = creating("House style");
        let design = request.template.as_mut().unwrap().design.as_mut().unwrap();
        design.kicker = "\u{10FFFD}".to_owned();
        let refused = world.person(&ada).create_custom_template(request).await;
        let status = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(faults(&status), ["design"]);

        let made = world.custom(&ada, "House style").await;
        let mut request = renaming(&made.id, "New");
        request.update_mask = Some(FieldMask {
            paths: vec!["id".to_owned(), "workspace".to_owned()],
        });
        let refused = world.person(&ada).update_custom_template(request).await;
        let status = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(faults(&status), ["updateMask", "updateMask"]);
        // The designs of the house are nobody's to change.
        let refused = world
            .person(&ada)
            .update_custom_template(renaming("aurora", "Mine"))
            .await;
        assert_refused(refused, Code::NotFound, "TEMPLATE_NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_key_answers_with_the_first_template() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let mut calling = world.person(&ada);
        let mut request = creating("House style");
        request.request_id = "key-1".to_owned();
        let first = calling.create_custom_template(request.clone()).await;
        let first = first.unwrap().into_inner();
        let again = calling.create_custom_template(request.clone()).await;
        assert_eq!(again.unwrap().into_inner(), first);
        let page = calling.list_templates(mine()).await.unwrap().into_inner();
        assert_eq!(page.templates.len(), 1);

        request.template.as_mut().unwrap().name = "Another".to_owned();
        let other = calling.create_custom_template(request).await;
        assert_refused(other, Code::InvalidArgument, "IDEMPOTENCY_KEY_REUSED");
    })
    .await;
}

#[tokio::test]
async fn two_who_change_the_same_version_make_one_change() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let made = world.custom(&ada, "House style").await;
        let change = |name: &str| {
            let mut request = renaming(&made.id, name);
            request.etag.clone_from(&made.etag);
            let mut calling = world.person(&ada);
            async move { calling.update_custom_template(request).await }
        };
        let (left, right) = tokio::join!(change("Left"), change("Right"));
        assert_eq!(usize::from(left.is_ok()) + usize::from(right.is_ok()), 1);
        let lost = if left.is_ok() { right } else { left };
        assert_refused(lost, Code::Aborted, "ETAG_MISMATCH");
        let found = world.person(&ada).get_template(get(&made.id)).await;
        assert_eq!(found.unwrap().into_inner().version, 2);
    })
    .await;
}

#[tokio::test]
async fn a_workspace_has_a_bounded_number_of_templates_and_versions() {
    among_peers_with(
        "max_custom_templates = 2\nmax_versions = 2",
        async |world| {
            let ada = world.somebody(Tier::ProPlus);
            let mut calling = world.person(&ada);
            let first = world.custom(&ada, "One").await;
            world.custom(&ada, "Two").await;
            let refused = calling.create_custom_template(creating("Three")).await;
            assert_refused(refused, Code::ResourceExhausted, "LIMIT_REACHED");
            // A deleted one makes room.
            calling
                .update_custom_template(renaming(&first.id, "1"))
                .await
                .unwrap();
            let refused = calling
                .update_custom_template(renaming(&first.id, "2"))
                .await;
            assert_refused(refused, Code::ResourceExhausted, "LIMIT_REACHED");
            calling
                .delete_custom_template(deleting(&first.id))
                .await
                .unwrap();
            world.custom(&ada, "Three").await;
            // Another workspace has room of its own.
            let bob = world.somebody(Tier::ProPlus);
            world.custom(&bob, "One").await;
        },
    )
    .await;
}
