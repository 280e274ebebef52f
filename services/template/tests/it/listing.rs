use covergen_proto::template::v1::{ListTemplatesRequest, Slot, Template, slot::Kind};
use tonic::Code;

use crate::doubles::Tier;
use crate::stage::{among_peers, assert_refused, faults, listed, on_both_stores, web};

async fn found(
    harness: &covergen_chassis::Harness,
    request: ListTemplatesRequest,
) -> Vec<Template> {
    let request = ListTemplatesRequest {
        page_size: 100,
        ..request
    };
    let page = web(harness).list_templates(request).await.unwrap();
    page.into_inner().templates
}

fn query(text: &str) -> ListTemplatesRequest {
    ListTemplatesRequest {
        query: text.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn lists_are_narrowed_by_tier_category_and_words() {
    on_both_stores(async |harness| {
        let all = listed(harness, "").await;
        let (premium, free): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|one| one.is_premium);
        assert!(!premium.is_empty() && !free.is_empty());
        let asked = |premium: bool| ListTemplatesRequest {
            premium: Some(premium),
            ..Default::default()
        };
        assert_eq!(found(harness, asked(true)).await, premium);
        assert_eq!(found(harness, asked(false)).await, free);
        let filter = ListTemplatesRequest {
            filter: "category = \"technology\" AND premium = false".to_owned(),
            ..Default::default()
        };
        let expected: Vec<Template> = listed(harness, "technology")
            .await
            .into_iter()
            .filter(|one| !one.is_premium)
            .collect();
        assert_eq!(found(harness, filter).await, expected);

        // Every word must be there, in any case; wildcards mean themselves.
        let aurora = found(harness, query("AURORA veils")).await;
        assert_eq!(
            aurora.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(),
            ["aurora"]
        );
        for nothing in ["aurora nonsense", "%", "a_r", "\\"] {
            assert!(found(harness, query(nothing)).await.is_empty(), "{nothing}");
        }
        let bad = ListTemplatesRequest {
            filter: "colour = red".to_owned(),
            ..Default::default()
        };
        let refused = web(harness).list_templates(bad).await;
        let status = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(faults(&status), ["filter"]);
    })
    .await;
}

#[tokio::test]
async fn every_order_pages_to_the_same_list() {
    on_both_stores(async |harness| {
        for order_by in ["gallery", "popularity", "name", "newest"] {
            let mut request = ListTemplatesRequest {
                order_by: order_by.to_owned(),
                ..Default::default()
            };
            let whole = found(harness, request.clone()).await;
            assert_eq!(whole.len(), listed(harness, "").await.len());
            request.page_size = 3;
            let mut paged = Vec::new();
            loop {
                let page = web(harness).list_templates(request.clone()).await;
                let page = page.unwrap().into_inner();
                paged.extend(page.templates);
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
            assert_eq!(paged, whole, "{order_by}");
            if order_by == "name" {
                let names: Vec<String> = whole.iter().map(|one| one.name.to_lowercase()).collect();
                assert!(names.is_sorted(), "{names:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_template_tells_what_a_cover_can_be_given() {
    on_both_stores(async |harness| {
        for template in listed(harness, "").await {
            let slot = |id: &str| -> Slot {
                let mut slots = template.slots.iter();
                slots.find(|slot| slot.id == id).cloned().unwrap()
            };
            let title = slot("title");
            assert!(title.required && title.kind() == Kind::Text && title.max_length == 120);
            assert_eq!(slot("subtitle").max_length, 240);
            let palette = slot("paletteId");
            assert_eq!(palette.kind(), Kind::Choice);
            assert_eq!(palette.default_value, template.palettes[0].id);
            assert_eq!((slot("colors").min_items, slot("colors").max_items), (2, 6));
            assert!(slot("photo").focal_point);
            assert!(template.prompt_template.contains("{title}"));
            assert!(
                template.style_params.contains_key("align"),
                "{}",
                template.id
            );
            assert_eq!((template.use_count, template.is_custom), (0, false));
            assert!(template.etag.is_empty() && template.design.is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn only_what_everybody_may_see_is_for_shared_caches() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        world.custom(&ada, "Größe").await;
        let mut calling = world.person(&ada);
        let list = |mine: bool, text: &str| ListTemplatesRequest {
            mine,
            query: text.to_owned(),
            ..Default::default()
        };
        let policy = |answer: &tonic::metadata::MetadataMap| {
            answer
                .get("http-cache-control")
                .map(|policy| policy.to_str().unwrap().to_owned())
        };
        let answer = calling.list_templates(list(false, "")).await.unwrap();
        assert_eq!(
            policy(answer.metadata()).as_deref(),
            Some("public, max-age=60")
        );
        // Letters beyond ASCII have a lower case, too, on every engine.
        for text in ["", "GRÖ", "größe"] {
            let answer = calling.list_templates(list(true, text)).await.unwrap();
            assert_eq!(policy(answer.metadata()), None, "{text}");
            assert_eq!(answer.into_inner().templates.len(), 1, "{text}");
        }
    })
    .await;
}
