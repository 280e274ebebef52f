use covergen_imaging::{FileFormat, probe};
use covergen_proto::template::v1::{
    GetDesignOptionsRequest, RenderPreviewRequest, TemplateDesign, ValidateTemplateRequest,
};
use tonic::Code;

use crate::doubles::Tier;
use crate::stage::{World, among_peers, assert_refused, draft, faults, web};

fn preview(title: &str) -> RenderPreviewRequest {
    RenderPreviewRequest {
        design: draft("").design,
        title: title.to_owned(),
        preset: "story".to_owned(),
        ..Default::default()
    }
}

async fn drawn(world: &World, tier: Tier, request: RenderPreviewRequest) -> Vec<u8> {
    let somebody = world.somebody(tier);
    let body = world.person(&somebody).render_preview(request).await;
    let body = body.unwrap().into_inner();
    assert_eq!(body.content_type, "image/png");
    body.data.to_vec()
}

#[tokio::test]
async fn a_design_is_drawn_before_it_is_kept() {
    among_peers(async |world| {
        let picture = drawn(world, Tier::ProPlus, preview("Ten days in Kyoto")).await;
        let probed = probe(&picture).unwrap();
        assert_eq!(probed.format, FileFormat::Png);
        assert_eq!((probed.width, probed.height), (720, 1280), "at screen size");
        let again = drawn(world, Tier::ProPlus, preview("Ten days in Kyoto")).await;
        assert_eq!(picture, again);

        let mut other = preview("Ten days in Kyoto");
        other.design.as_mut().unwrap().letter_case = "upper".to_owned();
        assert_ne!(drawn(world, Tier::ProPlus, other).await, picture);
        // The mark of the free tier is on previews as well.
        let marked = drawn(world, Tier::Free, preview("Ten days in Kyoto")).await;
        assert_ne!(marked, picture);
    })
    .await;
}

#[tokio::test]
async fn a_preview_refuses_what_a_cover_would() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::ProPlus);
        let mut calling = world.person(&ada);
        let refused = calling.render_preview(preview("forbidden words")).await;
        assert_refused(refused, Code::FailedPrecondition, "CONTENT_BLOCKED");
        let mut kicker = preview("Fine");
        kicker.design.as_mut().unwrap().kicker = "forbidden".to_owned();
        let refused = calling.render_preview(kicker).await;
        assert_refused(refused, Code::FailedPrecondition, "CONTENT_BLOCKED");

        let refused = calling.render_preview(preview(&"long ".repeat(60))).await;
        let status = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(faults(&status), ["title"]);
        let mut unknown = preview("Fine");
        unknown.preset = "billboard".to_owned();
        let refused = calling.render_preview(unknown).await;
        let status = assert_refused(refused, Code::InvalidArgument, "INVALID_REQUEST");
        assert_eq!(faults(&status), ["preset"]);
    })
    .await;
}

#[tokio::test]
async fn validation_answers_with_the_document_or_with_every_fault() {
    among_peers(async |world| {
        let ada = world.somebody(Tier::Free);
        let mut calling = world.person(&ada);
        let mut validate = async |design, document: &str| {
            let request = ValidateTemplateRequest {
                design,
                document: document.to_owned(),
            };
            calling
                .validate_template(request)
                .await
                .map(tonic::Response::into_inner)
        };
        let good = validate(draft("").design, "").await.unwrap();
        assert!(good.valid && good.violations.is_empty());
        // What it answers is what the renderer takes.
        let same = validate(None, &good.document).await.unwrap();
        assert_eq!(same, good);

        let bad = TemplateDesign {
            base: "aurora".to_owned(),
            font: "comic".to_owned(),
            align: "left".to_owned(),
            ..TemplateDesign::default()
        };
        let bad = validate(Some(bad), "").await.unwrap();
        assert!(!bad.valid && bad.document.is_empty());
        let fields: Vec<&str> = bad
            .violations
            .iter()
            .map(|one| one.field.as_str())
            .collect();
        assert_eq!(fields, ["design.font", "design.align"]);
        let unknown_key = good.document.replace("\"font\"", "\"fnt\"");
        let bad = validate(None, &unknown_key).await.unwrap();
        assert!(bad.violations[0].description.contains("fnt"), "{bad:?}");
        let neither = validate(None, "").await;
        assert_refused(neither, Code::InvalidArgument, "INVALID_REQUEST");
    })
    .await;
}

#[tokio::test]
async fn every_option_that_is_offered_is_taken() {
    among_peers(async |world| {
        let options = web(&world.harness)
            .get_design_options(GetDesignOptionsRequest {})
            .await
            .unwrap()
            .into_inner();
        assert!(options.fonts.len() >= 5 && options.backgrounds.len() >= 8);
        let ada = world.somebody(Tier::Free);
        let mut designs = Vec::new();
        let base = || TemplateDesign {
            base: "swiss".to_owned(),
            ..TemplateDesign::default()
        };
        for choice in options.fonts {
            designs.push(TemplateDesign {
                font: choice.id,
                ..base()
            });
        }
        for choice in options.backgrounds {
            designs.push(TemplateDesign {
                background: choice.id,
                ..base()
            });
        }
        for choice in options.letter_cases {
            designs.push(TemplateDesign {
                letter_case: choice.id,
                ..base()
            });
        }
        for choice in options.aligns {
            designs.push(TemplateDesign {
                align: choice.id,
                ..base()
            });
        }
        for design in designs {
            let request = ValidateTemplateRequest {
                design: Some(design.clone()),
                document: String::new(),
            };
            let judged = world.person(&ada).validate_template(request).await;
            let judged = judged.unwrap().into_inner();
            assert!(judged.valid, "{design:?}: {:?}", judged.violations);
        }
    })
    .await;
}
