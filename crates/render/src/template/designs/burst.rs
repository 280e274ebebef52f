//! Burst: rays, and loud capitals with an outline: a thumbnail that shouts.

use crate::Color;
use crate::scene::{Align, Item, LetterCase, Outline, Painter, Shadow, TextItem};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "burst",
        name: "Burst",
        description: "Rays and dots behind outlined capitals that shout. For videos, games and challenges.",
        category: Category::Entertainment,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "comic",
                "Comic",
                &[(0.84, 0.17, 88.0), (0.72, 0.19, 55.0), (0.6, 0.22, 30.0)],
                [(0.99, 0.005, 90.0), (0.17, 0.04, 30.0), (0.5, 0.22, 28.0)],
            ),
            palette(
                "arcade",
                "Arcade",
                &[
                    (0.42, 0.22, 285.0),
                    (0.52, 0.26, 310.0),
                    (0.78, 0.16, 200.0),
                ],
                [(0.97, 0.12, 105.0), (0.16, 0.07, 285.0), (0.9, 0.18, 105.0)],
            ),
            palette(
                "splash",
                "Splash",
                &[
                    (0.66, 0.16, 240.0),
                    (0.56, 0.19, 255.0),
                    (0.88, 0.12, 200.0),
                ],
                [
                    (0.99, 0.005, 240.0),
                    (0.18, 0.07, 260.0),
                    (0.92, 0.17, 105.0),
                ],
            ),
            palette(
                "bubblegum",
                "Bubblegum",
                &[(0.78, 0.16, 350.0), (0.68, 0.2, 355.0), (0.93, 0.09, 95.0)],
                [
                    (0.99, 0.01, 350.0),
                    (0.24, 0.11, 345.0),
                    (0.95, 0.12, 100.0),
                ],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (frame, size) = match page.shape {
        Shape::Banner => (page.part(0.06, 0.06, 0.88, 0.88), 0.17),
        Shape::Wide => (page.part(0.05, 0.06, 0.9, 0.88), 0.165),
        Shape::Square => (page.part(0.02, 0.1, 0.96, 0.8), 0.165),
        Shape::Tall => (page.part(0.0, 0.12, 1.0, 0.72), 0.18),
    };
    let frame = page.clear_of_mark(frame, true);
    let edge = page.palette.reverse;
    let title = TextItem {
        line_height: 1.12,
        tracking: 0.008,
        case: LetterCase::Upper,
        outline: Some(Outline {
            width: 0.075,
            color: edge,
        }),
        shadow: Some(Shadow {
            dx: 0.06,
            dy: 0.085,
            blur: 0.0,
            color: edge,
        }),
        ..page.title("archivo-black", size)
    };
    let mut items = Vec::new();
    items.extend(
        page.kicker("archivo-black", 0.03)
            .map(|kicker| Item::Text(strip(page, kicker))),
    );
    items.push(Item::Text(title));
    items.extend(
        page.subtitle("inter-extrabold", 0.036)
            .map(|subtitle| Item::Text(strip(page, subtitle))),
    );
    let calm = frame.grown(-frame.width * 0.06);
    Composition {
        layers: vec![
            page.background(Painter::Burst, calm, 0.0),
            page.flow(frame, Align::Center, Align::Center, 0.05, items),
        ],
        mark: [1.0, 1.0],
    }
}

/// A small text on a strip of its own.
fn strip(page: &Page<'_>, text: TextItem) -> TextItem {
    TextItem {
        line_height: 1.62,
        colors: vec![page.palette.ink, Color::WHITE],
        highlight: Some(crate::scene::Highlight {
            color: page.palette.reverse,
            pad_x: 0.55,
            pad_y: 0.36,
            radius: 0.3,
        }),
        ..text
    }
}
