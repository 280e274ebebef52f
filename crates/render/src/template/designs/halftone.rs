//! Halftone: a two-ink poster, capitals on strips of ink.

use crate::scene::{Align, Highlight, Item, LetterCase, Painter, TextItem};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "halftone",
        name: "Halftone",
        description: "Growing dots in two inks and loud capitals on strips. For news, opinion and podcasts.",
        category: Category::News,
        is_premium: true,
        version: 1,
        palettes: vec![
            palette(
                "gazette",
                "Gazette",
                &[(0.95, 0.03, 90.0), (0.62, 0.23, 25.0), (0.85, 0.16, 88.0)],
                [(0.18, 0.02, 60.0), (0.97, 0.02, 90.0), (0.62, 0.23, 25.0)],
            ),
            palette(
                "press",
                "Press blue",
                &[
                    (0.96, 0.015, 220.0),
                    (0.48, 0.2, 264.0),
                    (0.82, 0.14, 200.0),
                ],
                [(0.2, 0.06, 266.0), (0.975, 0.01, 220.0), (0.5, 0.2, 264.0)],
            ),
            palette(
                "riot",
                "Riot",
                &[
                    (0.95, 0.02, 340.0),
                    (0.65, 0.26, 350.0),
                    (0.86, 0.17, 105.0),
                ],
                [
                    (0.2, 0.05, 330.0),
                    (0.975, 0.015, 100.0),
                    (0.6, 0.25, 350.0),
                ],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (frame, vertical, size) = match page.shape {
        Shape::Banner => (page.part(0.0, 0.0, 0.7, 1.0), Align::Center, 0.115),
        Shape::Wide => (page.part(0.0, 0.05, 0.74, 0.95), Align::End, 0.11),
        Shape::Square => (page.part(0.0, 0.25, 0.94, 0.75), Align::End, 0.115),
        Shape::Tall => (page.part(0.0, 0.34, 1.0, 0.66), Align::End, 0.125),
    };
    let at_bottom = page.is_wide();
    let strip = page.palette.ink;
    let title = TextItem {
        line_height: 1.2,
        tracking: -0.012,
        case: LetterCase::Upper,
        colors: vec![page.palette.reverse, page.palette.ground[0]],
        highlight: Some(Highlight {
            color: strip,
            pad_x: 0.2,
            pad_y: 0.15,
            radius: 0.0,
        }),
        ..page.title("archivo-black", size)
    };
    let mut items = vec![Item::Text(title)];
    items.extend(page.subtitle("inter-extrabold", 0.034).map(|subtitle| {
        Item::Text(TextItem {
            line_height: 1.62,
            colors: vec![page.palette.ink, page.palette.reverse],
            highlight: Some(Highlight {
                color: page.palette.ground[0],
                pad_x: 0.4,
                pad_y: 0.3,
                radius: 0.0,
            }),
            ..subtitle
        })
    }));
    Composition {
        layers: vec![
            page.background(Painter::Halftone, frame, 0.0),
            page.flow(frame, vertical, Align::Start, 0.02, items),
        ],
        mark: if at_bottom { [1.0, 1.0] } else { [1.0, 0.0] },
    }
}
