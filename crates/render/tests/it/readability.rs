//! Every text reads: contrast at the worst pixel, on every painter and palette.

use covergen_render::scene::{Background, Layer, Painter, Scene};
use covergen_render::{Brief, Catalog, Color, PictureRef, Pictures, Preset, Rendered, wcag};

use crate::{brief, renderer};

fn assert_reads(cover: &Rendered, what: &str) {
    for text in &cover.report.texts {
        let ink = text.ink.as_ref().expect("a render measures");
        assert!(
            ink.wcag >= 4.5,
            "{what}: {:?} has {:.2}:1",
            text.lines,
            ink.wcag
        );
        assert!(
            ink.apca.abs() >= 30.0,
            "{what}: {:?} has Lc {:.0}",
            text.lines,
            ink.apca
        );
    }
}

#[test]
fn every_palette_of_every_template_reads_with_many_seeds() {
    for template in Catalog::builtin().templates() {
        for palette in &template.palettes {
            for seed in 0..8 {
                for (width, height) in [(320, 180), (180, 320), (240, 240)] {
                    let asked = Brief {
                        subtitle: Some("A field report from a team of nine".to_owned()),
                        palette: Some(palette.id.to_owned()),
                        seed,
                        ..brief("How we cut our build times by 80%", width, height)
                    };
                    let cover = renderer().render(&template.scene(&asked).unwrap()).unwrap();
                    let what = format!("{} {} {seed} {width}x{height}", template.id, palette.id);
                    assert_reads(&cover, &what);
                }
            }
        }
    }
}

#[test]
fn the_designed_sizes_read_at_full_size() {
    for template in Catalog::builtin().templates() {
        for preset in Preset::ALL.iter().take(5) {
            let asked = brief(
                "Ten habits of readable code",
                preset.size.width,
                preset.size.height,
            );
            let cover = renderer().render(&template.scene(&asked).unwrap()).unwrap();
            assert_reads(&cover, &format!("{} {}", template.id, preset.id));
        }
    }
}

/// A chessboard is the worst ground there is: only a scrim helps.
#[test]
fn text_over_a_hostile_picture_gets_a_scrim() {
    let (width, height) = (320_u32, 180_u32);
    let rgba: Vec<u8> = (0..width * height)
        .flat_map(|index| {
            let (x, y) = (index % width, index / width);
            let value = if (x / 6 + y / 6) % 2 == 0 { 255 } else { 0 };
            [value, value, value, 255]
        })
        .collect();
    let board = PictureRef {
        width,
        height,
        rgba: &rgba,
    };
    let template = Catalog::builtin().get("aurora", None).unwrap();
    let scene = template
        .scene(&brief("How we cut our build times by 80%", width, height))
        .unwrap()
        .with_background_picture("board", [0.5, 0.5]);
    assert_eq!(scene.picture_names(), ["board"]);
    let cover = renderer()
        .render_with(&scene, &Pictures::from([("board", board)]))
        .unwrap();
    assert_reads(&cover, "chessboard");
    assert!(
        cover
            .report
            .texts
            .iter()
            .any(|text| text.ink.as_ref().unwrap().scrim > 0.0)
    );
}

#[test]
fn a_calm_ground_gets_no_scrim() {
    let template = Catalog::builtin().get("swiss", None).unwrap();
    let cover = renderer()
        .render(&template.scene(&brief("Focus", 320, 180)).unwrap())
        .unwrap();
    assert!(
        cover
            .report
            .texts
            .iter()
            .all(|text| text.ink.as_ref().unwrap().scrim == 0.0)
    );
}

#[test]
fn the_reported_contrast_is_the_one_on_the_page() {
    // On a flat ground the contrast can be told without looking.
    let template = Catalog::builtin().get("swiss", None).unwrap();
    let mut scene: Scene = template.scene(&brief("Focus", 320, 180)).unwrap();
    let ground = Color::rgb(40, 60, 90);
    scene.layers.retain(|layer| matches!(layer, Layer::Flow(_)));
    scene.layers.insert(
        0,
        Layer::Background(Background {
            painter: Painter::Plain,
            seed: 0,
            colors: vec![ground, ground],
            calm: None,
            grain: 0.0,
            frame: None,
            mask: None,
        }),
    );
    let cover = renderer().render(&scene).unwrap();
    let ink = cover.report.title().unwrap().ink.clone().unwrap();
    assert!((ink.wcag - wcag(ink.color, ground)).abs() < 0.01);
}

#[test]
fn contrast_formulas_give_the_published_values() {
    assert!((wcag(Color::BLACK, Color::WHITE) - 21.0).abs() < 0.01);
    // WCAG's own example of the lightest grey that passes on white.
    assert!((wcag(Color::rgb(0x76, 0x76, 0x76), Color::WHITE) - 4.54).abs() < 0.01);
    // The reference values of the APCA readme.
    let lc = |text: &str, ground: &str| {
        covergen_render::apca(text.parse().unwrap(), ground.parse().unwrap())
    };
    assert!((lc("#888888", "#ffffff") - 63.056).abs() < 0.1);
    assert!((lc("#ffffff", "#888888") + 68.541).abs() < 0.1);
    assert!((lc("#000000", "#aaaaaa") - 58.146).abs() < 0.1);
    assert!((lc("#aaaaaa", "#000000") + 56.241).abs() < 0.1);
}
