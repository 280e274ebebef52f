//! Fonts that are missing, and characters that none of them has.

use std::fs;

use covergen_render::{Catalog, Error, Fonts, Renderer, Scene};

use crate::{TITLES, brief, fetched, renderer};

fn scene(title: &str) -> Scene {
    let template = Catalog::builtin().get("aurora", None).unwrap();
    template.scene(&brief(title, 320, 180)).unwrap()
}

#[test]
fn without_fetched_fonts_only_their_scripts_are_refused() {
    let bare = Renderer::new(Fonts::new("/nonexistent"));
    for title in TITLES {
        let needs_file = title.chars().any(|c| u32::from(c) >= 0x2E80);
        assert_eq!(bare.render(&scene(title)).is_err(), needs_file, "{title}");
    }
}

#[test]
fn a_missing_font_is_named_with_the_remedy() {
    let bare = Renderer::new(Fonts::new("/nonexistent"));
    let error = bare.render(&scene("三十天学会画画")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the text needs Han glyphs; font file NotoSansSC-Black.ttf was not found in /nonexistent; run `cargo xtask fonts`"
    );
    assert!(!error.is_input());
    let error = bare.render(&scene("🌴")).unwrap_err();
    assert!(matches!(
        error,
        Error::FontMissing {
            file: "NotoColorEmoji-Regular.ttf",
            ..
        }
    ));
    let error = bare.render(&scene("안녕")).unwrap_err();
    assert!(matches!(
        error,
        Error::FontMissing {
            file: "NotoSansKR-Black.ttf",
            ..
        }
    ));
    assert_eq!(bare.fonts().missing_files().len(), 9);
}

#[test]
fn a_file_that_is_no_font_is_named() {
    let dir = std::env::temp_dir().join(format!("covergen-fonts-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("NotoSansSC-Black.ttf"), b"not a font").unwrap();
    let error = Renderer::new(Fonts::new(&dir))
        .render(&scene("三十"))
        .unwrap_err();
    fs::remove_dir_all(&dir).unwrap();
    assert!(matches!(error, Error::FontUnreadable { .. }), "{error}");
}

#[test]
fn a_character_without_a_glyph_is_named() {
    for title in ["Hello \u{12000}", "\u{13080}", "Private \u{e123} use"] {
        let error = renderer().render(&scene(title)).unwrap_err();
        let Error::GlyphMissing { code_points, .. } = &error else {
            panic!("{title:?} gave {error}");
        };
        assert!(code_points.starts_with("U+"), "{code_points}");
        assert!(error.is_input());
    }
}

#[test]
fn regional_forms_follow_the_language() {
    // 直 is drawn differently in China and Japan.
    let at = |language: Option<&str>| {
        let template = Catalog::builtin().get("swiss", None).unwrap();
        let mut asked = brief("直", 320, 180);
        asked.language = language.map(str::to_owned);
        renderer()
            .render(&template.scene(&asked).unwrap())
            .unwrap()
            .picture
    };
    assert!(at(Some("ja")) != at(Some("zh-Hans")));
    assert!(at(None) == at(Some("zh-Hans")));
}

#[test]
fn emoji_are_drawn_in_colour() {
    let template = Catalog::builtin().get("swiss", None).unwrap();
    let mut asked = brief("🌴", 320, 180);
    asked.watermark = false;
    let mut scene = template.scene(&asked).unwrap();
    scene
        .layers
        .retain(|layer| matches!(layer, covergen_render::scene::Layer::Flow(_)));
    let picture = renderer().render(&scene).unwrap().picture;
    let greens = picture
        .rgba
        .chunks_exact(4)
        .filter(|p| p[1] > p[0].saturating_add(15) && p[1] > p[2].saturating_add(15));
    assert!(greens.count() > 100, "a palm tree is green");
}

#[test]
fn the_committed_manifest_names_every_fetched_file() {
    let manifest = fs::read_to_string(fetched().join("../fetch.toml")).unwrap();
    for file in Fonts::new("/nonexistent").missing_files() {
        assert!(manifest.contains(&format!("name = \"{file}\"")), "{file}");
    }
}
