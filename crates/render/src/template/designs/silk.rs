//! Silk: folded satin, a fine serif in a fine frame.

use crate::scene::{
    Align, Frame, Geometry, Item, Layer, Painter, Shape as ShapeLayer, Stroke, TextItem,
};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "silk",
        name: "Silk",
        description: "Folded satin behind a fine serif in a fine frame. For beauty, occasions and interviews.",
        category: Category::Elegance,
        is_premium: true,
        version: 1,
        palettes: vec![
            palette(
                "bordeaux",
                "Bordeaux",
                &[(0.16, 0.055, 15.0), (0.40, 0.15, 18.0), (0.74, 0.13, 30.0)],
                [(0.965, 0.025, 75.0), (0.2, 0.05, 15.0), (0.84, 0.08, 75.0)],
            ),
            palette(
                "emerald",
                "Emerald",
                &[
                    (0.17, 0.04, 170.0),
                    (0.42, 0.09, 168.0),
                    (0.80, 0.10, 165.0),
                ],
                [(0.97, 0.025, 95.0), (0.2, 0.04, 170.0), (0.86, 0.09, 90.0)],
            ),
            palette(
                "ink",
                "Ink blue",
                &[
                    (0.16, 0.05, 265.0),
                    (0.40, 0.14, 265.0),
                    (0.78, 0.09, 250.0),
                ],
                [
                    (0.97, 0.012, 260.0),
                    (0.18, 0.05, 265.0),
                    (0.84, 0.07, 80.0),
                ],
            ),
            palette(
                "champagne",
                "Champagne",
                &[
                    (0.95, 0.018, 80.0),
                    (0.86, 0.045, 75.0),
                    (0.68, 0.075, 65.0),
                ],
                [(0.28, 0.04, 50.0), (0.985, 0.01, 80.0), (0.5, 0.09, 60.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let line = (page.unit * 0.0022).max(1.0);
    let inset = page.margin * 0.5;
    let outer = Frame::new(
        inset,
        inset,
        page.width - 2.0 * inset,
        page.height - 2.0 * inset,
    );
    let border = |frame: Frame, alpha: u8, width: f32| {
        Layer::Shape(ShapeLayer {
            geometry: Geometry::Rectangle { frame, radius: 0.0 },
            fill: None,
            stroke: Some(Stroke {
                width,
                color: page.palette.accent.with_alpha(alpha),
            }),
        })
    };
    let (frame, size) = match page.shape {
        Shape::Banner => (page.part(0.14, 0.1, 0.72, 0.8), 0.165),
        Shape::Wide => (page.part(0.12, 0.1, 0.76, 0.8), 0.155),
        Shape::Square => (page.part(0.06, 0.12, 0.88, 0.76), 0.165),
        Shape::Tall => (page.part(0.05, 0.14, 0.9, 0.7), 0.18),
    };
    let frame = page.clear_of_mark(frame, true);
    let title = TextItem {
        line_height: 0.98,
        tracking: -0.012,
        ..page.title("instrument-serif", size)
    };
    let mut items = vec![
        page.rule(0.09, 0.003, page.palette.accent),
        Item::Text(title),
    ];
    items.extend(page.subtitle("inter-medium", 0.031).map(Item::Text));
    Composition {
        layers: vec![
            page.background(Painter::Silk, frame, 0.0),
            border(outer, 190, line),
            border(outer.grown(-inset * 0.22), 90, (line * 0.5).max(0.75)),
            page.flow(frame, Align::Center, Align::Center, 0.042, items),
        ],
        mark: [0.5, 1.0],
    }
}
