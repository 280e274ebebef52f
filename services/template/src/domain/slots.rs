//! What a cover can be given: the fields of a request for covers, so that a
//! client can build its form.

use covergen_proto::template::v1::{Choice, Slot, slot::Kind};
use covergen_render::{
    MAX_KICKER_GRAPHEMES, MAX_SUBTITLE_GRAPHEMES, MAX_TITLE_GRAPHEMES, Typeface,
};

use super::Palette;

/// Fewest and most colours of one's own.
pub(crate) const COLORS: (i32, i32) = (2, 6);

/// The slots of a template with these palettes, typeface and line above the
/// title.
pub(crate) fn slots(palettes: &[Palette], font: &str, kicker: &str) -> Vec<Slot> {
    let mut slots = vec![
        Slot {
            required: true,
            ..text("title", "Title", MAX_TITLE_GRAPHEMES)
        },
        text("subtitle", "Subtitle", MAX_SUBTITLE_GRAPHEMES),
        Slot {
            default_value: kicker.to_owned(),
            ..text("kicker", "Line above the title", MAX_KICKER_GRAPHEMES)
        },
    ];
    if let Some(first) = palettes.first() {
        slots.push(Slot {
            choices: palettes
                .iter()
                .map(|palette| choice(&palette.id, &palette.name))
                .collect(),
            default_value: first.id.clone(),
            ..slot("paletteId", "Palette", Kind::Choice)
        });
    }
    slots.push(Slot {
        min_items: COLORS.0,
        max_items: COLORS.1,
        ..slot("colors", "Colours of your own", Kind::Color)
    });
    slots.push(Slot {
        choices: typefaces(),
        default_value: font.to_owned(),
        ..slot("font", "Typeface", Kind::Choice)
    });
    slots.push(Slot {
        focal_point: true,
        ..slot("photo", "Photo", Kind::Image)
    });
    slots
}

/// Every heading typeface.
pub(crate) fn typefaces() -> Vec<Choice> {
    let all = Typeface::ALL.iter();
    all.map(|typeface| choice(typeface.id, typeface.name))
        .collect()
}

/// A value with its name.
pub(crate) fn choice(id: &str, name: &str) -> Choice {
    Choice {
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

fn text(id: &str, label: &str, graphemes: usize) -> Slot {
    Slot {
        max_length: i32::try_from(graphemes).unwrap_or(i32::MAX),
        ..slot(id, label, Kind::Text)
    }
}

fn slot(id: &str, label: &str, kind: Kind) -> Slot {
    Slot {
        id: id.to_owned(),
        label: label.to_owned(),
        kind: kind.into(),
        ..Slot::default()
    }
}
