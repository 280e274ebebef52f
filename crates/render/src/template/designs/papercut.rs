//! Papercut: layered paper hills, a soft heavy serif in the sky.

use crate::scene::{Align, Item, Painter, TextItem};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "papercut",
        name: "Papercut",
        description: "Sheets of cut paper rising under a soft heavy serif. For stories, lessons and books.",
        category: Category::Education,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "sunset",
                "Sunset",
                &[
                    (0.90, 0.055, 70.0),
                    (0.82, 0.10, 55.0),
                    (0.73, 0.15, 40.0),
                    (0.60, 0.17, 20.0),
                    (0.45, 0.14, 0.0),
                    (0.30, 0.10, 330.0),
                ],
                [
                    (0.28, 0.10, 345.0),
                    (0.985, 0.015, 75.0),
                    (0.58, 0.19, 25.0),
                ],
            ),
            palette(
                "ocean",
                "Ocean",
                &[
                    (0.93, 0.03, 210.0),
                    (0.83, 0.065, 205.0),
                    (0.70, 0.095, 215.0),
                    (0.56, 0.11, 230.0),
                    (0.41, 0.10, 245.0),
                    (0.27, 0.075, 260.0),
                ],
                [
                    (0.25, 0.075, 255.0),
                    (0.985, 0.01, 210.0),
                    (0.55, 0.14, 235.0),
                ],
            ),
            palette(
                "meadow",
                "Meadow",
                &[
                    (0.94, 0.04, 105.0),
                    (0.86, 0.09, 115.0),
                    (0.75, 0.12, 130.0),
                    (0.61, 0.12, 145.0),
                    (0.46, 0.09, 155.0),
                    (0.31, 0.06, 165.0),
                ],
                [
                    (0.26, 0.05, 165.0),
                    (0.985, 0.02, 105.0),
                    (0.52, 0.12, 145.0),
                ],
            ),
            palette(
                "plum",
                "Plum night",
                &[
                    (0.30, 0.075, 300.0),
                    (0.39, 0.11, 310.0),
                    (0.50, 0.15, 325.0),
                    (0.63, 0.17, 350.0),
                    (0.76, 0.14, 25.0),
                    (0.86, 0.11, 65.0),
                ],
                [(0.975, 0.02, 60.0), (0.24, 0.06, 300.0), (0.85, 0.13, 65.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (frame, vertical, horizontal, size) = match page.shape {
        Shape::Banner => (
            page.part(0.0, 0.0, 0.64, 0.84),
            Align::Center,
            Align::Start,
            0.135,
        ),
        Shape::Wide => (
            page.part(0.0, 0.0, 0.64, 0.68),
            Align::Start,
            Align::Start,
            0.125,
        ),
        Shape::Square => (
            page.part(0.02, 0.0, 0.96, 0.52),
            Align::Center,
            Align::Center,
            0.135,
        ),
        Shape::Tall => (
            page.part(0.0, 0.02, 1.0, 0.5),
            Align::Center,
            Align::Center,
            0.14,
        ),
    };
    let title = TextItem {
        line_height: 1.04,
        tracking: -0.012,
        ..page.title("fraunces-black", size)
    };
    let mut items = vec![Item::Text(title)];
    items.extend(page.subtitle("inter-medium", 0.034).map(Item::Text));
    Composition {
        layers: vec![
            page.background(Painter::Papercut, frame, 0.0),
            page.flow(frame, vertical, horizontal, 0.042, items),
        ],
        mark: [1.0, 1.0],
    }
}
