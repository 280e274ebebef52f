//! Prism: a card before light in ribbed glass.

use crate::scene::{
    Align, Fill, Frame, Geometry, Item, Layer, Painter, Shape as ShapeLayer, Spacer, TextItem,
};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "prism",
        name: "Prism",
        description: "A clean card before light in ribbed glass. For launches, reports and talks.",
        category: Category::Business,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "spectrum",
                "Spectrum",
                &[
                    (0.975, 0.004, 280.0),
                    (0.6, 0.22, 275.0),
                    (0.78, 0.15, 25.0),
                    (0.85, 0.12, 75.0),
                    (0.72, 0.14, 330.0),
                ],
                [
                    (0.19, 0.03, 280.0),
                    (0.985, 0.004, 280.0),
                    (0.52, 0.22, 275.0),
                ],
            ),
            palette(
                "reef",
                "Reef",
                &[
                    (0.975, 0.006, 190.0),
                    (0.52, 0.12, 220.0),
                    (0.78, 0.13, 180.0),
                    (0.88, 0.13, 130.0),
                    (0.4, 0.1, 250.0),
                ],
                [
                    (0.2, 0.04, 225.0),
                    (0.985, 0.006, 190.0),
                    (0.48, 0.11, 215.0),
                ],
            ),
            palette(
                "clay",
                "Clay",
                &[
                    (0.97, 0.01, 70.0),
                    (0.63, 0.16, 38.0),
                    (0.82, 0.11, 65.0),
                    (0.42, 0.1, 25.0),
                    (0.75, 0.07, 350.0),
                ],
                [(0.23, 0.035, 35.0), (0.985, 0.01, 70.0), (0.57, 0.16, 36.0)],
            ),
            palette(
                "night",
                "Night shift",
                &[
                    (0.19, 0.03, 270.0),
                    (0.55, 0.22, 285.0),
                    (0.66, 0.22, 350.0),
                    (0.75, 0.14, 220.0),
                    (0.38, 0.15, 275.0),
                ],
                [
                    (0.975, 0.01, 280.0),
                    (0.18, 0.03, 270.0),
                    (0.8, 0.13, 215.0),
                ],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let size = match page.shape {
        Shape::Banner => 0.13,
        Shape::Wide => 0.112,
        Shape::Square => 0.115,
        Shape::Tall => 0.12,
    };
    let card = card(page);
    let pad = (page.unit * 0.06)
        .min(card.width * 0.1)
        .min(card.height * 0.12);
    let inner = card.grown(-pad);
    let title = TextItem {
        line_height: 1.04,
        tracking: -0.022,
        ..page.title("bricolage-extrabold", size)
    };
    let mut items = Vec::new();
    if let Some(kicker) = page.kicker("inter-extrabold", 0.0225) {
        items.push(Item::Text(kicker));
    } else {
        items.push(page.rule(0.05, 0.018, page.palette.accent));
    }
    items.push(Item::Spacer(Spacer { grow: 1.0 }));
    items.push(Item::Text(title));
    items.extend(page.subtitle("inter-medium", 0.031).map(Item::Text));
    let whole = Frame::new(0.0, 0.0, page.width, page.height);
    Composition {
        layers: vec![
            ground(page, whole),
            Layer::Shape(ShapeLayer {
                geometry: Geometry::Rectangle {
                    frame: card,
                    radius: page.unit * 0.032,
                },
                fill: Some(Fill::Solid {
                    color: page.palette.ground[0],
                }),
                stroke: None,
            }),
            page.flow(inner, Align::Start, Align::Start, 0.032, items),
        ],
        mark: if page.is_wide() {
            [1.0, 1.0]
        } else {
            [1.0, 0.0]
        },
    }
}

/// The card stays inside the safe area, and off the corner of the mark.
fn card(page: &Page<'_>) -> Frame {
    let edge = page.margin * 0.45;
    let content = page.content.grown(edge);
    match page.shape {
        Shape::Banner => page.facing(Frame::new(
            content.x,
            content.y,
            content.width * 0.66,
            content.height,
        )),
        Shape::Wide => page.facing(Frame::new(
            content.x,
            content.y,
            content.width * 0.62,
            content.height,
        )),
        Shape::Square => {
            let height = content.height * 0.62;
            Frame::new(content.x, content.bottom() - height, content.width, height)
        }
        Shape::Tall => {
            let height = (content.height * 0.56).min(content.width * 1.02);
            Frame::new(content.x, content.bottom() - height, content.width, height)
        }
    }
}

/// The whole page: the card brings its own calm.
fn ground(page: &Page<'_>, whole: Frame) -> Layer {
    let mut layer = page.background(Painter::Fluted, whole, 0.0);
    if let Layer::Background(background) = &mut layer {
        background.calm = None;
    }
    layer
}
