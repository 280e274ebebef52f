//! Sheets of cut paper, one before the other, each throwing a soft shadow on
//! the one behind.

use super::art::Art;
use super::disc::stamp;
use super::{field, pixel};
use crate::color::Lab;
use crate::math::{bell, mix, sin_turns, smoothstep};
use crate::noise::Rng;

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    sky(art);
    let mut rng = art.rng(61);
    moon(art, &mut rng);
    let sheets = art.colors.len() - 1;
    let envelope = envelope(art);
    let edges: Vec<Vec<f32>> = (0..sheets)
        .map(|index| {
            let depth = (index + 1) as f32 / sheets as f32;
            edge(art, &mut rng, &envelope, depth)
        })
        .collect();
    for (index, edge) in edges.iter().enumerate() {
        // Below the next sheet's lowest point nothing of this one remains.
        let lowest = edges.get(index + 1).map_or(art.height, |next| {
            next.iter().copied().fold(0.0, f32::max) + 2.0
        });
        sheet(art, index, edge, lowest.min(art.height) as usize);
    }
}

#[inline(always)]
fn sky(art: &mut Art<'_, '_>) {
    let base = art.color(0);
    let (top, low) = (
        Lab::from(base),
        Lab::from(base.mix(art.color(1), 0.3).lighter(0.02)),
    );
    let height = art.height;
    field::colors(art, 16, |_, y| {
        top.mix(low, smoothstep(0.1, 1.0, y / height)).to_channels()
    });
}

/// A disc of paper behind the sheets, in the free part of the sky.
#[inline(always)]
fn moon(art: &mut Art<'_, '_>, rng: &mut Rng) {
    let free = art.free_area();
    let radius = art.unit * rng.range(0.13, 0.17);
    let is_beside = free.width < art.width;
    let (x, y) = if is_beside {
        (
            free.x + free.width * rng.range(0.42, 0.62),
            free.y + free.height * rng.range(0.26, 0.36),
        )
    } else if art.calm.is_none() {
        // Inside an outline the corners are cut off.
        let x = art.width * rng.range(0.42, 0.62);
        (x, art.height * 0.06 + radius * 1.2)
    } else {
        (art.width * rng.range(0.62, 0.8), free.y + radius * 1.02)
    };
    let color = art.color(0).mix(art.accent(0), 0.1).lighter(0.09);
    let dark = Lab::from(art.color(0)).scaled(0.62).to_color();
    let reach = radius * 1.22;
    let (sx, sy) = (x + radius * 0.05, y + radius * 0.1);
    stamp(
        art.pixels,
        [sx - reach, sy - reach, sx + reach, sy + reach],
        dark,
        |px, py| {
            let (dx, dy) = (px - sx, py - sy);
            bell((dx * dx + dy * dy) / (reach * reach)) * 0.9
        },
    );
    super::disc::disc(art.pixels, x, y, radius, color);
}

/// The highest that sheets may stand, per column: under the text where there
/// is text, and freely beside it.
#[inline(always)]
fn envelope(art: &Art<'_, '_>) -> Vec<f32> {
    let high = art.height * 0.34;
    let reach = art.unit * 0.3;
    // Where text spans the page, the moon rises between it and the sheets.
    let is_beside = art.free_area().width < art.width;
    let headroom = art.unit * if is_beside { 0.03 } else { 0.1 };
    (0..art.pixels.width)
        .map(|x| {
            let Some(calm) = art.calm else {
                return high;
            };
            let x = x as f32;
            let beside = (calm.x - x).max(x - calm.right()).max(0.0);
            let below = (calm.bottom() + headroom).min(art.height * 0.93);
            mix(below.max(high), high, smoothstep(0.0, reach, beside))
        })
        .collect()
}

/// The upper edge of a sheet, per column.
#[inline(always)]
fn edge(art: &Art<'_, '_>, rng: &mut Rng, envelope: &[f32], depth: f32) -> Vec<f32> {
    // The weights add up to one.
    let waves: Vec<(f32, f32, f32)> = [(0.55, 0.64), (1.25, 0.26), (2.7, 0.10)]
        .into_iter()
        .map(|(frequency, weight)| (frequency * rng.range(0.8, 1.2), rng.unit(), weight))
        .collect();
    let unit = art.unit;
    envelope
        .iter()
        .enumerate()
        .map(|(x, &top)| {
            let room = art.height - top;
            let wave: f32 = waves
                .iter()
                .map(|&(frequency, phase, weight)| {
                    sin_turns(x as f32 / unit * frequency + phase) * weight
                })
                .sum();
            // Nearer sheets stand lower; even the crest of a wave stays below
            // the envelope.
            let rest = top + room * mix(0.2, 0.88, (depth - 0.2).max(0.0) / 0.8);
            let swing = room * 0.2;
            (rest + wave * swing).max(top)
        })
        .collect()
}

#[inline(always)]
fn sheet(art: &mut Art<'_, '_>, index: usize, edge: &[f32], last: usize) {
    let color = art.accent(index);
    let face = Lab::from(color);
    let shade = Lab {
        l: face.l * 0.9,
        ..face
    };
    let (face, shade) = (face.to_channels(), shade.to_channels());
    let rim = color.lighter(0.07).channels();
    let blur = art.unit * 0.045;
    // What is behind is darkened in its own hue, not greyed.
    let behind = if index == 0 {
        art.color(0)
    } else {
        art.accent(index - 1)
    };
    let behind = Lab::from(behind);
    let dark = Lab {
        l: behind.l * 0.62,
        a: behind.a * 1.15,
        b: behind.b * 1.15,
    }
    .to_channels();
    let thin = 1.0 / (art.unit / 620.0).max(0.8);
    let slow = 1.0 / (art.height * 0.5);
    let narrow = 1.0 / blur;
    let highest = edge.iter().copied().fold(art.height, f32::min);
    for y in (highest - blur - 1.0).max(0.0) as usize..last {
        let middle = y as f32 + 0.5;
        let offsets = art.dither.line(y, 0, edge.len());
        let row = pixel::columns(art.pixels.row(y), 0, edge.len());
        for (pixel, (&top, &offset)) in row.iter_mut().zip(edge.iter().zip(offsets)) {
            let depth = middle - top;
            // Above the edge: what this sheet darkens.
            let near = (1.0 + depth * narrow).clamp(0.0, 1.0);
            let shadow = near * near * 0.5;
            // Below it: the sheet, lighter along its rim.
            let cover = (depth + 0.5).clamp(0.0, 1.0);
            let bright = (1.5 - depth * thin).clamp(0.0, 1.0);
            let t = (depth * slow).clamp(0.0, 1.0);
            let paper = pixel::mix(pixel::mix(face, shade, t), rim, bright);
            // Both are computed and one is taken: no branch, so that eight
            // pixels go at a time.
            let is_above = depth <= -0.5;
            let share = if is_above { shadow } else { cover };
            let offset = if is_above { 0.0 } else { offset };
            let color = std::array::from_fn(|i| if is_above { dark[i] } else { paper[i] });
            *pixel = pixel::opaque(pixel::shift(
                pixel::mix(pixel::read(*pixel), color, share),
                offset,
            ));
        }
    }
}
