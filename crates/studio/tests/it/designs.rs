//! Designs: pictures, custom templates, other sizes.

use std::sync::Arc;

use covergen_imaging::{Encoding, Picture};
use covergen_render::{Brief, Photo, Preset, TemplateDocument};
use covergen_studio::{Design, Pictures, Studio, StudioError};

use crate::fonts;

fn brief() -> Brief {
    Brief::new("Focus", Preset::parse("thumbnail").unwrap().size)
}

fn red() -> Arc<Picture> {
    Arc::new(Picture::new(8, 8, [200, 20, 30, 255].repeat(64)).unwrap())
}

#[test]
fn a_design_draws_the_pictures_that_it_holds() {
    let studio = Studio::shared(&fonts());
    let asked = Brief {
        photo: Some(Photo::new("photo")),
        ..brief()
    };
    let mut design = Design::new("frontpage", 1, asked);
    let error = studio.draw_here(&design, &[Encoding::PREVIEW]).unwrap_err();
    assert!(matches!(error, StudioError::Render(_)), "{error}");
    assert!(error.is_input());
    design.pictures = Pictures::from_iter([("photo", red())]);
    let picture = studio.picture(&design).unwrap();
    let reds = picture
        .rgba()
        .chunks_exact(4)
        .filter(|pixel| pixel[..3] == [200, 20, 30]);
    assert!(reds.count() > 1000, "the photo takes its slot");
}

#[test]
fn a_custom_template_draws_by_its_document() {
    let studio = Studio::shared(&fonts());
    let json = r##"{"version":1,"base":"swiss","baseVersion":1,"colors":["#123456","#ffffff"]}"##;
    let document = TemplateDocument::parse(json).unwrap();
    let design = Design {
        document: Some(Arc::new(document)),
        ..Design::new("tpl_mine", 3, brief())
    };
    let picture = studio.picture(&design).unwrap();
    assert_eq!(picture.rgba()[..3], [0x12, 0x34, 0x56]);
}

#[test]
fn a_design_is_found_again_from_its_stored_scene() {
    let json = r#"{"version":1,"base":"gallery","baseVersion":1,"font":"anton"}"#;
    let asked = Brief {
        photo: Some(Photo::new("photo")),
        kicker: Some("Essay".to_owned()),
        ..brief()
    };
    let design = Design {
        document: Some(Arc::new(TemplateDocument::parse(json).unwrap())),
        pictures: Pictures::from_iter([("photo", red())]),
        ..Design::new("tpl_mine", 1, asked)
    };
    let story = Preset::parse("story").unwrap().size;
    let mut again = Design::of_scene(&design.scene().unwrap(), story, false).unwrap();
    assert!(again.pictures.is_empty(), "pixels are not in a scene");
    assert_eq!(again.brief.picture_names(), ["photo"]);
    again.pictures = design.pictures.clone();
    let wanted = design.resized(story);
    assert_eq!(again.scene().unwrap(), wanted.scene().unwrap());
}
