//! Custom templates.

use covergen_render::scene::{Align, Layer, LetterCase, Painter, Role, Scene};
use covergen_render::{
    Brief, Catalog, Color, Error, Photo, PhotoTreatment, Preset, TemplateDocument,
};

use crate::{brief, renderer};

const FULL: &str = r##"{
    "version": 1, "base": "aurora", "baseVersion": 1, "background": "silk",
    "colors": ["#101020", "#ff5533", "#ffd166"], "font": "fraunces",
    "letterCase": "upper", "align": "center", "photo": {"treatment": "duotone"},
    "kicker": "From our studio"
}"##;

fn scene(json: &str, asked: &Brief) -> Scene {
    TemplateDocument::parse(json).unwrap().scene(asked).unwrap()
}

#[test]
fn a_document_changes_what_it_names() {
    let scene = scene(FULL, &brief("Focus", 1280, 720));
    let ground = scene.layers.iter().find_map(|layer| match layer {
        Layer::Background(ground) => Some(ground),
        _ => None,
    });
    assert_eq!(ground.unwrap().painter, Painter::Silk);
    let title = scene.text(Role::Title).unwrap();
    assert_eq!(
        (title.font.as_str(), title.case),
        ("fraunces-black", LetterCase::Upper)
    );
    assert_eq!(scene.text(Role::Label).unwrap().text, "From our studio");
    assert_eq!(scene.base, "#101020".parse().unwrap());
    let centred =
        |layer: &Layer| matches!(layer, Layer::Flow(flow) if flow.horizontal == Align::Center);
    assert!(scene.layers.iter().any(centred));
}

#[test]
fn a_document_that_changes_nothing_gives_the_base() {
    for template in Catalog::builtin().templates() {
        let document = TemplateDocument::of(template);
        let asked = brief("Focus", 320, 180);
        let mut custom = document.scene(&asked).unwrap();
        custom.origin.as_mut().unwrap().document = None;
        assert_eq!(custom, template.scene(&asked).unwrap());
        assert_eq!(
            TemplateDocument::parse(&document.to_json()).unwrap(),
            document
        );
    }
}

#[test]
fn what_a_brief_chooses_wins_over_the_document() {
    let asked = Brief {
        colors: Some(vec![Color::WHITE, Color::BLACK]),
        font: Some("anton".to_owned()),
        kicker: Some("Mine".to_owned()),
        photo: Some(Photo::new("photo")),
        ..brief("Focus", 320, 180)
    };
    let scene = scene(FULL, &asked);
    assert_eq!(scene.base, Color::WHITE);
    assert_eq!(scene.text(Role::Title).unwrap().font, "anton");
    assert_eq!(scene.text(Role::Label).unwrap().text, "Mine");
    let origin = scene.origin.as_ref().unwrap();
    let choices = origin.choices.as_ref().unwrap();
    let photo = choices.photo.as_ref().unwrap();
    assert_eq!(
        photo.treatment,
        PhotoTreatment::Natural,
        "as it was asked for"
    );
    let printed = scene
        .layers
        .iter()
        .any(|layer| matches!(layer, Layer::Picture(picture) if picture.tones.is_some()));
    assert!(printed, "the document prints photos in two tones");
}

#[test]
fn a_stored_scene_is_laid_out_anew_by_its_document() {
    let stored = scene(FULL, &brief("Focus", 1280, 720));
    let story = Preset::parse("story").unwrap().size;
    let asked = stored.brief(story, true).unwrap();
    let document = stored.origin.as_ref().unwrap().document.clone().unwrap();
    let expected = scene(
        FULL,
        &Brief {
            size: story,
            ..brief("Focus", 1280, 720)
        },
    );
    assert_eq!(document.scene(&asked).unwrap(), expected);
}

#[test]
fn every_background_of_a_document_paints_every_base_and_reads() {
    for template in Catalog::builtin().templates() {
        for painter in Painter::ALL {
            let document = TemplateDocument {
                background: Some(painter.slug().to_owned()),
                ..TemplateDocument::of(template)
            };
            let scene = document
                .scene(&brief("How we cut our build times", 320, 180))
                .unwrap();
            let report = renderer().render(&scene).unwrap().report;
            assert_eq!(report.problems(&scene), [], "{} {painter:?}", template.id);
        }
    }
}

#[test]
fn what_is_wrong_is_named_by_its_key() {
    let base = r#""version": 1, "base": "aurora", "baseVersion": 1"#;
    for (json, wanted) in [
        ("{".to_owned(), "document"),
        (format!("{{{base}, \"colour\": 1}}"), "colour"),
        (
            r#"{"version": 2, "base": "aurora", "baseVersion": 1}"#.to_owned(),
            "version",
        ),
        (
            r#"{"version": 1, "base": "nope", "baseVersion": 1}"#.to_owned(),
            "base",
        ),
        (
            r#"{"version": 1, "base": "aurora", "baseVersion": 99}"#.to_owned(),
            "baseVersion",
        ),
        (format!("{{{base}, \"background\": \"fog\"}}"), "background"),
        (
            format!("{{{base}, \"colors\": [\"#12345\", \"#ffffff\"]}}"),
            "colors",
        ),
        (format!("{{{base}, \"colors\": [\"#123456\"]}}"), "colors"),
        (format!("{{{base}, \"font\": \"comic\"}}"), "font"),
        (
            format!("{{{base}, \"letterCase\": \"lower\"}}"),
            "letterCase",
        ),
        (format!("{{{base}, \"align\": \"left\"}}"), "align"),
        (
            format!("{{{base}, \"kicker\": \"{}\"}}", "k".repeat(41)),
            "kicker",
        ),
        (
            format!("{{{base}, \"kicker\": \"{}\"}}", "k".repeat(20_000)),
            "document",
        ),
    ] {
        let error = TemplateDocument::parse(&json).unwrap_err();
        assert!(matches!(error, Error::BadDocument { .. }), "{json}");
        assert!(error.is_input());
        assert!(error.to_string().contains(wanted), "{json}: {error}");
    }
}
