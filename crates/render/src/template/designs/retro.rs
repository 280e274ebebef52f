//! Retro: a slatted sun, wide glowing letters.

use crate::scene::{
    Align, Fill, GradientStop, Item, LetterCase, LinearFill, Painter, Shadow, TextItem,
};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "retro",
        name: "Retro sun",
        description: "A slatted sun over misty ridges and wide letters that catch its light. For music, games and film.",
        category: Category::Entertainment,
        is_premium: true,
        version: 1,
        palettes: vec![
            palette(
                "miami",
                "Miami",
                &[
                    (0.20, 0.09, 290.0),
                    (0.46, 0.2, 330.0),
                    (0.90, 0.13, 88.0),
                    (0.65, 0.24, 5.0),
                    (0.16, 0.06, 290.0),
                ],
                [
                    (0.985, 0.02, 80.0),
                    (0.18, 0.08, 290.0),
                    (0.86, 0.13, 350.0),
                ],
            ),
            palette(
                "desert",
                "Desert",
                &[
                    (0.27, 0.06, 20.0),
                    (0.60, 0.15, 45.0),
                    (0.93, 0.10, 90.0),
                    (0.72, 0.19, 45.0),
                    (0.20, 0.05, 20.0),
                ],
                [(0.985, 0.02, 85.0), (0.2, 0.05, 20.0), (0.88, 0.12, 75.0)],
            ),
            palette(
                "arctic",
                "Arctic",
                &[
                    (0.21, 0.06, 255.0),
                    (0.52, 0.12, 220.0),
                    (0.96, 0.05, 180.0),
                    (0.74, 0.13, 200.0),
                    (0.17, 0.05, 255.0),
                ],
                [
                    (0.985, 0.01, 200.0),
                    (0.18, 0.05, 255.0),
                    (0.88, 0.1, 180.0),
                ],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (frame, vertical, horizontal, size) = match page.shape {
        Shape::Banner => (
            page.part(0.0, 0.0, 0.62, 0.96),
            Align::Center,
            Align::Start,
            0.115,
        ),
        Shape::Wide => (
            page.part(0.0, 0.02, 0.60, 0.9),
            Align::Center,
            Align::Start,
            0.105,
        ),
        Shape::Square => (
            page.part(0.0, 0.0, 1.0, 0.46),
            Align::Center,
            Align::Center,
            0.11,
        ),
        Shape::Tall => (
            page.part(0.0, 0.02, 1.0, 0.44),
            Align::Center,
            Align::Center,
            0.115,
        ),
    };
    let light = page.palette.ink;
    let warm = page.palette.accent;
    let title = TextItem {
        line_height: 1.12,
        tracking: -0.012,
        case: LetterCase::Upper,
        fill: Some(Fill::Linear(LinearFill {
            from: [0.0, 0.0],
            to: [0.0, 1.0],
            stops: vec![
                GradientStop {
                    offset: 0.25,
                    color: light,
                },
                GradientStop {
                    offset: 1.0,
                    color: warm,
                },
            ],
        })),
        shadow: Some(Shadow {
            dx: 0.0,
            dy: 0.05,
            blur: 0.28,
            color: page.palette.reverse.with_alpha(210),
        }),
        ..page.title("unbounded-extrabold", size)
    };
    let mut items = vec![Item::Text(title)];
    items.extend(page.subtitle("space-grotesk-medium", 0.036).map(Item::Text));
    Composition {
        layers: vec![
            page.background(Painter::Retro, frame, 0.0),
            page.flow(frame, vertical, horizontal, 0.046, items),
        ],
        mark: [1.0, 1.0],
    }
}
