//! Orbs: matte spheres in a bright room, friendly heavy type.

use crate::scene::{Align, Item, Painter, TextItem};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "orbs",
        name: "Orbs",
        description: "Softly lit spheres in a bright room with warm, heavy type. For lifestyle, wellness and products.",
        category: Category::Lifestyle,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "peach",
                "Peach",
                &[
                    (0.955, 0.022, 70.0),
                    (0.74, 0.16, 38.0),
                    (0.83, 0.13, 78.0),
                    (0.70, 0.12, 310.0),
                    (0.88, 0.06, 30.0),
                ],
                [(0.25, 0.06, 350.0), (0.985, 0.01, 70.0), (0.64, 0.2, 30.0)],
            ),
            palette(
                "mint",
                "Mint",
                &[
                    (0.96, 0.02, 165.0),
                    (0.72, 0.12, 170.0),
                    (0.86, 0.13, 115.0),
                    (0.62, 0.12, 235.0),
                    (0.88, 0.07, 190.0),
                ],
                [
                    (0.24, 0.045, 200.0),
                    (0.985, 0.01, 165.0),
                    (0.58, 0.13, 170.0),
                ],
            ),
            palette(
                "lilac",
                "Lilac",
                &[
                    (0.95, 0.02, 300.0),
                    (0.66, 0.17, 295.0),
                    (0.78, 0.13, 350.0),
                    (0.72, 0.13, 250.0),
                    (0.88, 0.06, 300.0),
                ],
                [
                    (0.24, 0.08, 290.0),
                    (0.985, 0.01, 300.0),
                    (0.58, 0.2, 300.0),
                ],
            ),
            palette(
                "midnight",
                "Midnight",
                &[
                    (0.23, 0.045, 265.0),
                    (0.62, 0.2, 265.0),
                    (0.74, 0.17, 45.0),
                    (0.66, 0.2, 345.0),
                    (0.42, 0.1, 265.0),
                ],
                [(0.97, 0.01, 265.0), (0.2, 0.04, 265.0), (0.8, 0.15, 60.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (frame, vertical, size) = match page.shape {
        Shape::Banner => (page.part(0.0, 0.0, 0.64, 1.0), Align::Center, 0.14),
        Shape::Wide => (page.part(0.0, 0.06, 0.62, 0.88), Align::Center, 0.13),
        Shape::Square => (page.part(0.0, 0.0, 0.94, 0.58), Align::Start, 0.14),
        Shape::Tall => (page.part(0.0, 0.02, 1.0, 0.52), Align::Start, 0.145),
    };
    let title = TextItem {
        line_height: 1.0,
        tracking: -0.018,
        ..page.title("bricolage-extrabold", size)
    };
    let mut items = vec![Item::Text(title)];
    items.extend(page.subtitle("inter-medium", 0.036).map(Item::Text));
    Composition {
        layers: vec![
            page.background(Painter::Orbs, frame, 0.0),
            page.flow(frame, vertical, Align::Start, 0.046, items),
        ],
        mark: [1.0, 1.0],
    }
}
