//! Sumi: mountains of ink wash, a quiet serif in the sky, a seal.

use crate::scene::{Align, Item, Painter, Rule, TextItem, Writing};
use crate::template::page::{Page, Shape};
use crate::template::palette::palette;
use crate::template::{Category, Composition, Template};

pub(super) fn template() -> Template {
    Template {
        id: "sumi",
        name: "Sumi",
        description: "Mountains of ink wash on paper under a quiet serif. For poetry, tea, interviews and occasions.",
        category: Category::Elegance,
        is_premium: false,
        version: 1,
        palettes: vec![
            palette(
                "vermilion",
                "Vermilion",
                &[(0.955, 0.014, 90.0), (0.25, 0.015, 250.0), (0.6, 0.2, 32.0)],
                [(0.2, 0.01, 250.0), (0.97, 0.01, 90.0), (0.55, 0.2, 30.0)],
            ),
            palette(
                "indigo",
                "Indigo",
                &[(0.95, 0.012, 230.0), (0.33, 0.1, 265.0), (0.83, 0.11, 80.0)],
                [
                    (0.24, 0.07, 265.0),
                    (0.97, 0.01, 230.0),
                    (0.45, 0.14, 265.0),
                ],
            ),
            palette(
                "jade",
                "Jade",
                &[
                    (0.95, 0.018, 120.0),
                    (0.34, 0.055, 170.0),
                    (0.7, 0.13, 45.0),
                ],
                [
                    (0.23, 0.04, 170.0),
                    (0.97, 0.012, 120.0),
                    (0.46, 0.09, 165.0),
                ],
            ),
            palette(
                "moonlit",
                "Moonlit",
                &[
                    (0.22, 0.025, 255.0),
                    (0.9, 0.015, 230.0),
                    (0.93, 0.05, 95.0),
                ],
                [
                    (0.965, 0.012, 95.0),
                    (0.2, 0.025, 255.0),
                    (0.88, 0.08, 90.0),
                ],
            ),
        ],
        design,
    }
}

/// Longer titles are set from side to side.
const MAX_COLUMN_CHARS: usize = 24;

fn design(page: &Page<'_>) -> Composition {
    let title = &page.brief.title;
    if !page.is_wide()
        && crate::text::is_vertical(title)
        && title.chars().count() <= MAX_COLUMN_CHARS
    {
        return in_columns(page);
    }
    let (frame, horizontal, size) = match page.shape {
        Shape::Banner => (page.part(0.0, 0.0, 0.56, 1.0), Align::Start, 0.16),
        Shape::Wide => (page.part(0.0, 0.0, 0.56, 0.8), Align::Start, 0.14),
        Shape::Square => (page.part(0.05, 0.0, 0.9, 0.5), Align::Center, 0.145),
        Shape::Tall => (page.part(0.04, 0.03, 0.92, 0.44), Align::Center, 0.155),
    };
    let vertical = if page.shape == Shape::Wide {
        Align::Start
    } else {
        Align::Center
    };
    let title = TextItem {
        line_height: 1.0,
        tracking: -0.012,
        ..page.title("instrument-serif", size)
    };
    let mut items = vec![page.seal()];
    items.extend(page.kicker("inter-medium", 0.024).map(Item::Text));
    items.push(Item::Text(title));
    items.extend(page.subtitle("inter-medium", 0.031).map(Item::Text));
    Composition {
        layers: vec![
            page.background(Painter::Ink, frame, 0.0),
            page.flow(frame, vertical, horizontal, 0.038, items),
        ],
        mark: [1.0, 1.0],
    }
}

/// Chinese and Japanese as on a hanging scroll: the title in columns at the
/// right, the seal and the small lines across from it.
fn in_columns(page: &Page<'_>) -> Composition {
    let (columns, aside, size) = if page.shape == Shape::Tall {
        let columns = page.part(0.5, 0.0, 0.5, 0.56);
        (columns, page.part(0.0, 0.0, 0.46, 0.4), 0.15)
    } else {
        let columns = page.part(0.5, 0.0, 0.5, 0.66);
        (columns, page.part(0.0, 0.0, 0.46, 0.4), 0.13)
    };
    let title = TextItem {
        writing: Writing::Vertical,
        ..page.title("instrument-serif", size)
    };
    let mut small = vec![page.seal()];
    small.extend(page.kicker("inter-medium", 0.024).map(Item::Text));
    small.extend(page.subtitle("inter-medium", 0.031).map(Item::Text));
    Composition {
        layers: vec![
            page.background(Painter::Ink, columns, 0.0),
            page.flow(
                columns,
                Align::Start,
                Align::End,
                0.03,
                vec![Item::Text(title)],
            ),
            page.flow(aside, Align::Start, Align::Start, 0.038, small),
        ],
        mark: [0.0, 1.0],
    }
}

impl Page<'_> {
    /// A small square in the accent colour, as a seal stands on a drawing.
    fn seal(&self) -> Item {
        let side = (self.unit * 0.026).max(2.0);
        Item::Rule(Rule {
            width: side,
            height: side,
            radius: side * 0.16,
            color: self.palette.accent,
        })
    }
}
