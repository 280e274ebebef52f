//! Contour: a map sheet with condensed capitals.

use crate::scene::{
    Align, Geometry, Item, Layer, LetterCase, Painter, Shape as ShapeLayer, Stroke, TextItem,
};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "contour",
        name: "Contour",
        description: "Height lines of an imaginary map under tall condensed capitals. For travel, outdoors and sport.",
        category: Category::Travel,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "fjord",
                "Fjord",
                &[
                    (0.24, 0.045, 215.0),
                    (0.78, 0.09, 190.0),
                    (0.46, 0.085, 195.0),
                ],
                [(0.97, 0.02, 100.0), (0.2, 0.04, 215.0), (0.86, 0.16, 90.0)],
            ),
            palette(
                "dune",
                "Dune",
                &[(0.93, 0.035, 80.0), (0.55, 0.11, 45.0), (0.80, 0.095, 60.0)],
                [(0.27, 0.06, 35.0), (0.98, 0.015, 80.0), (0.58, 0.18, 35.0)],
            ),
            palette(
                "moss",
                "Moss",
                &[
                    (0.26, 0.045, 150.0),
                    (0.80, 0.12, 125.0),
                    (0.46, 0.09, 140.0),
                ],
                [(0.97, 0.03, 110.0), (0.2, 0.04, 150.0), (0.84, 0.17, 75.0)],
            ),
            palette(
                "basalt",
                "Basalt",
                &[(0.20, 0.008, 260.0), (0.66, 0.2, 35.0), (0.36, 0.02, 260.0)],
                [(0.97, 0.005, 80.0), (0.18, 0.01, 260.0), (0.70, 0.2, 40.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let border = (page.unit * 0.0028).max(1.0);
    let inset = page.margin * 0.42;
    let outer = crate::scene::Frame::new(
        inset,
        inset,
        page.width - 2.0 * inset,
        page.height - 2.0 * inset,
    );
    let sheet = Layer::Shape(ShapeLayer {
        geometry: Geometry::Rectangle {
            frame: outer,
            radius: 0.0,
        },
        fill: None,
        stroke: Some(Stroke {
            width: border,
            color: page.palette.ink.with_alpha(150),
        }),
    });
    let (frame, vertical, size) = match page.shape {
        Shape::Banner => (page.part(0.02, 0.04, 0.66, 0.92), Align::Center, 0.24),
        Shape::Wide => (page.part(0.01, 0.05, 0.66, 0.92), Align::End, 0.205),
        Shape::Square => (page.part(0.02, 0.02, 0.9, 0.7), Align::Start, 0.215),
        Shape::Tall => (page.part(0.02, 0.02, 0.94, 0.62), Align::Start, 0.23),
    };
    let frame = page.clear_of_mark(frame, true);
    let title = TextItem {
        line_height: 1.06,
        tracking: 0.004,
        case: LetterCase::Upper,
        ..page.title("anton", size)
    };
    let mut items = vec![Item::Text(title)];
    items.push(page.rule(0.16, 0.011, page.palette.accent));
    items.extend(page.subtitle("inter-medium", 0.034).map(Item::Text));
    Composition {
        layers: vec![
            page.background(Painter::Contour, frame, 0.0),
            sheet,
            page.flow(frame, vertical, Align::Start, 0.042, items),
        ],
        mark: [1.0, 1.0],
    }
}
