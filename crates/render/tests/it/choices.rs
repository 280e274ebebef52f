//! What a brief chooses beyond texts and palette.

use covergen_render::scene::{Fit, Item, Layer, PictureLayer, Role, Scene};
use covergen_render::{
    Brief, Catalog, Color, Error, Photo, PhotoTreatment, PictureRef, Pictures, Rendered, Template,
    Typeface, wcag,
};

use crate::{brief, renderer};

fn templates() -> impl Iterator<Item = &'static Template> {
    Catalog::builtin().templates()
}

fn pictures_of(scene: &Scene) -> Vec<&PictureLayer> {
    scene
        .layers
        .iter()
        .filter_map(|layer| match layer {
            Layer::Picture(picture) => Some(picture),
            _ => None,
        })
        .collect()
}

/// Green above, orange below.
fn photo_pixels() -> Vec<u8> {
    (0..60 * 80)
        .flat_map(|index| {
            if index / 60 < 40 {
                [40, 160, 90, 255]
            } else {
                [220, 130, 40, 255]
            }
        })
        .collect()
}

fn draw(scene: &Scene) -> Rendered {
    let rgba = photo_pixels();
    let lent = PictureRef {
        width: 60,
        height: 80,
        rgba: &rgba,
    };
    let pictures = Pictures::from([("photo", lent), ("logo", lent)]);
    renderer().render_with(scene, &pictures).unwrap()
}

fn with_photo(treatment: PhotoTreatment) -> Brief {
    Brief {
        photo: Some(Photo {
            focal_x: 0.25,
            focal_y: 0.75,
            treatment,
            ..Photo::new("photo")
        }),
        ..brief("How we cut our build times by 80%", 320, 180)
    }
}

#[test]
fn every_template_shows_a_photo_at_its_focal_point_and_reads_on_it() {
    for template in templates() {
        for treatment in [PhotoTreatment::Natural, PhotoTreatment::Duotone] {
            let scene = template.scene(&with_photo(treatment)).unwrap();
            let shown = pictures_of(&scene);
            assert_eq!(shown.len(), 1, "{}", template.id);
            assert_eq!(shown[0].focus, [0.25, 0.75], "{}", template.id);
            let report = draw(&scene).report;
            assert_eq!(report.problems(&scene), [], "{}", template.id);
        }
    }
}

#[test]
fn a_duotone_photo_is_printed_in_the_colours_of_the_palette() {
    let template = Catalog::builtin().get("swiss", None).unwrap();
    let scene = template
        .scene(&with_photo(PhotoTreatment::Duotone))
        .unwrap();
    let tones = pictures_of(&scene)[0].tones.clone().unwrap();
    assert!((2..=5).contains(&tones.len()));
    let palette = template.default_palette();
    let known = |tone: &Color| {
        palette.ground.contains(tone) || [palette.ink, palette.reverse].contains(tone)
    };
    assert!(tones.iter().all(known), "{tones:?}");
    assert!(wcag(tones[0], tones[tones.len() - 1]) > 4.5);
    let natural = template
        .scene(&with_photo(PhotoTreatment::Natural))
        .unwrap();
    assert!(draw(&scene).picture != draw(&natural).picture);
}

#[test]
fn without_a_photo_a_slot_is_painted() {
    for id in ["gallery", "frontpage", "gig", "horizon"] {
        let template = Catalog::builtin().get(id, None).unwrap();
        let scene = template.scene(&brief("Focus", 320, 180)).unwrap();
        assert!(scene.picture_names().is_empty(), "{id}");
        assert!(
            scene
                .layers
                .iter()
                .any(|layer| matches!(layer, Layer::Background(_))),
            "{id}"
        );
    }
}

#[test]
fn free_colours_replace_the_palette_and_text_still_reads() {
    let sets: [&[&str]; 5] = [
        &["#ffffff", "#000000"],
        &["#101020", "#ff5533", "#ffd166"],
        &["#7a7a7a", "#8a8a8a"],
        &["#e63946", "#f1faee", "#a8dadc", "#457b9d", "#1d3557"],
        &[
            "#ffee00", "#ffdd00", "#eecc00", "#ddbb00", "#ccaa00", "#bb9900",
        ],
    ];
    for template in templates() {
        for set in sets {
            let colors: Vec<Color> = set.iter().map(|color| color.parse().unwrap()).collect();
            let asked = Brief {
                colors: Some(colors.clone()),
                subtitle: Some("A field report".to_owned()),
                ..brief("How we cut our build times", 320, 180)
            };
            let scene = template.scene(&asked).unwrap();
            assert_eq!(scene.base, colors[0], "{}", template.id);
            let report = draw(&scene).report;
            assert_eq!(report.problems(&scene), [], "{} {set:?}", template.id);
        }
    }
}

#[test]
fn a_typeface_sets_the_title_and_nothing_else() {
    for template in templates() {
        for typeface in Typeface::ALL {
            let plain = brief("How we cut our build times by 80%", 1280, 720);
            let asked = Brief {
                font: Some(typeface.id.to_owned()),
                subtitle: Some("A field report".to_owned()),
                ..plain.clone()
            };
            let scene = template.scene(&asked).unwrap();
            let without = template
                .scene(&Brief {
                    font: None,
                    ..asked
                })
                .unwrap();
            let title = scene.text(Role::Title).unwrap();
            let subtitle = |scene: &Scene| scene.text(Role::Subtitle).unwrap().font.clone();
            assert_eq!(subtitle(&scene), subtitle(&without));
            let report = renderer().lay_out(&scene).unwrap();
            assert_eq!(
                report.problems(&scene),
                [],
                "{} {}",
                template.id,
                title.font
            );
        }
        let fonts: std::collections::BTreeSet<String> = Typeface::ALL
            .iter()
            .map(|typeface| {
                let asked = Brief {
                    font: Some(typeface.id.to_owned()),
                    ..brief("Focus", 320, 180)
                };
                let scene = template.scene(&asked).unwrap();
                scene.text(Role::Title).unwrap().font.clone()
            })
            .collect();
        assert_eq!(fonts.len(), Typeface::ALL.len(), "{}", template.id);
    }
}

