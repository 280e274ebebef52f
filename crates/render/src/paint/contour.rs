//! Height lines over tinted bands, as on a map.

use super::art::Art;
use super::field::Relief;
use super::pixel;
use super::ramp::{Looked, Ramp};

/// Bands from the lowest to the highest ground.
const LEVELS: f32 = 19.0;
/// Every so many lines, a thicker one.
const INDEX_LINE: f32 = 5.0;

#[inline(always)]
pub(super) fn paint(art: &mut Art<'_, '_>) {
    let (width, height) = (art.pixels.width, art.pixels.height);
    let step = ((art.unit / 80.0) as usize).clamp(4, 32);
    let hills = art.noise(21);
    let detail = art.noise(22);
    let (unit, calm) = (art.unit, art.calm);
    let relief = Relief::new(width, height, step, |px, py| {
        let (x, y) = (px / unit, py / unit);
        let height = hills.octaves(x * 1.7, y * 1.7, 2) * 0.72 + detail.at(x * 5.3, y * 5.3) * 0.06;
        0.5 + height * 0.72
    });
    let quiet = Relief::new(width, height, step, |px, py| {
        super::art::calmness(calm, px, py, unit * 0.22)
    });
    let ground = art.color(0);
    let ramp = Ramp::new(&[ground, art.color(2)]);
    let line_color = art.color(1).channels();
    let thin = (unit / 950.0).max(0.55);
    let (mut spare, mut here, mut below, mut calmness) = (vec![], vec![], vec![], vec![]);
    let (mut ink, mut tone) = (vec![0.0; width], vec![0.0; width]);
    let mut tones = Looked::default();
    relief.row(0, width, &mut spare, &mut here);
    for y in 0..height {
        relief.row(y + 1, width, &mut spare, &mut below);
        quiet.row(y, width, &mut spare, &mut calmness);
        lines(&here, &below, &calmness, thin, &mut ink, &mut tone);
        let offsets = art.dither.line(y, 0, width);
        let row = pixel::columns(art.pixels.row(y), 0, width);
        tones.up(&ramp, &tone);
        let cells = ink.iter().zip(tones.iter()).zip(offsets);
        for (pixel, ((&share, tone), &offset)) in row.iter_mut().zip(cells) {
            let color = pixel::mix(tone, line_color, share);
            *pixel = pixel::opaque(pixel::shift(color, offset));
        }
        std::mem::swap(&mut here, &mut below);
    }
}

/// How much line and which tone stands at every pixel of a row. Straight
/// arithmetic without branches, so that eight pixels go at a time.
#[inline(always)]
fn lines(
    here: &[f32],
    below: &[f32],
    calmness: &[f32],
    thin: f32,
    ink: &mut [f32],
    tone: &mut [f32],
) {
    let width = here.len();
    // Told once that all are as long, the compiler need not ask every time.
    let (below, calmness) = (&below[..width], &calmness[..width]);
    let (ink, tone) = (&mut ink[..width], &mut tone[..width]);
    // The last pixel has no neighbour to the right and repeats the one before.
    let last = width - 1;
    for x in 0..last {
        let value = here[x] * LEVELS;
        let (gx, gy) = (here[x + 1] * LEVELS - value, below[x] * LEVELS - value);
        let slope = (gx * gx + gy * gy).sqrt().max(1e-4);
        let nearest = (value + 0.5).floor();
        let distance = (value - nearest).abs() / slope;
        let turn = nearest / INDEX_LINE;
        let is_index = turn - turn.floor() < 0.1;
        let (half, strength) = if is_index { (1.05, 1.0) } else { (0.5, 0.74) };
        // Plateaus would fill with one fat line.
        let rise = (slope * thin * (1.0 / 0.012)).min(1.0);
        ink[x] = (half * thin + 0.5 - distance).clamp(0.0, 1.0)
            * strength
            * (1.0 - 0.68 * calmness[x])
            * rise;
        tone[x] = (value.floor() + 0.5) / LEVELS * (1.0 - 0.6 * calmness[x]);
    }
    if last > 0 {
        (ink[last], tone[last]) = (ink[last - 1], tone[last - 1]);
    }
}
