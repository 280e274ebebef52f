//! Swiss: a constructed pattern beside a tight grotesk.

use crate::scene::{
    Align, Fill, Frame, Geometry, Item, Layer, Painter, Shape as ShapeLayer, Spacer, TextItem,
};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "swiss",
        name: "Swiss",
        description: "A constructed pattern of circles and bars beside tight black type. For business, design and reports.",
        category: Category::Business,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "signal",
                "Signal red",
                &[
                    (0.965, 0.008, 85.0),
                    (0.20, 0.01, 60.0),
                    (0.62, 0.235, 28.0),
                    (0.86, 0.03, 80.0),
                ],
                [(0.19, 0.01, 60.0), (0.98, 0.005, 85.0), (0.60, 0.235, 28.0)],
            ),
            palette(
                "bauhaus",
                "Primary",
                &[
                    (0.955, 0.018, 90.0),
                    (0.22, 0.02, 270.0),
                    (0.60, 0.21, 29.0),
                    (0.84, 0.16, 88.0),
                    (0.50, 0.15, 256.0),
                ],
                [
                    (0.20, 0.02, 270.0),
                    (0.98, 0.005, 85.0),
                    (0.50, 0.16, 256.0),
                ],
            ),
            palette(
                "forest",
                "Forest",
                &[
                    (0.95, 0.02, 110.0),
                    (0.28, 0.05, 160.0),
                    (0.62, 0.12, 150.0),
                    (0.80, 0.14, 75.0),
                    (0.84, 0.06, 140.0),
                ],
                [
                    (0.24, 0.045, 160.0),
                    (0.98, 0.01, 110.0),
                    (0.58, 0.13, 150.0),
                ],
            ),
            palette(
                "ultraviolet",
                "Ultraviolet",
                &[
                    (0.19, 0.03, 285.0),
                    (0.94, 0.02, 290.0),
                    (0.60, 0.24, 290.0),
                    (0.80, 0.18, 145.0),
                ],
                [
                    (0.97, 0.01, 290.0),
                    (0.16, 0.02, 285.0),
                    (0.80, 0.18, 145.0),
                ],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    // Text and pattern share the page; the pattern runs off its edges.
    let (text, calm, size) = match page.shape {
        Shape::Banner | Shape::Wide => {
            let share = if page.shape == Shape::Banner {
                0.62
            } else {
                0.575
            };
            let edge = page.width * share;
            let text = Frame {
                width: edge - page.content.x - page.margin * 0.8,
                ..page.content
            };
            (
                page.facing(text),
                page.facing(Frame::new(0.0, 0.0, edge, page.height)),
                0.135,
            )
        }
        Shape::Square | Shape::Tall => {
            let share = if page.shape == Shape::Square {
                0.5
            } else {
                0.52
            };
            let edge = page.height * share;
            let text = Frame {
                height: edge - page.content.y - page.margin * 0.7,
                ..page.content
            };
            (text, Frame::new(0.0, 0.0, page.width, edge), 0.14)
        }
    };
    let bar = (page.unit * 0.014).max(1.0);
    let head = Layer::Shape(ShapeLayer {
        geometry: Geometry::Rectangle {
            frame: Frame::new(text.x, text.y, text.width, bar),
            radius: 0.0,
        },
        fill: Some(Fill::Solid {
            color: page.palette.ink,
        }),
        stroke: None,
    });
    let below = bar + page.unit * 0.032;
    let column = Frame::new(
        text.x,
        text.y + below.min(text.height * 0.2),
        text.width,
        (text.height - below).max(text.height * 0.8),
    );
    let title = TextItem {
        line_height: 1.0,
        tracking: -0.038,
        ..page.title("inter-extrabold", size)
    };
    let mut items = vec![Item::Text(title)];
    if let Some(subtitle) = page.subtitle("inter-medium", 0.032) {
        items.push(Item::Spacer(Spacer { grow: 1.0 }));
        items.push(Item::Text(subtitle));
    }
    let mut layers = page_background(page, calm);
    layers.extend([
        head,
        page.flow(column, Align::Start, Align::Start, 0.03, items),
    ]);
    Composition {
        layers,
        mark: [1.0, 1.0],
    }
}

/// The pattern, or the photo, meets the text column exactly, without the usual
/// margin.
fn page_background(page: &Page<'_>, calm: Frame) -> Vec<Layer> {
    if page.brief.photo.is_some() {
        let free = if page.is_wide() {
            let x = if page.is_rtl { 0.0 } else { calm.right() };
            Frame::new(x, 0.0, page.width - calm.width, page.height)
        } else {
            Frame::new(0.0, calm.bottom(), page.width, page.height - calm.bottom())
        };
        return vec![
            page.flat(page.palette.ground[0]),
            page.slot(Painter::Swiss, free, None),
        ];
    }
    let mut layer = page.background(Painter::Swiss, calm, 0.0);
    if let Layer::Background(background) = &mut layer {
        background.calm = Some(calm);
    }
    vec![layer]
}
