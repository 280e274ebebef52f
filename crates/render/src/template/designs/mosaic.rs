//! Mosaic: a label on a window of coloured glass, as on the front of a book.

use crate::scene::{
    Align, Fill, Frame, Geometry, Item, Layer, Painter, Shape as ShapeLayer, Stroke, TextItem,
};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "mosaic",
        name: "Mosaic",
        description: "A printed label on panes of coloured glass. For courses, essays and book covers.",
        category: Category::Education,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "rose_window",
                "Rose window",
                &[
                    (0.955, 0.02, 85.0),
                    (0.83, 0.14, 85.0),
                    (0.66, 0.17, 45.0),
                    (0.5, 0.17, 20.0),
                    (0.45, 0.14, 265.0),
                    (0.58, 0.11, 225.0),
                    (0.21, 0.03, 270.0),
                ],
                [(0.22, 0.04, 270.0), (0.98, 0.01, 85.0), (0.5, 0.17, 20.0)],
            ),
            palette(
                "conservatory",
                "Conservatory",
                &[
                    (0.96, 0.018, 120.0),
                    (0.88, 0.13, 115.0),
                    (0.72, 0.14, 145.0),
                    (0.55, 0.11, 165.0),
                    (0.42, 0.08, 200.0),
                    (0.76, 0.1, 190.0),
                    (0.22, 0.035, 180.0),
                ],
                [
                    (0.22, 0.04, 175.0),
                    (0.98, 0.01, 120.0),
                    (0.47, 0.11, 160.0),
                ],
            ),
            palette(
                "deco",
                "Deco",
                &[
                    (0.2, 0.03, 265.0),
                    (0.82, 0.11, 85.0),
                    (0.62, 0.09, 75.0),
                    (0.42, 0.07, 230.0),
                    (0.32, 0.06, 260.0),
                    (0.52, 0.1, 200.0),
                    (0.14, 0.02, 265.0),
                ],
                [(0.95, 0.03, 85.0), (0.18, 0.03, 265.0), (0.82, 0.11, 85.0)],
            ),
            palette(
                "sorbet",
                "Sorbet",
                &[
                    (0.975, 0.012, 20.0),
                    (0.86, 0.09, 60.0),
                    (0.77, 0.14, 20.0),
                    (0.7, 0.15, 350.0),
                    (0.66, 0.13, 300.0),
                    (0.8, 0.08, 240.0),
                    (0.97, 0.012, 20.0),
                ],
                [(0.28, 0.09, 345.0), (0.985, 0.01, 20.0), (0.58, 0.19, 5.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (label, size) = match page.shape {
        Shape::Banner => (page.part(0.13, -0.02, 0.74, 1.04), 0.125),
        Shape::Wide => (page.part(0.16, 0.07, 0.68, 0.86), 0.12),
        Shape::Square => (page.part(0.05, 0.14, 0.9, 0.72), 0.12),
        Shape::Tall => (page.part(0.02, 0.1, 0.96, 0.66), 0.125),
    };
    let label = page.clear_of_mark(label, true);
    let line = (page.unit * 0.0026).max(1.0);
    let pad = (page.unit * 0.05)
        .min(label.height * 0.12)
        .min(label.width * 0.1);
    let inner = label.grown(-pad * 1.3);
    let paper = page.palette.ground[0];
    let title = TextItem {
        line_height: 1.06,
        tracking: -0.008,
        max_lines: 12,
        ..page.title("playfair-extrabold", size)
    };
    let mut items = Vec::new();
    items.extend(page.kicker("inter-extrabold", 0.0225).map(Item::Text));
    items.push(Item::Text(title));
    items.push(page.rule(0.028, 0.0055, page.palette.accent));
    items.extend(page.subtitle("inter-medium", 0.0315).map(Item::Text));
    Composition {
        layers: vec![
            ground(page),
            rectangle(
                label.grown(pad * 0.12),
                Some(page.palette.ground[page.palette.ground.len() - 1]),
                None,
            ),
            rectangle(label, Some(paper), None),
            rectangle(
                label.grown(-pad * 0.32),
                None,
                Some(Stroke {
                    width: line,
                    color: page.palette.accent,
                }),
            ),
            page.flow(inner, Align::Center, Align::Center, 0.036, items),
        ],
        mark: [0.5, 1.0],
    }
}

fn rectangle(frame: Frame, fill: Option<crate::Color>, stroke: Option<Stroke>) -> Layer {
    Layer::Shape(ShapeLayer {
        geometry: Geometry::Rectangle { frame, radius: 0.0 },
        fill: fill.map(|color| Fill::Solid { color }),
        stroke,
    })
}

fn ground(page: &Page<'_>) -> Layer {
    let whole = Frame::new(0.0, 0.0, page.width, page.height);
    let mut layer = page.background(Painter::Glass, whole, 0.0);
    if let Layer::Background(background) = &mut layer {
        background.calm = None;
    }
    layer
}
