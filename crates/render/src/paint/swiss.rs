//! A constructed poster: circles, quarters, bars and stripes on a square
//! module, filling what the text leaves free.

use super::art::Art;
use super::disc::{cover, stamp};
use crate::Color;
use crate::noise::Rng;
use crate::scene::Frame;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Motif {
    Disc,
    Quarter,
    Half,
    Stripes,
    Ring,
    Block,
    Triangle,
    Dots,
}

const MOTIFS: [Motif; 8] = [
    Motif::Quarter,
    Motif::Disc,
    Motif::Half,
    Motif::Stripes,
    Motif::Quarter,
    Motif::Ring,
    Motif::Triangle,
    Motif::Dots,
];

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let paper = art.color(0);
    art.fill(paper);
    let area = art.free_area();
    let (columns, rows) = modules(&area);
    let side = (area.width / columns as f32).max(area.height / rows as f32);
    let mut rng = art.rng(51);
    // The pattern runs off the edges it shares with the canvas.
    let left = if area.x > 1.0 {
        area.x
    } else {
        area.right() - columns as f32 * side
    };
    let top = if area.y > 1.0 {
        area.y
    } else {
        area.bottom() - rows as f32 * side
    };
    let mut last = (Motif::Block, Motif::Block);
    let mut colors = Deck::new(art, &mut rng);
    for row in 0..rows {
        for column in 0..columns {
            // Whole pixels: neighbours meet without a seam.
            let place = |start: f32, index: usize| (start + index as f32 * side).round();
            let (x, y) = (place(left, column), place(top, row));
            let cell = Frame::new(x, y, place(left, column + 1) - x, place(top, row + 1) - y);
            let mut motif = MOTIFS[rng.below(MOTIFS.len())];
            while motif == last.0 || motif == last.1 {
                motif = MOTIFS[rng.below(MOTIFS.len())];
            }
            last = (motif, last.0);
            let (ground, figure) = colors.pair(&mut rng);
            draw(art, &cell, motif, ground, figure, rng.below(4));
        }
    }
}

/// Columns and rows of modules, about three along the short side.
#[inline(always)]
fn modules(area: &Frame) -> (usize, usize) {
    let (short, long) = (area.width.min(area.height), area.width.max(area.height));
    let across = if long / short > 2.6 {
        1
    } else if long / short > 1.35 {
        2
    } else {
        3
    };
    let along = ((long / short) * across as f32).round().max(1.0) as usize;
    if area.width <= area.height {
        (across, along)
    } else {
        (along, across)
    }
}

/// Pairs of colours, each unlike the pair before it.
struct Deck {
    grounds: Vec<Color>,
    last: usize,
}

impl Deck {
    fn new(art: &Art<'_, '_>, rng: &mut Rng) -> Self {
        let mut grounds = art.colors.to_vec();
        // A second helping of paper leaves room to breathe.
        grounds.push(art.color(0).mix(art.color(1), 0.07));
        let last = rng.below(grounds.len());
        Self { grounds, last }
    }

    #[inline(always)]
    fn pair(&mut self, rng: &mut Rng) -> (Color, Color) {
        let count = self.grounds.len();
        let mut ground = rng.below(count);
        if ground == self.last {
            ground = (ground + 1) % count;
        }
        self.last = ground;
        let mut figure = rng.below(count - 1);
        for _ in 0..count {
            if figure != ground && distinct(self.grounds[ground], self.grounds[figure]) {
                break;
            }
            figure = (figure + 1) % count;
        }
        (self.grounds[ground], self.grounds[figure])
    }
}

#[inline(always)]
fn distinct(a: Color, b: Color) -> bool {
    let (a, b) = (crate::color::Lab::from(a), crate::color::Lab::from(b));
    (a.l - b.l).abs() + (a.a - b.a).abs() + (a.b - b.b).abs() > 0.22
}

#[inline(always)]
fn draw(
    art: &mut Art<'_, '_>,
    cell: &Frame,
    motif: Motif,
    ground: Color,
    figure: Color,
    turn: usize,
) {
    // Its sides are whole pixels, so no pixel is covered by half.
    let bounds = [cell.x, cell.y, cell.right() - 1.0, cell.bottom() - 1.0];
    stamp(art.pixels, bounds, ground, |_, _| 1.0);
    let side = cell.width;
    let (across, down) = turned(turn);
    let place = |x: f32, y: f32| {
        let (x, y) = ((x - cell.x) / side, (y - cell.y) / side);
        let along = |[a, b, c]: [f32; 3]| a * x + b * y + c;
        (along(across), along(down))
    };
    // A loop of its own for every motif, without a choice per pixel.
    macro_rules! motif {
        ($motif:expr) => {
            stamp(art.pixels, bounds, figure, |x, y| {
                let (u, v) = place(x, y);
                shape($motif, u, v, side)
            })
        };
    }
    match motif {
        Motif::Disc => motif!(Motif::Disc),
        Motif::Quarter => motif!(Motif::Quarter),
        Motif::Half => motif!(Motif::Half),
        Motif::Stripes => motif!(Motif::Stripes),
        Motif::Ring => motif!(Motif::Ring),
        Motif::Block => motif!(Motif::Block),
        Motif::Triangle => motif!(Motif::Triangle),
        Motif::Dots => motif!(Motif::Dots),
    }
}

/// A quarter turn of the unit square, as factors of x and y and a constant.
#[inline(always)]
fn turned(turn: usize) -> ([f32; 3], [f32; 3]) {
    match turn {
        0 => ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
        1 => ([0.0, 1.0, 0.0], [-1.0, 0.0, 1.0]),
        2 => ([-1.0, 0.0, 1.0], [0.0, -1.0, 1.0]),
        _ => ([0.0, -1.0, 1.0], [1.0, 0.0, 0.0]),
    }
}

/// Coverage of a motif at a point of the unit square.
#[inline(always)]
fn shape(motif: Motif, u: f32, v: f32, side: f32) -> f32 {
    let round = |cx: f32, cy: f32, radius: f32| {
        let (dx, dy) = (u - cx, v - cy);
        ((dx * dx + dy * dy).sqrt() - radius) * side
    };
    match motif {
        Motif::Disc => cover(round(0.5, 0.5, 0.38)),
        Motif::Quarter => cover(round(0.0, 0.0, 1.0)),
        Motif::Half => cover(round(0.5, 0.0, 0.5)),
        Motif::Ring => cover((round(0.5, 0.5, 0.29)).abs() - 0.13 * side),
        Motif::Block => cover(((u - 0.5).abs().max((v - 0.5).abs()) - 0.25) * side),
        Motif::Triangle => cover((u + v - 1.0) * side * std::f32::consts::FRAC_1_SQRT_2),
        Motif::Stripes => {
            let phase = v * 4.0 - (v * 4.0).floor();
            cover(((phase - 0.5).abs() - 0.25) * side / 4.0)
        }
        Motif::Dots => {
            let (du, dv) = (
                u * 4.0 - (u * 4.0).floor() - 0.5,
                v * 4.0 - (v * 4.0).floor() - 0.5,
            );
            cover(((du * du + dv * dv).sqrt() - 0.27) * side / 4.0)
        }
    }
}
