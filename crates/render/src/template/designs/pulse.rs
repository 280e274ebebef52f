//! Pulse: stacked lines of a signal, type set as in a terminal.

use crate::scene::{Align, Frame, Item, Painter, TextItem};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "pulse",
        name: "Pulse",
        description: "Stacked lines of a signal in the dark with monospaced type. For engineering, data and music.",
        category: Category::Technology,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "phosphor",
                "Phosphor",
                &[(0.16, 0.02, 165.0), (0.9, 0.17, 150.0), (0.8, 0.13, 190.0)],
                [
                    (0.97, 0.02, 150.0),
                    (0.16, 0.02, 165.0),
                    (0.88, 0.19, 145.0),
                ],
            ),
            palette(
                "magma",
                "Magma",
                &[
                    (0.15, 0.035, 320.0),
                    (0.86, 0.15, 80.0),
                    (0.66, 0.24, 20.0),
                    (0.52, 0.22, 335.0),
                ],
                [(0.98, 0.015, 70.0), (0.15, 0.03, 320.0), (0.78, 0.17, 60.0)],
            ),
            palette(
                "vinyl",
                "Vinyl",
                &[
                    (0.13, 0.004, 260.0),
                    (0.97, 0.004, 90.0),
                    (0.8, 0.006, 260.0),
                ],
                [
                    (0.985, 0.004, 90.0),
                    (0.13, 0.004, 260.0),
                    (0.97, 0.004, 90.0),
                ],
            ),
            palette(
                "paper",
                "Plotter",
                &[(0.965, 0.012, 95.0), (0.4, 0.17, 265.0), (0.55, 0.22, 25.0)],
                [(0.2, 0.05, 265.0), (0.98, 0.01, 95.0), (0.45, 0.2, 265.0)],
            ),
        ],
        design,
    }
}

fn design(page: &Page<'_>) -> Composition {
    let (frame, vertical, size) = match page.shape {
        Shape::Banner => (page.part(0.0, 0.0, 0.6, 1.0), Align::Center, 0.115),
        Shape::Wide => (page.part(0.0, 0.0, 0.58, 1.0), Align::Center, 0.1),
        Shape::Square => (page.part(0.0, 0.0, 0.96, 0.46), Align::Start, 0.105),
        Shape::Tall => (page.part(0.0, 0.01, 1.0, 0.42), Align::Start, 0.11),
    };
    let title = TextItem {
        line_height: 1.1,
        tracking: -0.03,
        ..page.title("jetbrains-mono-extrabold", size)
    };
    let mut items = vec![page.rule(0.035, 0.013, page.palette.accent)];
    items.extend(
        page.kicker("jetbrains-mono-extrabold", 0.024)
            .map(Item::Text),
    );
    items.push(Item::Text(title));
    items.extend(page.subtitle("inter-medium", 0.033).map(Item::Text));
    // Lines never come out again on the far side of the text.
    let calm = if page.is_wide() {
        let x = if page.is_rtl { frame.x } else { 0.0 };
        let end = if page.is_rtl {
            page.width
        } else {
            frame.right()
        };
        Frame::new(x, 0.0, end - x, page.height)
    } else {
        Frame::new(0.0, 0.0, page.width, frame.bottom())
    };
    Composition {
        layers: vec![
            page.background(Painter::Pulse, calm, 0.0),
            page.flow(frame, vertical, Align::Start, 0.036, items),
        ],
        mark: [1.0, 1.0],
    }
}
