//! Panes of coloured glass between leads.

use std::ops::Range;

use super::art::Art;
use super::pixel;
use crate::color::Lab;
use crate::math::{mix, smoothstep};
use crate::noise::Rng;

/// A pane: the cell of a point, nearer to it than to any other.
#[derive(Clone, Copy)]
struct Pane {
    x: f32,
    y: f32,
    color: [f32; 3],
}

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let side = (art.unit / 8.2).max(8.0);
    let (columns, rows) = (
        (art.width / side) as usize + 4,
        (art.height / side) as usize + 4,
    );
    let panes = panes(art, columns, rows, side);
    let lead = art.color(art.colors.len() - 1).channels();
    let half = (art.unit / 210.0).max(0.9);
    let (width, height) = (art.pixels.width, art.pixels.height);
    let grain = art.noise(191);
    let unit = art.unit;
    let mut lines = Lines {
        first: vec![0.0; width],
        second: vec![0.0; width],
        pane: vec![0; width],
    };
    let colors: Vec<[f32; 3]> = panes.iter().map(|pane| pane.color).collect();
    for y in 0..height {
        let middle = y as f32 + 0.5;
        let row = (middle / side) as usize + 1;
        for column in 0..columns - 2 {
            // Pixels of one cell of the grid share their neighbours.
            let edge = |column: usize| ((column as f32 * side).ceil() as usize).min(width);
            let span = edge(column)..edge(column + 1);
            if !span.is_empty() {
                let near = neighbours(&panes, columns, rows, [row, column + 1], middle, &span);
                lines.measure(&panes, &near, middle, span);
            }
        }
        let offsets = art.dither.line(y, 0, width);
        let out = pixel::columns(art.pixels.row(y), 0, width);
        let places = lines.first.iter().zip(&lines.second).zip(&lines.pane);
        let uneven = half * (1.0 + 0.3 * grain.at(3.0, middle / unit * 9.0)) + 0.5;
        let deep = 1.0 / (half * 7.0);
        for (pixel, (((&one, &two), &pane), &offset)) in out.iter_mut().zip(places.zip(offsets)) {
            // Half the difference of the distances is the way to the edge.
            let gap = (two.sqrt() - one.sqrt()) * 0.5;
            let cover = (uneven - gap).clamp(0.0, 1.0);
            // Glass is darker where it meets the lead.
            let deep = (gap * deep).clamp(0.0, 1.0);
            let light = mix(0.8, 1.03, deep * (2.0 - deep));
            let glass = colors[pane as usize].map(|channel| channel * light);
            let color = pixel::mix(glass, lead, cover);
            *pixel = pixel::opaque(pixel::shift(color, offset));
        }
    }
}

/// Of every pixel of a row: squared distances to the two nearest points, and
/// which pane the nearest is.
struct Lines {
    first: Vec<f32>,
    second: Vec<f32>,
    pane: Vec<u32>,
}

impl Lines {
    #[inline(always)]
    fn measure(&mut self, panes: &[Pane], near: &[u32], y: f32, span: Range<usize>) {
        let left = span.start as f32 + 0.5;
        let first = &mut self.first[span.clone()];
        let second = &mut self.second[span.clone()];
        let best = &mut self.pane[span];
        first.fill(f32::MAX);
        second.fill(f32::MAX);
        for &index in near {
            let pane = panes[index as usize];
            let dy = y - pane.y;
            let square = dy * dy;
            let cells = first.iter_mut().zip(second.iter_mut()).zip(best.iter_mut());
            for (x, ((one, two), best)) in cells.enumerate() {
                let dx = left + x as i32 as f32 - pane.x;
                let away = dx * dx + square;
                let is_nearer = away < *one;
                *two = if is_nearer { *one } else { two.min(away) };
                *best = if is_nearer { index } else { *best };
                *one = one.min(away);
            }
        }
    }
}

/// The panes that may be nearest or second nearest somewhere on a span: those
/// whose least distance is within what two others never exceed.
#[inline(never)]
fn neighbours(
    panes: &[Pane],
    columns: usize,
    rows: usize,
    [row, column]: [usize; 2],
    y: f32,
    span: &Range<usize>,
) -> Vec<u32> {
    let (left, right) = (span.start as f32 + 0.5, span.end as f32 - 0.5);
    let mut found = Vec::with_capacity(25);
    let (mut least, mut limit) = (f32::MAX, f32::MAX);
    for r in row.saturating_sub(2)..(row + 3).min(rows) {
        for c in column.saturating_sub(2)..(column + 3).min(columns) {
            let index = r * columns + c;
            let Pane { x, y: py, .. } = panes[index];
            let square = (y - py) * (y - py);
            let outside = (left - x).max(x - right).max(0.0);
            let farthest = (x - left).abs().max((right - x).abs());
            let most = farthest * farthest + square;
            if most < least {
                (least, limit) = (most, least);
            } else {
                limit = limit.min(most);
            }
            found.push((outside * outside + square, index as u32));
        }
    }
    let near = found.into_iter().filter(|(nearest, _)| *nearest <= limit);
    near.map(|(_, index)| index).collect()
}

/// Points of a shaken grid. Colours run in bands around a point, so that the
/// window has a picture and not confetti.
#[inline(never)]
fn panes(art: &Art<'_, '_>, columns: usize, rows: usize, side: f32) -> Vec<Pane> {
    let mut rng = art.rng(192);
    let bands = art.noise(193);
    let centre = centre(art, &mut rng);
    let glass: Vec<Lab> = art.colors[1..art.colors.len() - 1]
        .iter()
        .map(|&color| Lab::from(color))
        .collect();
    let glass = if glass.is_empty() {
        vec![Lab::from(art.color(0))]
    } else {
        glass
    };
    let ground = Lab::from(art.color(0));
    let mut panes = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            let x = (column as f32 - 1.0 + rng.range(0.12, 0.88)) * side;
            let y = (row as f32 - 1.0 + rng.range(0.12, 0.88)) * side;
            let (dx, dy) = ((x - centre[0]) / art.unit, (y - centre[1]) / art.unit);
            let away = (dx * dx + dy * dy).sqrt();
            let wave = bands.at(x / art.unit * 2.2, y / art.unit * 2.2);
            let place = (away * 3.1 + wave * 0.9).max(0.0);
            let index = place as usize;
            let lab = if rng.chance(0.1) {
                ground
            } else {
                glass[(index + usize::from(rng.chance(0.16))) % glass.len()]
            };
            // Light comes from the middle.
            let l = lab.l + rng.range(-0.055, 0.055) + 0.07 * (1.0 - smoothstep(0.0, 0.7, away));
            let color = Lab {
                l: l.clamp(0.05, 0.97),
                ..lab
            }
            .to_channels();
            panes.push(Pane { x, y, color });
        }
    }
    panes
}

#[inline(never)]
fn centre(art: &Art<'_, '_>, rng: &mut Rng) -> [f32; 2] {
    [
        art.width * rng.range(0.3, 0.7),
        art.height * rng.range(0.3, 0.7),
    ]
}
