//! Gallery: a window with a round head on a quiet wall, a display serif beside
//! it.

use crate::scene::{
    Align, Frame, Geometry, Item, Layer, Mask, Painter, Shape as ShapeLayer, Stroke, TextItem,
};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "gallery",
        name: "Gallery",
        description: "Your photo in an arched window, a display serif on a quiet wall. For homes, food and journals.",
        category: Category::Lifestyle,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "linen",
                "Linen",
                &[
                    (0.945, 0.018, 80.0),
                    (0.86, 0.055, 60.0),
                    (0.74, 0.105, 48.0),
                    (0.6, 0.12, 40.0),
                    (0.44, 0.085, 35.0),
                    (0.31, 0.05, 40.0),
                ],
                [(0.27, 0.035, 45.0), (0.98, 0.01, 80.0), (0.56, 0.12, 42.0)],
            ),
            palette(
                "sage",
                "Sage",
                &[
                    (0.93, 0.022, 140.0),
                    (0.86, 0.045, 130.0),
                    (0.75, 0.06, 140.0),
                    (0.6, 0.065, 150.0),
                    (0.45, 0.055, 155.0),
                    (0.31, 0.04, 160.0),
                ],
                [(0.26, 0.035, 160.0), (0.98, 0.01, 140.0), (0.5, 0.1, 150.0)],
            ),
            palette(
                "ink_blue",
                "Ink blue",
                &[
                    (0.27, 0.055, 255.0),
                    (0.86, 0.06, 75.0),
                    (0.76, 0.11, 55.0),
                    (0.6, 0.11, 20.0),
                    (0.46, 0.09, 310.0),
                    (0.35, 0.08, 275.0),
                ],
                [(0.965, 0.02, 80.0), (0.22, 0.05, 255.0), (0.85, 0.09, 75.0)],
            ),
            palette(
                "blush",
                "Blush",
                &[
                    (0.93, 0.028, 20.0),
                    (0.88, 0.05, 40.0),
                    (0.79, 0.09, 20.0),
                    (0.66, 0.12, 10.0),
                    (0.5, 0.11, 0.0),
                    (0.35, 0.08, 350.0),
                ],
                [(0.3, 0.08, 0.0), (0.98, 0.01, 20.0), (0.56, 0.16, 10.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let Page {
        width,
        height,
        margin,
        ..
    } = *page;
    let (frame, window, align, size) = match page.shape {
        Shape::Banner => {
            let side = height * 0.62;
            let window = Frame::new(
                width - side - margin * 1.6,
                height * 0.1,
                side,
                height * 0.92,
            );
            (
                page.part(0.0, 0.0, 0.64, 1.0),
                page.facing(window),
                Align::Start,
                0.15,
            )
        }
        Shape::Wide => {
            let side = width * 0.335;
            let window = Frame::new(
                width - side - margin * 1.5,
                height * 0.11,
                side,
                height * 0.9,
            );
            (
                page.part(0.0, 0.0, 0.55, 1.0),
                page.facing(window),
                Align::Start,
                0.145,
            )
        }
        Shape::Square => {
            let side = width * 0.5;
            let window = Frame::new((width - side) / 2.0, height * 0.5, side, height * 0.51);
            (
                page.part(0.03, 0.0, 0.94, 0.43),
                window,
                Align::Center,
                0.125,
            )
        }
        Shape::Tall => {
            let side = width * 0.64;
            let window = Frame::new((width - side) / 2.0, height * 0.5, side, height * 0.51);
            (page.part(0.0, 0.02, 1.0, 0.4), window, Align::Center, 0.14)
        }
    };
    let frame = if page.is_wide() {
        page.clear_of_mark(frame, true)
    } else {
        frame
    };
    let line = (page.unit * 0.0024).max(1.0);
    let title = TextItem {
        line_height: 1.02,
        tracking: -0.014,
        ..page.title("dm-serif-display", size)
    };
    let mut items = Vec::new();
    items.extend(page.kicker("inter-extrabold", 0.0235).map(Item::Text));
    items.push(Item::Text(title));
    items.push(page.rule(0.075, 0.0034, page.palette.accent));
    items.extend(page.subtitle("inter-medium", 0.033).map(Item::Text));
    Composition {
        layers: vec![
            page.flat(page.palette.ground[0]),
            outline(page, window.grown(page.unit * 0.022), line),
            page.slot(Painter::Papercut, window, Some(Mask::Arch)),
            page.flow(frame, Align::Center, align, 0.036, items),
        ],
        mark: if page.is_wide() {
            [0.0, 1.0]
        } else {
            [0.5, 1.0]
        },
    }
}

/// A thin line that repeats the window's head.
fn outline(page: &Page<'_>, frame: Frame, width: f32) -> Layer {
    let radius = frame.width / 2.0;
    let (left, right) = (frame.x, frame.right());
    let (spring, foot) = (
        frame.y + radius.min(frame.height),
        page.height + width * 4.0,
    );
    Layer::Shape(ShapeLayer {
        geometry: Geometry::Path {
            data: format!(
                "M {left} {foot} L {left} {spring} A {radius} {radius} 0 0 1 {right} {spring} L {right} {foot}"
            ),
        },
        fill: None,
        stroke: Some(Stroke {
            width,
            color: page.palette.accent,
        }),
    })
}
