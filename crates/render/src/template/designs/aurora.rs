//! Aurora: light over darkness, type at its foot.

use crate::scene::{Align, Item, Painter, TextItem};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "aurora",
        name: "Aurora",
        description: "Veils of light over a dark ground, a clean grotesk at the foot. For technology, products and talks.",
        category: Category::Technology,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "polar",
                "Polar night",
                &[
                    (0.17, 0.055, 275.0),
                    (0.58, 0.22, 285.0),
                    (0.74, 0.15, 195.0),
                    (0.62, 0.25, 340.0),
                ],
                [
                    (0.985, 0.005, 280.0),
                    (0.18, 0.05, 275.0),
                    (0.86, 0.13, 190.0),
                ],
            ),
            palette(
                "ember",
                "Ember",
                &[
                    (0.17, 0.04, 20.0),
                    (0.60, 0.24, 22.0),
                    (0.54, 0.23, 355.0),
                    (0.80, 0.16, 62.0),
                ],
                [(0.985, 0.01, 60.0), (0.18, 0.04, 20.0), (0.87, 0.15, 80.0)],
            ),
            palette(
                "lagoon",
                "Lagoon",
                &[
                    (0.18, 0.04, 230.0),
                    (0.66, 0.14, 180.0),
                    (0.84, 0.18, 145.0),
                    (0.52, 0.18, 255.0),
                ],
                [
                    (0.985, 0.01, 180.0),
                    (0.18, 0.04, 230.0),
                    (0.90, 0.16, 150.0),
                ],
            ),
            palette(
                "dawn",
                "Dawn",
                &[
                    (0.965, 0.012, 80.0),
                    (0.84, 0.10, 40.0),
                    (0.80, 0.11, 330.0),
                    (0.85, 0.08, 260.0),
                ],
                [(0.22, 0.05, 300.0), (0.985, 0.01, 60.0), (0.55, 0.2, 20.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (frame, size) = match page.shape {
        Shape::Banner => (page.part(0.0, 0.0, 0.68, 1.0), 0.15),
        Shape::Wide => (page.part(0.0, 0.14, 0.74, 0.86), 0.135),
        Shape::Square => (page.part(0.0, 0.28, 0.96, 0.72), 0.14),
        Shape::Tall => (page.part(0.0, 0.36, 1.0, 0.64), 0.155),
    };
    let mark_at_bottom = page.is_wide();
    let title = TextItem {
        line_height: 1.02,
        tracking: -0.022,
        ..page.title("space-grotesk-bold", size)
    };
    let mut items = vec![
        page.rule(0.085, 0.0085, page.palette.accent),
        Item::Text(title),
    ];
    items.extend(page.subtitle("space-grotesk-medium", 0.036).map(Item::Text));
    Composition {
        layers: vec![
            page.background(Painter::Aurora, frame, 0.0),
            page.flow(frame, Align::End, Align::Start, 0.042, items),
        ],
        mark: if mark_at_bottom {
            [1.0, 1.0]
        } else {
            [1.0, 0.0]
        },
    }
}
