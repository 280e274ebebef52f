//! What a brief may ask.

use covergen_render::{Brief, Catalog, Category, Error, Preset, Size};

use crate::brief;

fn refusal(title: &str) -> Error {
    let template = Catalog::builtin().get("aurora", None).unwrap();
    template.scene(&brief(title, 320, 180)).unwrap_err()
}

#[test]
fn an_empty_title_is_refused() {
    assert!(matches!(refusal(""), Error::TitleEmpty));
    assert!(matches!(refusal(" \n\t "), Error::TitleEmpty));
}

#[test]
fn a_title_is_measured_in_what_readers_count() {
    // Each family is seven code points and one character.
    let family = "👩‍👩‍👧‍👦".repeat(120);
    let template = Catalog::builtin().get("aurora", None).unwrap();
    assert!(template.scene(&brief(&family, 320, 180)).is_ok());
    assert!(matches!(
        refusal(&"a".repeat(121)),
        Error::TextTooLong {
            field: "title",
            graphemes: 121,
            limit: 120
        }
    ));
}

#[test]
fn a_title_of_many_bytes_is_refused_even_when_short() {
    let zalgo = format!("a{}", "\u{301}".repeat(2100));
    assert!(matches!(refusal(&zalgo), Error::TextTooLarge { .. }));
}

#[test]
fn control_characters_are_refused_by_name() {
    assert!(matches!(
        refusal("a\0b"),
        Error::ControlCharacter { code: 0, .. }
    ));
    assert!(matches!(
        refusal("a\u{1b}b"),
        Error::ControlCharacter { code: 0x1b, .. }
    ));
}

#[test]
fn a_long_subtitle_is_refused() {
    let mut asked = brief("Title", 320, 180);
    asked.subtitle = Some("b".repeat(241));
    let template = Catalog::builtin().get("aurora", None).unwrap();
    assert!(matches!(
        template.scene(&asked),
        Err(Error::TextTooLong {
            field: "subtitle",
            limit: 240,
            ..
        })
    ));
}

#[test]
fn sizes_outside_the_range_are_refused() {
    for (width, height) in [(63, 100), (100, 63), (4097, 100), (100, 4097), (0, 0)] {
        assert!(matches!(
            Size::new(width, height),
            Err(Error::SizeOutOfRange { .. })
        ));
        let asked = Brief::new("Title", Size { width, height });
        assert!(matches!(
            asked.validate(),
            Err(Error::SizeOutOfRange { .. })
        ));
    }
}

#[test]
fn presets_are_found_by_their_slug() {
    let square = Preset::parse("podcast").unwrap().size;
    assert_eq!((square.width, square.height), (3000, 3000));
    assert!(matches!(
        Preset::parse("fax"),
        Err(Error::UnknownPreset { .. })
    ));
    for preset in &Preset::ALL {
        assert_eq!(Preset::parse(preset.id).unwrap(), preset);
        assert!(Size::new(preset.size.width, preset.size.height).is_ok());
    }
}

#[test]
fn unknown_templates_versions_and_palettes_are_named() {
    let catalog = Catalog::builtin();
    assert!(matches!(
        catalog.get("nope", None),
        Err(Error::UnknownTemplate { .. })
    ));
    let error = catalog.get("aurora", Some(999)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no template is named `aurora` in version 999"
    );
    let mut asked = brief("Title", 320, 180);
    asked.palette = Some("mud".to_owned());
    let error = catalog
        .get("aurora", None)
        .unwrap()
        .scene(&asked)
        .unwrap_err();
    assert_eq!(error.to_string(), "template `aurora` has no palette `mud`");
}

#[test]
fn every_template_has_a_slug_palettes_and_a_description() {
    let mut seen = Vec::new();
    for template in Catalog::builtin().templates() {
        assert!(
            template
                .id
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '-')
        );
        assert!(!seen.contains(&template.id), "{} twice", template.id);
        seen.push(template.id);
        assert!(template.palettes.len() >= 3, "{}", template.id);
        assert!(!template.description.is_empty() && template.version >= 1);
    }
    assert!(seen.len() >= 16);
    for category in Category::ALL {
        let of_it = Catalog::builtin()
            .templates()
            .filter(|template| template.category == category);
        assert!(of_it.count() >= 2, "{category:?}");
    }
    let free = Catalog::builtin().templates().filter(|t| !t.is_premium);
    assert!(free.count() >= 4, "the free tier needs a choice");
}
