use covergen_proto::template::v1::{
    GetTemplateRequest, ListCategoriesRequest, ListTemplatesRequest,
};
use covergen_render::Catalog;
use tonic::Code;

use crate::stage::{assert_refused, listed, on_both_stores, web};

#[tokio::test]
async fn the_gallery_lists_the_renderers_templates_in_its_order() {
    on_both_stores(async |harness| {
        let expected: Vec<&str> = Catalog::builtin()
            .templates()
            .map(|template| template.id)
            .collect();
        let templates = listed(harness, "").await;
        let ids: Vec<&str> = templates.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, expected);
        for template in &templates {
            let known = Catalog::builtin().get(&template.id, None).unwrap();
            assert_eq!(template.is_premium, known.is_premium);
            assert_eq!(u32::try_from(template.version), Ok(known.version));
            assert_eq!(template.palettes[0].id, known.default_palette().id);
            assert_eq!(
                template.thumbnail_url,
                format!("/api/v1/templates/{}/thumbnail", template.id)
            );
        }
    })
    .await;
}

#[tokio::test]
async fn pages_add_up_to_the_gallery_and_a_token_fits_its_own_list_only() {
    on_both_stores(async |harness| {
        let mut client = web(harness);
        let mut found = Vec::new();
        let mut request = ListTemplatesRequest {
            page_size: 3,
            ..Default::default()
        };
        loop {
            let page = client.list_templates(request.clone()).await.unwrap();
            let page = page.into_inner();
            assert!(page.templates.len() <= 3);
            found.extend(page.templates);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(found, listed(harness, "").await);

        request.category = "travel".to_owned();
        let refused = client.list_templates(request).await;
        assert_refused(refused, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    })
    .await;
}

#[tokio::test]
async fn categories_count_what_they_hold() {
    on_both_stores(async |harness| {
        let mut client = web(harness);
        let categories = client.list_categories(ListCategoriesRequest {}).await;
        let categories = categories.unwrap().into_inner().categories;
        assert!(!categories.is_empty());
        let mut total = 0;
        for category in categories {
            let held = listed(harness, &category.id).await;
            assert!(held.iter().all(|one| one.category == category.id));
            assert_eq!(Ok(category.template_count), i32::try_from(held.len()));
            assert!(category.name.starts_with(char::is_uppercase));
            total += held.len();
        }
        assert_eq!(total, listed(harness, "").await.len());
        assert!(listed(harness, "no-such-category").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_template_is_found_by_its_id_and_no_other() {
    on_both_stores(async |harness| {
        for template in listed(harness, "").await {
            let request = GetTemplateRequest {
                template_id: template.id.clone(),
            };
            let found = web(harness).get_template(request).await.unwrap();
            assert_eq!(found.into_inner(), template);
        }
        for unknown in ["Aurora", "aurora ", "' OR 1=1", "../aurora", "オーロラ"] {
            let request = GetTemplateRequest {
                template_id: unknown.to_owned(),
            };
            let refused = web(harness).get_template(request).await;
            assert_refused(refused, Code::NotFound, "TEMPLATE_NOT_FOUND");
        }
    })
    .await;
}
