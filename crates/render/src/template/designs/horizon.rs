//! Horizon: a wide view under a masthead of tall capitals.

use crate::scene::{
    Align, Fill, Frame, GradientStop, Item, Layer, LetterCase, LinearFill, Painter, TextItem,
};
use crate::template::dress;
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "horizon",
        name: "Horizon",
        description: "A photo or a painted view from edge to edge under a masthead of tall capitals. For travel and outdoors.",
        category: Category::Travel,
        is_premium: true,
        version: 1,
        palettes: vec![
            palette(
                "alpenglow",
                "Alpenglow",
                &[
                    (0.36, 0.095, 275.0),
                    (0.78, 0.115, 35.0),
                    (0.93, 0.1, 85.0),
                    (0.58, 0.095, 320.0),
                    (0.2, 0.055, 285.0),
                ],
                [(0.985, 0.015, 80.0), (0.2, 0.05, 280.0), (0.92, 0.1, 85.0)],
            ),
            palette(
                "fog",
                "Morning fog",
                &[
                    (0.9, 0.022, 210.0),
                    (0.95, 0.028, 80.0),
                    (0.985, 0.05, 90.0),
                    (0.78, 0.032, 205.0),
                    (0.33, 0.045, 215.0),
                ],
                [
                    (0.25, 0.04, 220.0),
                    (0.985, 0.008, 210.0),
                    (0.45, 0.09, 215.0),
                ],
            ),
            palette(
                "savanna",
                "Savanna",
                &[
                    (0.74, 0.135, 55.0),
                    (0.9, 0.11, 85.0),
                    (0.98, 0.07, 95.0),
                    (0.62, 0.14, 45.0),
                    (0.25, 0.06, 35.0),
                ],
                [(0.24, 0.065, 35.0), (0.985, 0.02, 85.0), (0.36, 0.11, 35.0)],
            ),
            palette(
                "lagoon",
                "Blue hour",
                &[
                    (0.3, 0.085, 250.0),
                    (0.68, 0.1, 220.0),
                    (0.95, 0.05, 100.0),
                    (0.5, 0.09, 235.0),
                    (0.17, 0.05, 255.0),
                ],
                [(0.98, 0.015, 200.0), (0.18, 0.05, 255.0), (0.9, 0.1, 95.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (frame, foot, size) = match page.shape {
        Shape::Banner => (
            page.part(0.0, 0.0, 1.0, 0.62),
            page.part(0.0, 0.66, 0.78, 0.34),
            0.25,
        ),
        Shape::Wide => (
            page.part(0.02, 0.0, 0.96, 0.53),
            page.part(0.0, 0.66, 0.72, 0.34),
            0.25,
        ),
        Shape::Square => (
            page.part(0.0, 0.0, 1.0, 0.46),
            page.part(0.0, 0.7, 0.7, 0.3),
            0.26,
        ),
        Shape::Tall => (
            page.part(0.0, 0.0, 1.0, 0.42),
            page.part(0.0, 0.72, 0.7, 0.28),
            0.27,
        ),
    };
    let title = TextItem {
        line_height: 0.98,
        tracking: 0.012,
        case: LetterCase::Upper,
        ..page.title("bebas-neue", size)
    };
    let mut items = Vec::new();
    items.extend(page.kicker("inter-extrabold", 0.024).map(Item::Text));
    items.push(Item::Text(title));
    let calm = Frame::new(0.0, 0.0, page.width, frame.bottom());
    let mut layers = vec![
        page.background(Painter::Vista, calm, 0.0),
        page.flow(frame, Align::Start, Align::Center, 0.03, items),
    ];
    if let Some(subtitle) = page.subtitle("inter-medium", 0.033) {
        let subtitle = TextItem {
            colors: vec![page.palette.reverse, page.palette.ink]
                .into_iter()
                .chain([crate::Color::WHITE])
                .collect(),
            max_lines: 3,
            ..subtitle
        };
        layers.insert(1, shade(page, foot));
        layers.push(page.flow(
            foot,
            Align::End,
            Align::Start,
            0.02,
            vec![
                page.rule(0.06, 0.006, page.palette.ground[2]),
                Item::Text(subtitle),
            ],
        ));
    }
    Composition {
        layers,
        mark: [1.0, 1.0],
    }
}

/// The nearest ridge's colour rises behind the small line, over whatever is
/// there.
fn shade(page: &Page<'_>, foot: Frame) -> Layer {
    let ground = page.ground(Painter::Vista);
    let color = ground[ground.len() - 1];
    let stop = |offset: f32, alpha: u8| GradientStop {
        offset,
        color: color.with_alpha(alpha),
    };
    let top = foot.y + foot.height * 0.1;
    dress::rectangle(
        page,
        Fill::Linear(LinearFill {
            from: [0.0, page.height],
            to: [0.0, top],
            stops: vec![
                stop(0.0, 220),
                stop(0.45, 190),
                stop(0.75, 90),
                stop(1.0, 0),
            ],
        }),
    )
}
