//! Front page: a headline under a double rule, a picture beside it.

use crate::Color;
use crate::scene::{
    Align, Fill, Frame, Geometry, Item, Layer, Painter, Shape as ShapeLayer, Spacer, TextItem,
};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "frontpage",
        name: "Front page",
        description: "A headline in a fat-face serif under a double rule, with a photo. For news, essays and interviews.",
        category: Category::News,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "newsprint",
                "Newsprint",
                &[
                    (0.95, 0.012, 85.0),
                    (0.885, 0.035, 80.0),
                    (0.62, 0.21, 30.0),
                    (0.42, 0.05, 250.0),
                    (0.8, 0.13, 80.0),
                ],
                [(0.17, 0.008, 60.0), (0.97, 0.01, 85.0), (0.53, 0.2, 28.0)],
            ),
            palette(
                "salmon",
                "Salmon",
                &[
                    (0.92, 0.038, 55.0),
                    (0.96, 0.02, 60.0),
                    (0.6, 0.1, 195.0),
                    (0.7, 0.16, 35.0),
                    (0.45, 0.07, 200.0),
                ],
                [(0.2, 0.02, 40.0), (0.97, 0.02, 55.0), (0.42, 0.09, 195.0)],
            ),
            palette(
                "cobalt",
                "Cobalt",
                &[
                    (0.97, 0.004, 260.0),
                    (0.9, 0.045, 255.0),
                    (0.52, 0.23, 264.0),
                    (0.78, 0.13, 215.0),
                    (0.72, 0.17, 20.0),
                ],
                [
                    (0.18, 0.03, 264.0),
                    (0.98, 0.004, 260.0),
                    (0.45, 0.22, 264.0),
                ],
            ),
            palette(
                "late_edition",
                "Late edition",
                &[
                    (0.19, 0.008, 80.0),
                    (0.87, 0.15, 92.0),
                    (0.68, 0.19, 40.0),
                    (0.38, 0.03, 80.0),
                    (0.62, 0.1, 200.0),
                ],
                [(0.965, 0.01, 85.0), (0.17, 0.008, 80.0), (0.87, 0.15, 92.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let content = page.content;
    let (thick, thin) = ((page.unit * 0.0115).max(1.5), (page.unit * 0.002).max(1.0));
    let below = thick + page.unit * 0.008 + thin;
    let gap = (page.unit * 0.042).min(content.height * 0.1);
    let body = Frame::new(
        content.x,
        content.y + below + gap * 0.9,
        content.width,
        (content.height - below - gap * 0.9).max(1.0),
    );
    let (column, picture, size) = match page.shape {
        Shape::Banner => beside(page, body, gap, 0.68, 0.15),
        Shape::Wide => beside(page, body, gap, 0.6, 0.13),
        Shape::Square => stacked(page, body, gap, 0.56, 0.125),
        Shape::Tall => stacked(page, body, gap, 0.52, 0.135),
    };
    let title = TextItem {
        line_height: 1.04,
        tracking: -0.012,
        ..page.title("bodoni-extrabold", size)
    };
    let mut items = Vec::new();
    items.extend(page.kicker("inter-extrabold", 0.0235).map(Item::Text));
    items.push(Item::Text(title));
    if let Some(subtitle) = page.subtitle("inter-medium", 0.031) {
        if page.is_wide() {
            items.push(Item::Spacer(Spacer { grow: 1.0 }));
        }
        items.push(page.rule(0.05, 0.0035, page.palette.accent));
        items.push(Item::Text(subtitle));
    }
    let ink = page.palette.ink;
    Composition {
        layers: vec![
            page.flat(page.palette.ground[0]),
            bar(Frame::new(content.x, content.y, content.width, thick), ink),
            bar(
                Frame::new(content.x, content.y + below - thin, content.width, thin),
                ink,
            ),
            page.slot_in(Painter::Riso, inks(page), picture, None),
            page.flow(column, Align::Start, Align::Start, 0.03, items),
        ],
        mark: [1.0, 1.0],
    }
}

/// The picture has a paper of its own: the palette's second colour.
fn inks(page: &Page<'_>) -> Vec<Color> {
    let ground = &page.palette.ground;
    if page.palette.id == crate::scene::CUSTOM_PALETTE {
        let paper = ground[0].mix(page.palette.ink, 0.09);
        return [paper]
            .into_iter()
            .chain(ground[1..].iter().copied())
            .collect();
    }
    ground[1..].to_vec()
}

/// Text, then the picture to the page's edges.
fn beside(page: &Page<'_>, body: Frame, gap: f32, share: f32, size: f32) -> (Frame, Frame, f32) {
    let width = body.width * share - gap;
    let column = Frame::new(body.x, body.y, width, body.height);
    let x = body.x + body.width * share;
    let picture = Frame::new(x, body.y, page.width - x, page.height - body.y);
    (page.facing(column), page.facing(picture), size)
}

/// Text over the picture.
fn stacked(page: &Page<'_>, body: Frame, gap: f32, share: f32, size: f32) -> (Frame, Frame, f32) {
    let height = body.height * share - gap;
    let column = Frame::new(body.x, body.y, body.width, height.max(1.0));
    let y = body.y + body.height * share;
    (
        column,
        Frame::new(0.0, y, page.width, page.height - y),
        size,
    )
}

fn bar(frame: Frame, color: Color) -> Layer {
    Layer::Shape(ShapeLayer {
        geometry: Geometry::Rectangle { frame, radius: 0.0 },
        fill: Some(Fill::Solid { color }),
        stroke: None,
    })
}
