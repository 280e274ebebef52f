use covergen_proto::template::v1::{ExportCustomTemplateRequest, ImportCustomTemplateRequest};
use tonic::Code;

use crate::doubles::Tier;
use crate::stage::{among_peers, assert_refused, draft, faults};

#[tokio::test]
async fn an_exported_file_makes_the_same_template_elsewhere() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let made = world.custom(&ada, "House style").await;
        let request = ExportCustomTemplateRequest {
            template_id: made.id.clone(),
        };
        let answer = world
            .person(&ada)
            .export_custom_template(request.clone())
            .await;
        let answer = answer.unwrap();
        let disposition = answer.metadata().get("http-content-disposition").unwrap();
        assert_eq!(
            disposition,
            "attachment; filename=\"house-style.covergen.json\""
        );
        let file = answer.into_inner();
        assert_eq!(file.content_type, "application/json");

        let text = String::from_utf8(file.data.to_vec()).unwrap();
        assert!(
            !text.contains(&made.id) && !text.contains("requestId"),
            "{text}"
        );
        let import: ImportCustomTemplateRequest = serde_json::from_str(&text).unwrap();
        let bob = world.somebody(Tier::ProPlus);
        let copy = world
            .person(&bob)
            .import_custom_template(import.clone())
            .await;
        let copy = copy.unwrap().into_inner();
        assert_ne!(copy.id, made.id);
        assert_eq!(
            (&copy.design, &copy.name, &copy.category, &copy.description),
            (&made.design, &made.name, &made.category, &made.description)
        );

        let refused = world.person(&bob).export_custom_template(request).await;
        assert_refused(refused, Code::NotFound, "TEMPLATE_NOT_FOUND");
        let free = world.somebody(Tier::Free);
        let refused = world.person(&free).import_custom_template(import).await;
        assert_refused(refused, Code::FailedPrecondition, "TIER_REQUIRED");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_with_its_fields() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let good = ImportCustomTemplateRequest {
            format: "covergen.template".to_owned(),
            format_version: 1,
            template: Some(draft("House style")),
            request_id: String::new(),
        };
        let import = async |file: ImportCustomTemplateRequest| {
            let refused = world.person(&ada).import_custom_template(file).await;
            faults(&assert_refused(
                refused,
                Code::InvalidArgument,
                "INVALID_REQUEST",
            ))
        };
        let mut bad = good.clone();
        bad.format = "powerpoint".to_owned();
        bad.format_version = 2;
        assert_eq!(import(bad).await, ["format", "formatVersion"]);
        let mut bad = good.clone();
        bad.template.as_mut().unwrap().design.as_mut().unwrap().font = "comic".to_owned();
        assert_eq!(import(bad).await, ["template.design.font"]);
        let refused = world
            .person(&ada)
            .export_custom_template(ExportCustomTemplateRequest {
                template_id: "aurora".to_owned(),
            })
            .await;
        assert_refused(refused, Code::NotFound, "TEMPLATE_NOT_FOUND");
        let made = world.person(&ada).import_custom_template(good).await;
        assert_eq!(made.unwrap().into_inner().version, 1);
    })
    .await;
}
