//! Gig: a poster in a few inks, the title across its foot.

use crate::scene::{Align, Frame, Item, Layer, Mask, Painter, TextItem};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};
use crate::{Photo, PhotoTreatment};

pub(super) fn template() -> Template {
    Template {
        id: "gig",
        name: "Gig poster",
        description: "Large shapes, or your photo, printed in a few inks above a soft heavy serif. For music, events and podcasts.",
        category: Category::Entertainment,
        is_premium: true,
        version: 1,
        palettes: vec![
            palette(
                "fluorescent",
                "Fluorescent",
                &[
                    (0.955, 0.02, 90.0),
                    (0.72, 0.21, 15.0),
                    (0.56, 0.15, 250.0),
                    (0.88, 0.17, 100.0),
                ],
                [(0.27, 0.09, 262.0), (0.97, 0.02, 90.0), (0.58, 0.22, 15.0)],
            ),
            palette(
                "teal_brick",
                "Teal and brick",
                &[
                    (0.945, 0.03, 80.0),
                    (0.66, 0.17, 38.0),
                    (0.6, 0.1, 195.0),
                    (0.82, 0.14, 80.0),
                ],
                [(0.27, 0.055, 215.0), (0.97, 0.02, 80.0), (0.54, 0.17, 35.0)],
            ),
            palette(
                "grape",
                "Grape",
                &[
                    (0.95, 0.02, 330.0),
                    (0.8, 0.15, 75.0),
                    (0.55, 0.2, 305.0),
                    (0.72, 0.17, 350.0),
                ],
                [
                    (0.28, 0.12, 305.0),
                    (0.97, 0.015, 330.0),
                    (0.52, 0.22, 310.0),
                ],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (share, size) = match page.shape {
        Shape::Banner => (0.0, 0.15),
        Shape::Wide => (0.46, 0.155),
        Shape::Square => (0.56, 0.155),
        Shape::Tall => (0.56, 0.165),
    };
    let frame = if page.shape == Shape::Banner {
        page.part(0.0, 0.0, 0.62, 1.0)
    } else {
        page.part(0.0, share, 1.0, 1.0 - share)
    };
    let frame = page.clear_of_mark(frame, false);
    let title = TextItem {
        line_height: 1.0,
        tracking: -0.014,
        ..page.title("caprasimo", size)
    };
    let mut items = Vec::new();
    items.extend(page.kicker("archivo-black", 0.026).map(Item::Text));
    items.push(Item::Text(title));
    items.extend(page.subtitle("inter-extrabold", 0.03).map(Item::Text));
    // The picture runs from edge to edge above the text, and the shapes stand
    // on its upper edge.
    let calm = if page.shape == Shape::Banner {
        page.facing(Frame::new(0.0, 0.0, page.width * 0.62, page.height))
    } else {
        Frame::new(0.0, frame.y, page.width, page.height - frame.y)
    };
    let mut layers = stage(page, calm);
    // Letters keep off the shapes.
    let inset = if page.shape == Shape::Banner {
        0.0
    } else {
        page.unit * 0.035
    };
    let frame = Frame::new(
        frame.x,
        frame.y + inset,
        frame.width,
        (frame.height - inset).max(1.0),
    );
    layers.push(page.flow(frame, Align::Center, Align::Start, 0.032, items));
    Composition {
        layers,
        mark: [1.0, 0.0],
    }
}

/// The shapes, or the photo in the inks.
fn stage(page: &Page<'_>, calm: Frame) -> Vec<Layer> {
    let Some(photo) = &page.brief.photo else {
        let mut layer = page.background(Painter::Riso, calm, 0.0);
        if let Layer::Background(background) = &mut layer {
            background.calm = Some(calm);
        }
        return vec![layer];
    };
    let free = if page.shape == Shape::Banner {
        let width = page.width - calm.width;
        let x = if page.is_rtl { 0.0 } else { calm.right() };
        Frame::new(x, 0.0, width, page.height)
    } else {
        Frame::new(0.0, 0.0, page.width, calm.y)
    };
    let side = (free.width * 0.9).min(free.height * 0.94);
    let disc = Frame::new(
        free.x + (free.width - side) / 2.0,
        free.y + (free.height - side) / 2.0,
        side,
        side,
    );
    // Inks print a photo in two tones, whatever was asked for.
    let printed = Photo {
        treatment: PhotoTreatment::Duotone,
        ..photo.clone()
    };
    vec![
        page.background(Painter::Riso, calm, 0.0),
        Layer::Picture(crate::scene::PictureLayer {
            mask: Some(Mask::Ellipse),
            ..crate::template::dress::photo_layer(page, &printed, disc)
        }),
    ]
}