#[test]
fn a_kicker_stands_above_the_title() {
    for template in templates() {
        let asked = Brief {
            kicker: Some("Issue twelve".to_owned()),
            ..brief("How we cut our build times by 80%", 1280, 720)
        };
        let scene = template.scene(&asked).unwrap();
        let report = renderer().lay_out(&scene).unwrap();
        let of = |role| report.texts.iter().find(|text| text.role == role).unwrap();
        let (kicker, title) = (of(Role::Label).frame, of(Role::Title).frame);
        assert!(kicker.bottom() <= title.y + 0.5, "{}", template.id);
    }
}

#[test]
fn a_logo_stands_in_a_corner_clear_of_every_text() {
    for template in templates() {
        for (width, height) in [(1280, 720), (1080, 1920), (900, 383), (1080, 1080)] {
            let asked = Brief {
                logo: Some("logo".to_owned()),
                subtitle: Some("A field report".to_owned()),
                ..brief("How we cut our build times by 80%", width, height)
            };
            let scene = template.scene(&asked).unwrap();
            let logo = pictures_of(&scene)[0];
            assert_eq!(logo.fit, Fit::Contain);
            let report = renderer().lay_out(&scene).unwrap();
            for text in &report.texts {
                assert!(
                    text.frame.y >= logo.frame.bottom(),
                    "{} {width}x{height} {:?}",
                    template.id,
                    text.role
                );
            }
        }
    }
}

#[test]
fn choices_out_of_bounds_are_refused_by_name() {
    let refused = |change: fn(&mut Brief)| {
        let mut asked = brief("Title", 320, 180);
        change(&mut asked);
        asked.validate().unwrap_err().to_string()
    };
    let color = Color::WHITE;
    assert!(Brief::new("T", brief("T", 64, 64).size).validate().is_ok());
    for (change, field) in [
        (
            (|b| b.colors = Some(vec![Color::WHITE])) as fn(&mut Brief),
            "colors",
        ),
        (|b| b.colors = Some(vec![Color::WHITE; 7]), "colors"),
        (
            |b| b.colors = Some(vec![Color::WHITE, Color::BLACK.with_alpha(9)]),
            "colors",
        ),
        (|b| b.font = Some("comic".to_owned()), "comic"),
        (|b| b.kicker = Some("k".repeat(41)), "kicker"),
        (|b| b.logo = Some(String::new()), "logo"),
        (|b| b.photo = Some(Photo::new("")), "photo.picture"),
        (
            |b| {
                b.photo = Some(Photo {
                    focal_x: f32::NAN,
                    ..Photo::new("p")
                });
            },
            "photo.focal_x",
        ),
        (
            |b| {
                b.photo = Some(Photo {
                    focal_y: 1.5,
                    ..Photo::new("p")
                });
            },
            "photo.focal_y",
        ),
    ] {
        let error = refused(change);
        assert!(error.contains(field), "{field}: {error}");
    }
    assert_eq!(color, Color::WHITE);
}

#[test]
fn a_scene_tells_the_brief_it_was_made_of() {
    let template = Catalog::builtin().get("gallery", None).unwrap();
    let asked = Brief {
        subtitle: Some("A field report".to_owned()),
        language: Some("en".to_owned()),
        colors: Some(vec![Color::BLACK, Color::WHITE]),
        font: Some("anton".to_owned()),
        logo: Some("logo".to_owned()),
        kicker: Some("Issue twelve".to_owned()),
        ..with_photo(PhotoTreatment::Duotone)
    };
    let stored = serde_json::to_string(&template.scene(&asked).unwrap()).unwrap();
    let scene: Scene = serde_json::from_str(&stored).unwrap();
    assert_eq!(scene.brief(asked.size, true), Some(asked.clone()));
    assert_eq!(asked.picture_names(), ["photo", "logo"]);
    let plain = template.scene(&brief("Focus", 320, 180)).unwrap();
    assert_eq!(plain.origin.as_ref().unwrap().choices, None);
    let again = plain.brief(plain.size, true).unwrap();
    assert_eq!(template.scene(&again).unwrap(), plain);
}

#[test]
fn a_missing_photo_is_named() {
    let template = Catalog::builtin().get("gallery", None).unwrap();
    let scene = template
        .scene(&with_photo(PhotoTreatment::Natural))
        .unwrap();
    let error = renderer().render(&scene).unwrap_err();
    assert!(matches!(error, Error::PictureMissing { name } if name == "photo"));
}

#[test]
fn an_absent_choice_leaves_no_trace_in_a_stored_scene() {
    for template in templates().take(8) {
        let scene = template.scene(&brief("Focus", 320, 180)).unwrap();
        let json = serde_json::to_string(&scene).unwrap();
        for key in [
            "choices",
            "document",
            "mask",
            "tones",
            "\"fit\"",
            "\"frame\":null",
        ] {
            assert!(!json.contains(key), "{} {key}", template.id);
        }
        let has_text = scene.layers.iter().any(|layer| {
            matches!(layer, Layer::Flow(flow) if flow.items.iter().any(|item| matches!(item, Item::Text(_))))
        });
        assert!(has_text);
    }
}
